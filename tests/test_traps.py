"""The traps of hand-written backpropagation: what misleads whoever checks it, each with a program.

Every trap has a correct program that must draw no alarm, one with a fault that must be named, or both.
"""

import json
from pathlib import Path

import pytest

from bpdoctor.model.report import Report
from bpdoctor.pipeline import Options, check_path

DATA = """\
import numpy as np

rng = np.random.default_rng(41)
X = rng.normal(size=(24, 3))
"""

CLASSIFIER = (
    DATA
    + """\
t = (X[:, :1] + X[:, 1:2] * X[:, 2:] > 0).astype(float)
W, b = 0.8 * rng.normal(size=(3, 5)), np.zeros(5)
V, c = 0.8 * rng.normal(size=(5, 1)), np.zeros(1)
for epoch in range(120):
    z = X @ W + b
    h = {activation}
    p = 1 / (1 + np.exp(-(h @ V + c)))
    {loss}
    d = {delta}
    e = d @ V.T * {slope}
    {update}
"""
)

REGRESSION = (
    DATA
    + """\
t = np.sin(2 * X[:, :1]) * X[:, 1:2]
W, b = 0.8 * rng.normal(size=(3, 6)), 0.1 * rng.normal(size=6)
V, c = 0.8 * rng.normal(size=(6, 1)), np.zeros(1)
{setting}
for epoch in range(100):
    z = X @ W + b
    {forward}
    y = h @ V + c
    loss = np.mean((y - t) ** 2)
    d = 2 * (y - t) / len(X)
    {backward}
    V -= 0.1 * h.T @ d
    c -= 0.1 * d.sum(axis=0)
    W -= 0.1 * X.T @ e
    b -= 0.1 * e.sum(axis=0)
print(loss)
"""
)

ENTROPY = "print(-np.mean(t * np.log(p) + (1 - t) * np.log(1 - p)))"
UPDATE = "V -= 0.5 * h.T @ d; c -= 0.5 * d.sum(axis=0); W -= 0.5 * X.T @ e; b -= 0.5 * e.sum(axis=0)"


def checked(text: str, folder: Path, *, fix: bool = False) -> Report:
    path = folder / "net.py"
    path.write_text(text)
    return check_path(str(path), Options(fix=fix))


def classifier(**parts: str) -> str:
    usual = {"activation": "np.tanh(z)", "loss": "", "delta": "(p - t) / len(X)", "slope": "(1 - h**2)"}
    return CLASSIFIER.format(**{**usual, "update": UPDATE, **parts})


def regression(forward: str = "h = np.tanh(z)", backward: str = "e = d @ V.T * (1 - h**2)", setting: str = "") -> str:
    return REGRESSION.format(forward=forward, backward=backward, setting=setting)


def told(report: Report, *severities: str) -> set[str]:
    """The rules of the findings of these severities; of errors where none is given."""
    return {f.rule for f in report.findings if f.severity in (severities or ("error",))}


def silent(report: Report) -> bool:
    """Whether a program is healthy, without errors or warnings."""
    return report.verdict == "healthy" and not told(report, "error", "warning")


# ---- 1: the loss is implied


def test_01_a_difference_is_the_gradient_of_the_loss_that_is_named(tmp_path: Path) -> None:
    report = checked(classifier(), tmp_path)
    assert silent(report)
    assert report.subject.loss is not None and report.subject.loss.form == "binary cross-entropy"
    assert any("binary cross-entropy" in line for line in report.assumptions)


def test_01_a_printed_loss_that_disagrees_is_said(tmp_path: Path) -> None:
    report = checked(classifier(loss="print(np.mean((p - t) ** 2))"), tmp_path)
    assert told(report) == {"loss-delta-mismatch"}


# ---- 2: the printed loss may be wrong


@pytest.mark.parametrize(
    "printed",
    [
        "print(-np.mean(t * np.log(p) - (1 - t) * np.log(1 - p)))",
        "print(-np.mean(t * np.log(p + 0.1) + (1 - t) * np.log(1 - p + 0.1)))",
        "print(-np.sum(t * np.log(p) + (1 - t) * np.log(1 - p)) / X.shape[1])",
    ],
)
def test_02_a_loss_that_is_misprinted_condemns_no_gradient(printed: str, tmp_path: Path) -> None:
    assert silent(checked(classifier(loss=printed), tmp_path))


