"""check_layer, check_derivative, check_loss, and the assertions made of them."""

from __future__ import annotations

import doctest
import importlib
from typing import Any

import numpy as np
import pytest

from bpdoctor import check, check_derivative, check_layer, check_loss
from bpdoctor import testing as assertions
from tests.blackbox.problems import logistic

RNG = np.random.default_rng(0)
X, W, B = RNG.normal(size=(5, 4)), RNG.normal(size=(4, 3)), RNG.normal(size=3)


# ---- layers


def affine_forward(x: Any, w: Any, b: Any) -> Any:
    return x @ w + b, (x, w, b)


def affine_backward(dout: Any, cache: Any) -> Any:
    x, w, _ = cache
    return dout @ w.T, x.T @ dout, dout.sum(axis=0)


def test_function_pair_with_cache() -> None:
    report = check_layer(affine_forward, affine_backward, (X, W, B))
    assert report, str(report)
    assert [g.parameter for g in report.gradients] == ["x", "w", "b"]


def test_cache_first() -> None:
    def backward(cache: Any, dout: Any) -> Any:
        return affine_backward(dout, cache)

    assert check_layer(affine_forward, backward, (X, W, B))


def test_bias_not_summed_is_a_shape() -> None:
    report = check_layer(affine_forward, lambda dout, cache: (*affine_backward(dout, cache)[:2], dout), (X, W, B))
    assert [f.rule for f in report.findings] == ["gradient-shape"]
    assert "`b`" in report.findings[0].message
    assert "not summed over its first axis" in report.findings[0].why


def test_ignoring_the_upstream_gradient() -> None:
    report = check_layer(lambda x: (np.tanh(x), x), lambda dout, x: 1 - np.tanh(x) ** 2, X)
    assert report.verdict == "sick"


def test_integer_inputs_are_passed_on() -> None:
    labels = np.array([0, 2, 1, 1, 0])

    def forward(scores: Any, y: Any) -> Any:
        shifted = scores - scores.max(axis=1, keepdims=True)
        p = np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True)
        return -np.log(p[np.arange(len(y)), y]), (p, y)

    def backward(dout: Any, cache: Any) -> Any:
        p, y = cache
        d = p.copy()
        d[np.arange(len(y)), y] -= 1
        return d * dout[:, None]

    report = check_layer(forward, backward, (RNG.normal(size=(5, 3)), labels))
    assert report, str(report)


class Affine:
    def __init__(self) -> None:
        self.W, self.b = W.copy(), B.copy()

    def forward(self, x: Any) -> Any:
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout: Any) -> Any:
        self.dW, self.db = self.x.T @ dout, dout.sum(axis=0)
        return dout @ self.W.T


class Relu:
    def forward(self, x: Any) -> Any:
        self.mask = x > 0
        return x * self.mask

    def backward(self, dout: Any) -> Any:
        return dout * self.mask


class MeanBias(Affine):
    def backward(self, dout: Any) -> Any:
        self.dW, self.db = self.x.T @ dout, dout.mean(axis=0)
        return dout @ self.W.T


def test_layer_object_with_parameters() -> None:
    layer = Affine()
    kept = layer.W
    report = check_layer(layer, inputs=X)
    assert report, str(report)
    assert [g.parameter for g in report.gradients] == ["x", "W", "b"]
    assert layer.W is kept
    assert check_layer(Relu(), inputs=X)


def test_bound_methods_of_a_wrong_layer() -> None:
    layer = MeanBias()
    report = check_layer(layer.forward, layer.backward, X)
    assert [(f.rule, f.message) for f in report.findings] == [
        ("gradient-scale", "the gradient of `b` is 1/5 times the derivative of the loss")
    ]


def test_relu_at_its_kink() -> None:
    assert check_layer(Relu(), inputs=np.array([[0.0, 1.0, -1.0], [0.0, 0.0, 2.0]]))


# ---- derivatives


@pytest.mark.parametrize(
    ("f", "df"),
    [
        (np.tanh, lambda x: 1 - np.tanh(x) ** 2),
        (lambda z: np.maximum(z, 0), lambda z: (z > 0).astype(float)),
        (lambda z: np.maximum(z, 0), lambda z: (z >= 0).astype(float)),
        (np.abs, np.sign),
        (np.log, lambda x: 1 / x),
        (np.sqrt, lambda x: 0.5 / np.sqrt(x)),
        (lambda x: max(0.0, x), lambda x: 1.0 if x > 0 else 0.0),
        (lambda x: np.float32(x) ** 2, lambda x: 2 * x),
    ],
)
def test_right_derivatives(f: Any, df: Any) -> None:
    report = check_derivative(f, df)
    assert report or f(np.float32(2)) == 4, str(report)


