"""Layers as people write them: several outputs, caches first, settings among the inputs, objects that keep things."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from bpdoctor import check_gradients, check_layer, check_loss

RNG = np.random.default_rng(7)
X, W, B = RNG.normal(size=(6, 4)), RNG.normal(size=(4, 3)), RNG.normal(size=3)


def test_gradient_from_above_last() -> None:
    def forward(x: Any) -> Any:
        return np.tanh(x), np.tanh(x)

    def backward(a: Any, da: Any) -> Any:
        return da * (1 - a * a)

    assert check_layer(forward, backward, X)
    assert check_layer(forward, lambda data, grad: grad * (1 - data * data), X)
    assert not check_layer(forward, lambda a, da: da * (1 - a), X)


@pytest.mark.parametrize("right", [True, False])
def test_two_outputs(right: bool) -> None:
    def forward(x: Any, w: Any) -> Any:
        c = np.tanh(x @ w)
        h = c * c
        return h, c, (x, w, c)

    def backward(dh: Any, dc: Any, cache: Any) -> Any:
        x, w, c = cache
        dz = (dc * right + 2 * c * dh) * (1 - c * c)
        return dz @ w.T, x.T @ dz

    assert bool(check_layer(forward, backward, (X, W))) is right


def test_a_number_without_a_gradient_is_a_setting() -> None:
    def forward(x: Any, slope: float) -> Any:
        return np.where(x > 0, x, slope * x), (x, slope)

    def backward(dout: Any, cache: Any) -> Any:
        x, slope = cache
        return dout * np.where(x > 0, 1.0, slope), None

    report = check_layer(forward, backward, (X, 0.1))
    assert report, str(report)
    assert [g.parameter for g in report.gradients] == ["x"]


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("seed", range(6))
def test_a_bias_before_a_normalisation(dtype: str, seed: int) -> None:
    """Its gradient is 0, and what is computed for it is rounding."""
    rng = np.random.default_rng(seed)
    inputs = tuple(v.astype(dtype) for v in (rng.normal(size=(12, 4)), rng.normal(size=(4, 2)), rng.normal(size=2)))

    def forward(x: Any, w: Any, b: Any) -> Any:
        z = x @ w + b
        s = np.sqrt(z.var(0) + 1e-5)
        h = (z - z.mean(0)) / s
        return h, (x, w, h, s)

    def backward(d: Any, cache: Any) -> Any:
        x, w, h, s = cache
        dz = (d - d.mean(0) - h * (d * h).mean(0)) / s
        return dz @ w.T, x.T @ dz, dz.sum(0)

    assert check_layer(forward, backward, inputs).verdict != "sick"


class Normalised:
    def __init__(self) -> None:
        self.gamma, self.running = np.ones(4), np.zeros(4)

    def forward(self, x: Any) -> Any:
        mean, self.deviation = x.mean(0), np.sqrt(x.var(0) + 1e-5)
        self.running = 0.9 * self.running + 0.1 * mean
        self.h = (x - mean) / self.deviation
        return self.gamma * self.h

    def backward(self, d: Any) -> Any:
        self.dgamma = (d * self.h).sum(0)
        d = d * self.gamma
        return (d - d.mean(0) - self.h * (d * self.h).mean(0)) / self.deviation


def test_an_object_is_put_back() -> None:
    layer = Normalised()
    assert check_layer(layer, inputs=X)
    assert layer.running.dtype == float
    assert not layer.running.any()
    assert set(vars(layer)) == {"gamma", "running"}


def test_the_inputs_are_left_alone() -> None:
    kept = X.copy()

    def forward(x: Any) -> Any:
        x[x < 0] = 0
        return x, x

    report = check_layer(forward, lambda d, x: d * (x > 0), X)
    assert (kept == X).all()
    assert any("changed in place" in f.message for f in report.findings)


def test_what_has_no_gradient_is_said() -> None:
    class Forgetful:
        def __init__(self) -> None:
            self.W, self.b = W.copy(), B.copy()

        def forward(self, x: Any) -> Any:
            self.x = x
            return x @ self.W + self.b

        def backward(self, d: Any) -> Any:
            self.dW = self.x.T @ d
            return d @ self.W.T

    report = check_layer(Forgetful(), inputs=X)
    assert [text for text in report.not_examined if text.startswith("`b`")], str(report)
    assert not [text for text in report.not_examined if text.startswith("`x`")], str(report)


def test_targets_that_the_loss_makes_a_column() -> None:
    p, y = np.linspace(0.2, 0.8, 5)[:, None], np.array([0.0, 1.0, 1.0, 0.0, 1.0])

    def loss(p: Any, y: Any) -> Any:
        return np.mean((p.ravel() - y) ** 2)

    assert check_loss(loss, lambda p, y: 2 * (p - y[:, None]) / 5, p, y)
    table = check_loss(lambda p, y: np.mean((p - y) ** 2), lambda p, y: 2 * (p - y).sum(1, keepdims=True) / 25, p, y)
    assert "broadcast-loss" in {f.rule for f in table.findings}


@pytest.mark.parametrize(
    "loss, gradient",
    [
        (lambda w: np.sum(np.abs(w)), np.sign),
        (lambda w: 0.0 * np.sum(w), np.zeros_like),
        (np.linalg.norm, lambda w: w / (np.linalg.norm(w) or 1.0)),
    ],
    ids=["absolute", "constant", "norm"],
)
def test_losses_that_are_0_here(loss: Any, gradient: Any) -> None:
    assert check_gradients(loss, gradient, np.zeros(3)).verdict != "sick"


def test_a_loss_that_ends_here() -> None:
    report = check_gradients(
        lambda w: np.log(1e-3 - w[0]) + w[1],
        lambda w: np.array([-1 / (1e-3 - w[0]), 1.0]),
        np.array([1e-3 - 1e-9, 5.0]),
    )
    assert report.verdict == "inconclusive"