def test_02_a_gradient_that_no_reading_of_the_loss_saves(tmp_path: Path) -> None:
    assert told(checked(classifier(loss=ENTROPY, delta="(p - t) * p * (1 - p) / len(X)"), tmp_path))


# ---- 3: numbers that keep a logarithm finite


@pytest.mark.parametrize("small", ["1e-7", "1e-4"])
def test_03_a_small_number_in_the_logarithm_is_no_fault(small: str, tmp_path: Path) -> None:
    guarded = f"print(-np.mean(t * np.log(p + {small}) + (1 - t) * np.log(1 - p + {small})))"
    assert silent(checked(classifier(loss=guarded), tmp_path))


def test_03_it_hides_none_either(tmp_path: Path) -> None:
    guarded = "print(-np.mean(t * np.log(p + 1e-7) + (1 - t) * np.log(1 - p + 1e-7)))"
    assert "missing-activation-derivative" in told(checked(classifier(loss=guarded, slope="1"), tmp_path))


# ---- 4: single precision

SINGLE = "W, V = W.astype(np.float32), V.astype(np.float32); b, c = b.astype(np.float32), c.astype(np.float32)"


def test_04_single_precision_is_no_fault(tmp_path: Path) -> None:
    assert silent(checked(regression(setting=SINGLE), tmp_path))


def test_04_a_fault_in_single_precision(tmp_path: Path) -> None:
    assert "double-activation-derivative" in told(
        checked(regression(backward="e = d @ V.T * (1 - np.tanh(h) ** 2)", setting=SINGLE), tmp_path)
    )


# ---- 5 and 6: at the kink

XOR = """\
import numpy as np

np.random.seed(4)
X, t = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([[0], [1], [1], [0]])
W, b, V, c = np.random.randn(2, 7), np.zeros(7), np.random.randn(7, 1), np.zeros(1)
for epoch in range(300):
    z = X @ W + b
    h = np.maximum(0, z)
    p = 1 / (1 + np.exp(-(h @ V + c)))
    loss = np.sum((p - t) ** 2) / 2
    d = (p - t) * p * (1 - p)
    e = d @ V.T * {mask}
    V -= 0.2 * h.T @ d
    c -= 0.2 * d.sum(axis=0)
    W -= 0.2 * X.T @ e
    b -= 0.2 * e.sum(axis=0)
print(loss)
"""


@pytest.mark.parametrize("mask", ["(z > 0)", "(z >= 0)", "(h > 0)"])
def test_05_either_slope_is_right_at_the_kink(mask: str, tmp_path: Path) -> None:
    assert silent(checked(XOR.format(mask=mask), tmp_path))


def test_06_of_the_outputs_none_is_below_zero(tmp_path: Path) -> None:
    assert told(checked(XOR.format(mask="(h >= 0)"), tmp_path)) == {"wrong-activation-derivative"}


POOL = """\
import numpy as np

rng = np.random.default_rng(8)
X = rng.integers(1, 4, size=(16, 8)).astype(float)  # neighbours are often equal
t = X.max(axis=1, keepdims=True) / 3
V, c = 0.3 * rng.normal(size=(4, 1)), np.zeros(1)
g = np.ones(8)
for epoch in range(60):
    s = X * g
    pairs = s.reshape(16, 4, 2)
    h = pairs.max(axis=2)
    y = h @ V + c
    loss = np.mean((y - t) ** 2)
    d = 2 * (y - t) / 16
    back = d @ V.T
    {mask}
    ds = (mask * back[:, :, None]).reshape(16, 8)
    V -= 0.02 * h.T @ d
    c -= 0.02 * d.sum(axis=0)
    g -= 0.02 * (ds * X).sum(axis=0)
print(loss)
"""
FIRST = "mask = np.arange(2) == pairs.argmax(axis=2)[:, :, None]"
SHARED = "mask = (pairs == h[:, :, None]) / (pairs == h[:, :, None]).sum(axis=2, keepdims=True)"