@pytest.mark.parametrize(
    ("df", "words"),
    [
        (lambda x: logistic(x) ** 2, "`<lambda>` is not the derivative of `logistic`"),
        (lambda a: a * (1 - a), "in terms of its output, not of its input"),
        (lambda x: -logistic(x) * (1 - logistic(x)), "the negative of"),
        (lambda x: 0.5 * logistic(x) * (1 - logistic(x)), "1/2 times"),
    ],
)
def test_wrong_derivatives(df: Any, words: str) -> None:
    report = check_derivative(logistic, df)
    assert report.verdict == "sick"
    assert words in report.findings[0].message


def test_wrong_beside_a_kink_is_found() -> None:
    assert check_derivative(lambda z: np.maximum(z, 0.01 * z), lambda z: (z > 0) * 1.0).verdict == "sick"


# ---- losses


def test_losses() -> None:
    assert check_loss(lambda p, y: np.mean((p - y) ** 2), lambda p, y: 2 * (p - y) / p.size)
    assert check_loss(lambda p, y: 0.5 * (p - y) ** 2, lambda p, y: p - y)
    assert check_loss(
        lambda p, y: -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)), lambda p, y: (p - y) / (p * (1 - p)) / p.size
    )


def test_half_binary_cross_entropy() -> None:
    report = check_loss(lambda p, y: -np.sum(y * np.log(p) + (1 - y) * np.log(1 - p)), lambda p, y: -y / p)
    assert report.verdict == "sick"


def test_broadcast_loss_is_named() -> None:
    report = check_loss(
        lambda p, y: np.sum((p - y) ** 2),
        lambda p, y: 2 * (p - y).sum(axis=1, keepdims=True),
        np.ones((4, 1)) / 3,
        np.arange(4.0),
    )
    assert [f.rule for f in report.findings] == ["broadcast-loss"]
    assert "(4, 4)" in report.findings[0].message


# ---- assertions


def test_assertions_pass_and_fail() -> None:
    assertions.assert_layer(affine_forward, affine_backward, (X, W, B))
    assertions.assert_derivative(np.tanh, lambda x: 1 - np.tanh(x) ** 2)
    assertions.assert_loss_derivative(lambda p, y: np.sum((p - y) ** 2), lambda p, y: 2 * (p - y))
    with pytest.raises(AssertionError, match=r"3 times the derivative(.|\n)*to reproduce: seed=4"):
        assertions.assert_gradients(lambda w: np.sum(w**2), lambda w: 6 * w, B, seed=4)
    with pytest.raises(AssertionError, match="nothing was tested"):
        assertions.assert_gradients(lambda w: 0 * np.sum(w), lambda w: 0 * w, B)


def test_units() -> None:
    table = np.abs(X) + 0.1
    assertions.assert_no_dead_units(table)
    table[:, 2] = 0
    with pytest.raises(AssertionError, match=r"1 of 4 units are 0 for every sample \(5 samples\): 2"):
        assertions.assert_no_dead_units(table)
    assertions.assert_no_dead_units(table, share=0.25)
    with pytest.raises(AssertionError, match="2 of 2 units are saturated"):
        assertions.assert_no_saturation(np.sign(X[:, :2]), low=-1, high=1)


def test_mutation() -> None:
    def centre(x: Any) -> Any:
        x -= x.mean()
        return x

    with pytest.raises(AssertionError, match="`centre` changed argument 1 in place"):
        assertions.assert_no_mutation(centre, X.copy())


def test_training() -> None:
    state = {"w": 1.0}

    def step(rate: float = 1.2) -> float:
        state["w"] -= rate * 2 * state["w"]
        return state["w"] ** 2

    with pytest.raises(AssertionError, match="does not fall"):
        assertions.assert_trains(step, steps=10)
    with pytest.raises(AssertionError, match="the loss is nan at step 1"):
        assertions.assert_trains(lambda: np.nan)


def test_whole_programs() -> None:
    assertions.assert_healthy("cases/healthy/xor_tanh.py")
    with pytest.raises(AssertionError, match="BP301"):
        assertions.assert_healthy("cases/double-activation-derivative/sick.py", fix=False)
    with pytest.raises(TypeError, match="no source file"):
        check(3)


@pytest.mark.parametrize(
    "name", ["blackbox.gradients", "blackbox.layer", "blackbox.losses", "blackbox.derivative", "testing"]
)
def test_examples(name: str) -> None:
    outcome = doctest.testmod(importlib.import_module(f"bpdoctor.{name}"))
    assert outcome.attempted
    assert not outcome.failed


def test_codes_are_those_of_the_rules() -> None:
    from bpdoctor.blackbox.trouble import KINDS
    from bpdoctor.rules import all_rules

    for code, slug, _ in KINDS.values():
        if code:
            assert all_rules()[slug].code == code
