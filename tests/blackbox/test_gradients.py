"""check_gradients: what it accepts, what it names, and what it costs."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from bpdoctor import Report, Sick, check_gradients
from tests.blackbox.networks import altered, median_entry, perceptron

X = np.random.default_rng(1).normal(size=(7, 4))
Y = np.random.default_rng(2).normal(size=(7, 3))
W = np.random.default_rng(3).normal(size=(4, 3))
B = np.random.default_rng(4).normal(size=3)


def mean_square(w: Any, b: Any) -> Any:
    return np.sum((X @ w + b - Y) ** 2) / len(X)


def slopes(w: Any, b: Any) -> tuple[Any, Any]:
    d = 2 * (X @ w + b - Y) / len(X)
    return X.T @ d, d.sum(axis=0)


def headlines(report: Report) -> list[str]:
    return [finding.message for finding in report.findings]


def only(report: Report, rule: str) -> Any:
    assert [f.rule for f in report.findings] == [rule], str(report)
    return report.findings[0]


# ---- containers and conventions


def test_spread_over_arguments() -> None:
    report = check_gradients(mean_square, slopes, (W, B))
    assert report, str(report)
    assert [g.parameter for g in report.gradients] == ["w", "b"]
    assert [g.status for g in report.gradients] == ["ok", "ok"]


def test_whole_container() -> None:
    assert check_gradients(lambda p: mean_square(*p), lambda p: slopes(*p), [W, B])


def test_dict_and_keys_with_a_d() -> None:
    report = check_gradients(
        lambda p: mean_square(p["W"], p["b"]),
        lambda p: dict(zip(("dW", "db"), slopes(p["W"], p["b"]), strict=True)),
        {"W": W, "b": B},
    )
    assert report
    assert [g.parameter for g in report.gradients] == ["W", "b"]


def test_dict_by_name() -> None:
    assert check_gradients(mean_square, lambda w, b: dict(zip("wb", slopes(w, b), strict=True)), {"w": W, "b": B})


def test_nested() -> None:
    params = {"layers": [{"W": W, "b": B}], "scale": 1.5}

    def loss(p: Any) -> Any:
        return p["scale"] * mean_square(**{k.lower(): v for k, v in p["layers"][0].items()})

    def grad(p: Any) -> Any:
        layer = p["layers"][0]
        dw, db = slopes(layer["W"], layer["b"])
        s = p["scale"]
        return {"layers": [{"W": s * dw, "b": s * db}], "scale": mean_square(layer["W"], layer["b"])}

    report = check_gradients(loss, grad, params)
    assert report, str(report)
    assert [g.parameter for g in report.gradients] == ["layers[0].W", "layers[0].b", "scale"]


def test_plain_numbers_in_lists() -> None:
    def loss(w: list[float]) -> float:
        assert isinstance(w, list)
        return w[0] * w[0] * w[1] + 3 * w[1]

    assert check_gradients(loss, lambda w: [2 * w[0] * w[1], w[0] ** 2 + 3], [0.5, -1.5])


def test_loss_that_returns_both() -> None:
    assert check_gradients(lambda w, b: (mean_square(w, b), slopes(w, b)), None, (W, B))
    assert not check_gradients(lambda w, b: (mean_square(w, b), slopes(-w, b)), None, (W, B))


def test_gradient_given_as_arrays() -> None:
    assert check_gradients(mean_square, slopes(W, B), (W, B))


class Net:
    def __init__(self) -> None:
        self.W, self.b, self.rate = W.copy(), B.copy(), 0.1

    def loss(self, x: Any, y: Any) -> Any:
        self.x, self.error = x, x @ self.W + self.b - y
        return np.sum(self.error**2) / len(x)

    def backward(self, x: Any, y: Any) -> None:
        d = 2 * self.error / len(x)
        self.dW, self.db = self.x.T @ d, d.sum(axis=0)


class Lazy(Net):
    """Its backward computes the forward pass itself, and forgets to divide."""

    def backward(self, x: Any, y: Any) -> None:
        d = 2 * (x @ self.W + self.b - y)
        self.dW, self.db = x.T @ d, d.sum(axis=0)


def test_attributes_of_an_object() -> None:
    net = Net()
    before = net.W
    report = check_gradients(net.loss, net.backward, net, args=(X, Y))
    # `error` and `x` are those of the last call, made at other parameters: the object is stateful.
    assert net.W is before
    assert [g.parameter for g in report.gradients] == ["W", "b"]


def test_attributes_wrong_by_a_factor() -> None:
    net = Lazy()
    finding = only(check_gradients(net.loss, net.backward, net, args=(X, Y)), "gradient-scale")
    assert "`W`, `b` is 7 times" in finding.message
    assert "a division by 7 is missing" in finding.why


def test_arrays_changed_in_place() -> None:
    w, b = W.copy(), B.copy()
    report = check_gradients(lambda: mean_square(w, b), lambda: list(slopes(w, b)), [w, b])
    assert report, str(report)
    assert np.array_equal(w, W)
    assert np.array_equal(b, B)


def test_float32() -> None:
    loss, grad, params = perceptron((5, 6, 3), dtype=np.float32)
    assert check_gradients(loss, grad, params)
    report = check_gradients(loss, altered(grad, lambda g: g.__setitem__(0, 1.01 * g[0])), params)
    assert "1.01 times" in only(report, "gradient-scale").message


# ---- refusals and pre-flight


@pytest.mark.parametrize(
    ("value", "words"), [(W.astype(complex), "complex"), (np.ones(3, int), "integers"), ("W", "not numbers")]
)
def test_what_cannot_be_differentiated_by(value: Any, words: str) -> None:
    with pytest.raises(TypeError, match=words):
        check_gradients(lambda p: 0.0, lambda p: p, {"W": value})


def test_random_loss_is_named() -> None:
    rng = random.SystemRandom()
    finding = only(
        check_gradients(lambda w: float((w**2).sum()) + rng.random(), lambda w: 2 * w, B), "non-deterministic"
    )
    assert "two values" in finding.message


def test_generators_are_rewound() -> None:
    rng = np.random.default_rng()

    def mask() -> Any:
        return rng.random(3) < 0.5, np.random.rand(3), random.random()

    def loss(w: Any) -> Any:
        keep, noise, one = mask()
        return np.sum(keep * noise * w**2) * one + np.sum(w)

    def grad(w: Any) -> Any:
        keep, noise, one = mask()
        return 2 * keep * noise * w * one + 1

    state = rng.bit_generator.state
    assert check_gradients(loss, grad, B)
    assert check_gradients(loss, lambda w: 2 * w, B).verdict == "sick"
    assert rng.bit_generator.state == state


def test_mutated_argument_is_named() -> None:
    def loss(w: Any) -> Any:
        w -= w.mean()
        return np.sum(w**2)

    report = check_gradients(loss, lambda w: 2 * (w - w.mean()), B)
    assert [f.rule for f in report.findings] == ["input-mutated"]
    assert "`w` is changed in place by the loss function" in headlines(report)[0]


def test_accumulating_gradient_is_named() -> None:
    total = np.zeros(3)

    def grad(w: Any) -> Any:
        nonlocal total
        total = total + 2 * w
        return total

    report = check_gradients(lambda w: np.sum(w**2), grad, B)
    assert "not-idempotent" in [f.rule for f in report.findings]


@pytest.mark.parametrize(
    ("grad", "words"),
    [
        (lambda w, b: (slopes(w, b)[0].T, slopes(w, b)[1]), "shape (3, 4), the parameter has (4, 3)"),
        (lambda w, b: (slopes(w, b)[0], 2 * (X @ w + b - Y)), "shape (7, 3), the parameter has (3,)"),
        (lambda w, b: slopes(w, b)[:1], "1 gradients"),
        (lambda w, b: (slopes(w, b)[0], None), "is None"),
    ],
)
def test_shapes_are_named_before_any_number(grad: Any, words: str) -> None:
    report = check_gradients(mean_square, grad, (W, B))
    assert words in only(report, "gradient-shape").message
    assert report.cost["forward_evaluations"] <= 2


def test_row_vector_for_a_vector_is_a_warning() -> None:
    report = check_gradients(mean_square, lambda w, b: (slopes(w, b)[0], slopes(w, b)[1][None]), (W, B))
    assert report
    assert [f.severity for f in report.findings] == ["warning"]


def test_loss_must_be_one_number() -> None:
    finding = only(check_gradients(lambda w: w**2, lambda w: 2 * w, B), "loss-shape")
    assert "an array of shape (3,)" in finding.message


def test_nan_is_named() -> None:
    report = check_gradients(mean_square, lambda w, b: (slopes(w, b)[0] * np.nan, slopes(w, b)[1]), (W, B))
    assert only(report, "non-finite").message == "the gradient of `w` is nan at [0, 0]"
    assert [g.status for g in report.gradients] == ["not-finite", "ok"]


def test_nothing_tested_is_not_healthy() -> None:
    report = check_gradients(lambda w: 0.0 * np.sum(w), lambda w: 0.0 * w, B)
    assert report.verdict == "inconclusive"
    assert "nothing was tested" in report.reason


# ---- kinks and noise


@pytest.mark.parametrize("complex_step", [None, False])
def test_kink_exactly_at_the_point(complex_step: bool | None) -> None:
    for function, slope in ((np.abs, np.sign), (lambda z: np.maximum(z, 0), lambda z: (z > 0) * 1.0)):
        w = np.array([0.0, 1.0, -2.0, 0.0])
        report = check_gradients(
            lambda v, f=function: np.sum(f(v)) + np.sum(v**2),
            lambda v, s=slope: s(v) + 2 * v,
            w,
            complex_step=complex_step,
        )
        assert report, str(report)
        assert any("kink" in text for text in report.assumptions)


def test_error_is_found_at_a_kink() -> None:
    w = np.array([0.0, 1.0, -2.0, 0.0])
    wrong = check_gradients(lambda v: np.sum(np.abs(v)), lambda v: np.sign(v) * [1, 1, 1.1, 1], w)
    assert wrong.verdict == "sick"


def test_constant_for_stability_is_no_error() -> None:
    def loss(z: Any) -> Any:
        p = np.exp(z) / np.exp(z).sum()
        return -np.log(p[0] + 1e-9)

    report = check_gradients(loss, lambda z: np.exp(z) / np.exp(z).sum() - [1, 0, 0], B)
    assert report, str(report)


def test_noise_that_hides_everything_is_inconclusive() -> None:
    def loss(w: Any) -> Any:
        return float(np.sum(w**2)) + 100 * np.sin(1e7 * float(np.sum(w)))

    assert check_gradients(loss, lambda w: 2 * w, B).verdict == "inconclusive"


# ---- what is named


@pytest.mark.parametrize("complex_step", [None, False])
@pytest.mark.parametrize("relu", [False, True])
def test_single_entry(complex_step: bool | None, relu: bool) -> None:
    loss, grad, params = perceptron((20, 30, 10), relu=relu)
    true = grad(params)[0]
    at = median_entry(true) if true.any() else (0, 0)
    wrong = altered(grad, lambda g: g[0].__setitem__(at, 1.01 * g[0][at]))
    report = check_gradients(loss, wrong, params, complex_step=complex_step, names=["W1", "b1", "W2", "b2"])
    finding = only(report, "wrong-gradient")
    assert finding.message == f"the gradient of `W1` is wrong at {list(at)}"
    assert f"claimed {1.01 * true[at]:.6g}"[:-1] in finding.evidence[0]
    assert "1.01 times" in finding.evidence[0]
    assert report.cost["forward_evaluations"] <= (24 if complex_step is None else 80)


@pytest.mark.parametrize("complex_step", [None, False])
def test_ten_entries(complex_step: bool | None) -> None:
    loss, grad, params = perceptron((40, 50, 10))
    picks = np.random.default_rng(6).choice(2000, 10, replace=False)

    def change(g: list[Any]) -> None:
        g[0].flat[picks] *= 1.01

    report = check_gradients(loss, altered(grad, change), params, complex_step=complex_step)
    assert "10 of its 2000 entries" in only(report, "wrong-gradient").message
    assert report.cost["forward_evaluations"] <= (100 if complex_step is None else 350)


STRUCTURED = [
    ("gradient-scale", "16 times", lambda g: g.__setitem__(slice(None), [16 * v for v in g])),
    ("gradient-scale", "wrong sign", lambda g: g.__setitem__(slice(None), [-v for v in g])),
    ("gradient-scale", "`p[2]` is 1/2 times", lambda g: g.__setitem__(2, g[2] / 2)),
    ("transposed-gradient", "`p[2]` is transposed", lambda g: g.__setitem__(2, g[2].T.copy())),
    ("bias-gradient-scale", "`p[1]`, `p[3]`", lambda g: (g.__setitem__(1, g[1] / 16), g.__setitem__(3, g[3] / 16))),
    ("wrong-gradient", "row 4", lambda g: g[0].__setitem__(4, 0.0)),
    ("wrong-gradient", "column 2", lambda g: g[0].__setitem__((slice(None), 2), 3 * g[0][:, 2])),
]


@pytest.mark.parametrize("complex_step", [None, False])
@pytest.mark.parametrize(("rule", "words", "change"), STRUCTURED)
def test_structure(rule: str, words: str, change: Any, complex_step: bool | None) -> None:
    loss, grad, params = perceptron((9, 12, 12))
    report = check_gradients(loss, altered(grad, change), params, complex_step=complex_step)
    assert words in only(report, rule).message
    if "row" not in words and "column" not in words:
        assert report.cost["forward_evaluations"] <= 16


@pytest.mark.parametrize("sign", [0.0, -1.0])
def test_penalty_missing_or_of_the_wrong_sign(sign: float) -> None:
    loss, grad, params = perceptron((9, 12, 5))

    def with_penalty(p: list[Any]) -> Any:
        return loss(p) + 0.05 * sum(np.sum(w * w) for w in p[::2])

    def wrong(p: list[Any]) -> list[Any]:
        return [g + sign * 0.1 * w if w.ndim == 2 else g for g, w in zip(grad(p), p, strict=True)]

    finding = only(check_gradients(with_penalty, wrong, params), "regularisation-gradient-missing")
    assert f"lacks the term 1/{10 if sign == 0 else 5} · `p[0]`, `p[2]`" in finding.message


def test_unrelated_gradient() -> None:
    loss, grad, params = perceptron((9, 12, 5))
    noise = np.random.default_rng(0).normal(size=(9, 12))
    report = check_gradients(loss, altered(grad, lambda g: g.__setitem__(0, noise)), params)
    assert headlines(report) == ["the gradient of `p[0]` is wrong"]
    assert [g.status for g in report.gradients] == ["wrong", "ok", "ok", "ok"]


def test_small_tensor_is_not_lost_beside_a_large_one() -> None:
    def loss(p: Any) -> Any:
        return 1e6 * np.sum(np.sin(p["big"])) + 1e-3 * np.sum(np.cos(p["small"]))

    def grad(p: Any) -> Any:
        return {"big": 1e6 * np.cos(p["big"]), "small": 1e-3 * np.sin(p["small"])}

    report = check_gradients(loss, grad, {"big": W, "small": B})
    assert report.verdict == "sick"
    assert "`small`" in headlines(report)[0]


# ---- the report


def test_report_shows_itself() -> None:
    report = check_gradients(mean_square, lambda w, b: (3 * slopes(w, b)[0], slopes(w, b)[1]), (W, B))
    assert not report
    assert "error[BP502]: the gradient of `w` is 3 times the derivative of the loss" in str(report)
    assert "test_gradients.py" in str(report)
    assert "<pre" in report._repr_html_()
    assert "&#x27;" in report._repr_html_() or "`w`" in report._repr_html_()
    assert '"kind": "callables"' in report.to_json()
    with pytest.raises(Sick, match="3 times") as caught:
        report.raise_if_sick()
    assert caught.value.report is report
    assert isinstance(caught.value, AssertionError)
    check_gradients(mean_square, slopes, (W, B)).raise_if_sick()


def test_same_seed_same_report() -> None:
    def once() -> str:
        report = check_gradients(mean_square, lambda w, b: (slopes(w, b)[0] ** 2, slopes(w, b)[1]), (W, B), seed=5)
        return report.to_json().split('"seconds"', maxsplit=1)[0]

    assert once() == once()