@pytest.mark.parametrize("mask", [FIRST, SHARED])
def test_06_equal_maxima_may_take_it_or_share_it(mask: str, tmp_path: Path) -> None:
    assert silent(checked(POOL.format(mask=mask), tmp_path))


def test_06_the_smaller_of_two_gets_nothing(tmp_path: Path) -> None:
    assert told(checked(POOL.format(mask="mask = pairs < h[:, :, None]"), tmp_path))


# ---- 7: in place

IN_PLACE = (
    "z[z < 0] = 0; h = z",
    "e = d @ V.T; e *= h > 0",
)


def test_07_what_is_overwritten_and_not_read_again_is_right(tmp_path: Path) -> None:
    assert silent(checked(regression(*IN_PLACE), tmp_path))


def test_07_what_is_overwritten_by_its_own_derivative_and_read(tmp_path: Path) -> None:
    backward = "h *= -h; h += 1; e = d @ V.T * h"
    assert told(checked(regression(backward=backward), tmp_path)) & {
        "read-after-mutation",
        "cache-mutated-before-backward",
        "weight-gradient-wrong-input",
    }


# ---- 8: what the optimiser sees

HELD = """\
import numpy as np

class Affine:
    def __init__(self, rng, n, m):
        self.W, self.b = 0.6 * rng.normal(size=(n, m)), np.zeros(m)
        self.gW, self.gb = np.zeros((n, m)), np.zeros(m)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, g):
        self.gW[...] = self.x.T @ g
        {bias}
        return g @ self.W.T

rng = np.random.default_rng(12)
X = rng.normal(size=(20, 3))
t = np.abs(X[:, :1])
first, second = Affine(rng, 3, 6), Affine(rng, 6, 1)
pairs = [(p, g) for layer in (first, second) for p, g in ((layer.W, layer.gW), (layer.b, layer.gb))]
for step in range(80):
    h = np.tanh(first.forward(X))
    y = second.forward(h)
    loss = np.mean((y - t) ** 2)
    first.backward(second.backward(2 * (y - t) / len(X)) * (1 - h**2))
    for p, g in pairs:
        p -= 0.1 * g
print(loss)
"""


def test_08_gradients_written_into_the_arrays_that_are_held(tmp_path: Path) -> None:
    assert silent(checked(HELD.format(bias="self.gb[...] = g.sum(axis=0)"), tmp_path))


def test_08_a_gradient_that_the_optimiser_never_sees(tmp_path: Path) -> None:
    assert told(checked(HELD.format(bias="self.gb = g.sum(axis=0)"), tmp_path)) == {"parameter-never-updated"}


# ---- 9: the order of the updates


def test_09_an_early_update_shows_at_any_rate(tmp_path: Path) -> None:
    late = "V -= 1e-4 * h.T @ d; c -= 1e-4 * d.sum(axis=0); W -= 1e-4 * X.T @ e; b -= 1e-4 * e.sum(axis=0)"
    right = classifier(loss=ENTROPY, update=late)
    early = right.replace("    e = d", "    V -= 1e-4 * h.T @ d\n    e = d").replace("V -= 1e-4 * h.T @ d; c", "c")
    assert not told(checked(right, tmp_path))
    assert told(checked(early, tmp_path)) == {"stale-weights-in-backward"}


# ---- 10: one output of one sample

ONE = """\
import numpy as np

rng = np.random.default_rng(6)
x, t = rng.normal(size=(1, 4)), np.array([[0.2]])
W, V = rng.normal(size=(4, 3)), rng.normal(size=(3, 1))
for step in range(40):
    h = 1 / (1 + np.exp(-(x @ W)))
    p = 1 / (1 + np.exp(-(h @ V)))
    loss = 0.5 * np.sum((p - t) ** 2)
    d = {delta}
    e = d @ V.T * h * (1 - h)
    V -= 0.8 * h.T @ d
    W -= 0.8 * x.T @ e
    print(loss)
"""


def test_10_one_number_hides_no_missing_derivative(tmp_path: Path) -> None:
    assert silent(checked(ONE.format(delta="(p - t) * p * (1 - p)"), tmp_path))
    assert told(checked(ONE.format(delta="p - t"), tmp_path)) == {"loss-delta-mismatch"}


# ---- 11: square layers

SQUARE = DATA + (
    """\
t = np.cos(X) - X[:, ::-1]
W, U, V = (0.7 * rng.normal(size=(3, 3)) for _ in range(3))
for step in range(80):
    h = np.tanh(X @ W)
    k = np.tanh(h @ U)
    y = k @ V
    loss = np.mean(np.sum((y - t) ** 2, axis=1))
    d = 2 * (y - t) / len(X)
    e = d @ V.T * (1 - k**2)
    f = e @ {carried} * (1 - h**2)
    V -= 0.05 * k.T @ d
    U -= 0.05 * {gradient}
    W -= 0.05 * X.T @ f
print(loss)
"""
)


@pytest.mark.parametrize(
    ("carried", "gradient", "slugs"),
    [("U.T", "h.T @ e", set()), ("U", "h.T @ e", {"transposed-weights"}), ("U.T", "e.T @ h", {"transposed-gradient"})],
)
def test_11_square_layers_hide_no_transpose(carried: str, gradient: str, slugs: set[str], tmp_path: Path) -> None:
    assert told(checked(SQUARE.format(carried=carried, gradient=gradient), tmp_path)) == slugs


# ---- 12: two steps of time

TIME = """\
import numpy as np

rng = np.random.default_rng(19)
X = rng.normal(size=(2, 14, 3))
t = X[0, :, :1] - X[1, :, 1:2]
U, R, b, V = 0.6 * rng.normal(size=(3, 4)), 0.5 * rng.normal(size=(4, 4)), np.zeros(4), rng.normal(size=(4, 1))
for step in range(60):
    s = [np.zeros((14, 4))]
    for x in X:
        s.append(np.tanh(x @ U + s[-1] @ R + b))
    y = s[2] @ V
    loss = np.mean((y - t) ** 2)
    d = 2 * (y - t) / 14
    gU, gR, gb, back = 0 * U, 0 * R, 0 * b, d @ V.T
    for k in (1, 0):
        e = back * (1 - s[k + 1] ** 2)
        gU += X[k].T @ e
        gR += s[k].T @ e
        gb += e.sum(axis=0)
        back = {carried}
    V -= 0.05 * s[2].T @ d
    U -= 0.05 * gU
    R -= 0.05 * gR
    b -= 0.05 * gb
print(loss)
"""


@pytest.mark.parametrize("carried", ["e @ R.T", "e @ R", "d @ V.T", "0 * e"])
def test_12_two_steps_from_zero_are_enough(carried: str, tmp_path: Path) -> None:
    report = checked(TIME.format(carried=carried), tmp_path)
    assert silent(report) if carried == "e @ R.T" else told(report)


# ---- 13: constant data

ATTENTION = """\
import numpy as np

rng = np.random.default_rng(23)
X, t = {data}, rng.normal(size=(5, 4))
Q, K, V = (0.6 * rng.normal(size=(4, 4)) for _ in range(3))
for step in range(40):
    q, k, v = X @ Q, X @ K, X @ V
    s = q @ k.T / 2.0
    e = np.exp(s - s.max(axis=1, keepdims=True))
    a = e / e.sum(axis=1, keepdims=True)
    y = a @ v
    loss = np.sum((y - t) ** 2)
    dy = 2 * (y - t)
    da = dy @ v.T
    ds = a * (da - np.sum(da * a, axis=1, keepdims=True)){scale}
    Q, K, V = Q - 0.01 * X.T @ (ds @ k), K - 0.01 * X.T @ (ds.T @ q), V - 0.01 * X.T @ (a.T @ dy)
print(loss)
"""


def test_13_what_constant_data_leaves_untested_is_named(tmp_path: Path) -> None:
    report = checked(ATTENTION.format(data="np.ones((5, 4))", scale=""), tmp_path)
    assert {g.parameter for g in report.gradients if g.status == "vacuous"} == {"Q", "K"}
    assert any("`K`, `Q`" in line and "not tested" in line for line in report.not_examined)


def test_13_other_data_shows_it(tmp_path: Path) -> None:
    data = "rng.normal(size=(5, 4))"
    assert told(checked(ATTENTION.format(data=data, scale=""), tmp_path)) == {"attention-gradient"}
    assert silent(checked(ATTENTION.format(data=data, scale=" / 2.0"), tmp_path))


# ---- 14: modes that are not used

MODES = """\
import numpy as np

class Net:
    def __init__(self, kind):
        rng = np.random.default_rng(9)
        self.kind, self.W, self.V = kind, 0.7 * rng.normal(size=(3, 5)), 0.7 * rng.normal(size=(5, 1))

    def f(self, z):
        return np.tanh(z) if self.kind == "tanh" else 1 / (1 + np.exp(-z))

    def slope(self, a):
        return 1 - a**2 if self.kind == "tanh" else self.f(a) * (1 - self.f(a))

    def step(self, X, t):
        a = self.f(X @ self.W)
        y = a @ self.V
        d = 2 * (y - t) / len(X)
        e = d @ self.V.T * self.slope(a)
        self.V -= 0.1 * a.T @ d
        self.W -= 0.1 * X.T @ e
        return np.mean((y - t) ** 2)

X = np.random.default_rng(10).normal(size=(20, 3))
net = Net("{kind}")
for step in range(60):
    print(net.step(X, X[:, :1] ** 2))
"""


def test_14_a_mode_is_judged_where_it_is_used(tmp_path: Path) -> None:
    assert silent(checked(MODES.format(kind="tanh"), tmp_path))
    assert told(checked(MODES.format(kind="logistic"), tmp_path)) == {"double-activation-derivative"}


# ---- 15: small real errors

LEAKY = ("np.where(z > 0, z, 0.01 * z)", "np.where(X @ W + b > 0, X @ W + b, 0.01 * (X @ W + b))")


@pytest.mark.parametrize("forward", LEAKY)
def test_15_a_slope_of_a_hundredth_counts(forward: str, tmp_path: Path) -> None:
    right = regression(f"h = {forward}", "e = d @ V.T * np.where(h > 0, 1, 0.01)")
    assert silent(checked(right, tmp_path))
    wrong = regression(f"h = {forward}", "e = d @ V.T * (h > 0)")
    assert told(checked(wrong, tmp_path)) == {"activation-slope-mismatch"}


# ---- 16: penalties


@pytest.mark.parametrize(("strength", "slugs"), [("0.0", set()), ("0.02", {"regularisation-gradient-missing"})])
def test_16_a_penalty_shows_where_it_has_weight(strength: str, slugs: set[str], tmp_path: Path) -> None:
    text = regression(setting=f"strength = {strength}").replace("** 2)\n", "** 2) + strength * np.sum(W**2)\n", 1)
    assert "strength * np.sum" in text
    assert told(checked(text, tmp_path)) == slugs


# ---- 17: parameters that are never trained


def test_17_what_is_used_and_never_trained_is_listed(tmp_path: Path) -> None:
    text = regression().replace("    b -= 0.1 * e.sum(axis=0)\n", "")
    report = checked(text, tmp_path)
    said = [f.message for f in report.findings if f.rule == "parameter-never-updated"]
    assert any("`b`" in message for message in said)
    assert silent(checked(regression(), tmp_path))


# ---- 18: names from elsewhere

ROWS = """\
import numpy as np

rng = np.random.default_rng(31)
X = rng.normal(size=(15, 3))
t = np.tanh(X[:, :1] * 2 - X[:, 1:2])

class Net:
    def __init__(self):
        self.W, self.V = 0.7 * rng.normal(size=(3, 4)), 0.7 * rng.normal(size=(4, 1))

    def step(self):
        h = np.tanh(X[[row]] @ self.W)
        y = h @ self.V
        d = y - t[[row]]
        e = d @ self.V.T{slope}
        self.V -= 0.05 * h.T @ d
        self.W -= 0.05 * X[[row]].T @ e

net = Net()
for epoch in range(8):
    for row in range(len(X)):
        net.step()
"""


def test_18_a_method_reads_the_callers_loop_variable(tmp_path: Path) -> None:
    assert silent(checked(ROWS.format(slope=" * (1 - h**2)"), tmp_path))
    assert told(checked(ROWS.format(slope=""), tmp_path)) == {"missing-activation-derivative"}


def test_18_functions_of_a_notebook_read_other_cells(tmp_path: Path) -> None:
    lines = regression().replace("W -= 0.1", "W -= rate()").splitlines(keepends=True)
    at = lines.index("for epoch in range(100):\n")
    cells = ["def rate():\n    return pace\n", "".join(lines[:at]) + "pace = 0.1\n", "".join(lines[at:])]
    sources = [
        {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": c} for c in cells
    ]
    path = tmp_path / "net.ipynb"
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": sources}))
    assert silent(check_path(str(path), Options(fix=False)))


# ---- 19: dropout

DROPPED = "a = np.tanh(z); m = (rng.random(a.shape) < 0.75) / 0.75; h = a * m"


@pytest.mark.parametrize(
    ("backward", "slugs"),
    [
        ("e = d @ V.T * m * (1 - a**2)", set()),
        ("e = d @ V.T * m * (1 - h**2)", {"wrong-activation-derivative"}),
        ("e = d @ V.T * (1 - a**2)", {"dropout-mask"}),
        ("e = d @ V.T * ((rng.random(a.shape) < 0.75) / 0.75) * (1 - a**2)", {"dropout-mask"}),
    ],
)
def test_19_the_same_mask_on_both_ways(backward: str, slugs: set[str], tmp_path: Path) -> None:
    assert told(checked(regression(DROPPED, backward), tmp_path)) == slugs


# ---- 20: what is no gradient, and meant

CLIPPED = UPDATE.replace("h.T @ d", "np.clip(h.T @ d, -0.03, 0.03)")
UNIT = UPDATE.replace("0.5 * h.T @ d", "0.05 * h.T @ d / np.linalg.norm(h.T @ d)")


@pytest.mark.parametrize("update", [CLIPPED, UNIT])
def test_20_clipped_and_rescaled_steps_are_not_condemned(update: str, tmp_path: Path) -> None:
    assert silent(checked(classifier(loss=ENTROPY, update=update), tmp_path))


def test_20_a_surrogate_is_not_condemned(tmp_path: Path) -> None:
    report = checked(classifier(loss=ENTROPY, activation="np.sign(z)", slope="(np.abs(z) < 1)"), tmp_path)
    assert not told(report, "error", "warning")
    assert any("surrogate" in line for line in report.not_examined)


WEIGHTED = ["(p - t) * np.where(t > 0, 2.5, 1.0) / len(X)", "(p - t) / len(X) * np.linspace(0.5, 1.5, len(X))[:, None]"]


@pytest.mark.parametrize("delta", WEIGHTED)
def test_20_weights_of_the_samples_are_told_of(delta: str, tmp_path: Path) -> None:
    report = checked(classifier(loss=ENTROPY, delta=delta), tmp_path)
    assert silent(report)
    assert told(report, "note") == {"gradient-scale"}


@pytest.mark.parametrize("factor", ["(2 * t - 1)", "(t + p)", "t"])
def test_20_what_turns_drops_or_follows_the_output_is_no_weight(factor: str, tmp_path: Path) -> None:
    assert told(checked(classifier(loss=ENTROPY, delta=f"(p - t) * {factor} / len(X)"), tmp_path))


def test_20_weights_in_a_hidden_layer_are_those_of_no_loss(tmp_path: Path) -> None:
    assert told(checked(classifier(loss=ENTROPY, slope="(1 - h**2) * np.where(t > 0, 2.5, 1.0)"), tmp_path))


# ---- and: a constant of all parameters is a convention


def test_21_a_constant_of_all_is_a_convention_and_of_one_a_fault(tmp_path: Path) -> None:
    halved = regression().replace("d = 2 * (y - t)", "d = (y - t)")
    assert not told(checked(halved, tmp_path), "error", "warning")
    one = regression().replace("V -= 0.1 * h.T @ d", "V -= 0.1 * 3 * (h.T @ d + 0)")
    one = one.replace("0.1 * 3 * (h.T @ d + 0)", "0.1 * gV").replace("    V -=", "    gV = 3 * (h.T @ d)\n    V -=")
    assert "gradient-scale" in told(checked(one, tmp_path), "error", "warning")
