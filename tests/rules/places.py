"""Places of small networks with their true adjoints, built by hand, and what rules predict for them."""

from __future__ import annotations

from typing import Any

import numpy as np

from bpdoctor.autodiff.activations import FIXED, Activation, elu, leaky
from bpdoctor.model.evidence import Local, Prediction, Use
from bpdoctor.rules import all_rules

Array = Any
BY_NAME = {f.name: f for f in FIXED} | {"leaky relu": leaky(0.1), "elu": elu(0.7)}
SHAPES: list[tuple[int, ...]] = [(6, 4), (4, 6), (5,), ()]


def generator(seed: int = 7) -> np.random.Generator:
    return np.random.default_rng(seed)


def layer(f: Activation, shape: tuple[int, ...], seed: int = 7) -> Local:
    """A hidden activation with a random error from above."""
    rng = generator(seed)
    z, g = np.asarray(1.3 * rng.normal(size=shape)), np.asarray(rng.normal(size=shape))
    return Local("activation", z, g * f.derivative(z), g, np.asarray(f.function(z)), f)


def use(rng: np.random.Generator, x: Array, w: Array) -> Use:
    """One product ``x @ w``, of numbers ``x * w``."""
    if np.ndim(x) == 0:
        delta = np.asarray(rng.normal())
        return Use(x, w, delta, lambda x, d: x * d, lambda w, d: w * d, {"raw": np.asarray(rng.normal())})
    delta = rng.normal(size=(x @ w).shape)
    errors = {"before the activation derivative": rng.normal(size=delta.shape)}
    inputs = {"pre-activation": rng.normal(size=x.shape)}
    return Use(x, w, delta, lambda x, d: x.T @ d, lambda w, d: d @ w.T, errors, inputs)


def dense(role: str, *, n: int = 6, i: int = 4, o: int = 3, uses: int = 1, seed: int = 3) -> Local:
    """A weight, or an activation that enters products, with its true adjoint."""
    rng = generator(seed)
    x, w = rng.normal(size=(n, i)), rng.normal(size=(i, o))
    if role == "weight":
        own = tuple(use(rng, rng.normal(size=(n, i)), w) for _ in range(uses))
        return Local("weight", w, sum(u.x.T @ u.delta for u in own), uses=own)
    own = tuple(use(rng, x, rng.normal(size=(i, o))) for _ in range(uses))
    return Local("input", x, sum(u.delta @ u.w.T for u in own), uses=own)


def predictions(slug: str, local: Local) -> dict[str, Prediction]:
    predict = all_rules()[slug].predict
    assert predict is not None
    with np.errstate(all="ignore"):
        found = list(predict(local))
    assert len({p.label for p in found}) == len(found), "labels are distinct"
    return {p.label: p for p in found}


def assert_predicted(slug: str, local: Local, wrong: Array) -> None:
    """Some prediction is the wrong gradient, at its scale where the scale is not free."""
    found = predictions(slug, local)
    assert any(fits(p, wrong) for p in found.values()), f"{slug} predicts {sorted(found)}"


def fits(p: Prediction, wrong: Array) -> bool:
    x, y = np.asarray(wrong, dtype=float), np.asarray(p.value, dtype=float)
    if x.shape != y.shape or not np.isfinite(y).all():
        return False
    if p.free and np.vdot(y, y) > 0:
        y = y * (np.vdot(x, y) / np.vdot(y, y))
    return bool(np.abs(x - y).max() <= 1e-9 * max(np.abs(x).max(), 1e-300))


def end(name: str, loss: str, shape: tuple[int, ...], seed: int = 11) -> Local:
    """The pre-activation of the output under a standard loss."""
    rng = generator(seed)
    z = np.asarray(rng.normal(size=shape))
    t = np.asarray(rng.integers(0, 2, size=shape), dtype=float)
    if name == "softmax":
        t = np.eye(shape[1])[rng.integers(0, shape[1], size=shape[0])]
        o = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
        g = 2 * (o - t) / shape[0] if loss == "squared error" else -t / o / shape[0]
        true = o * (g - (g * o).sum(axis=1, keepdims=True))
        return Local("activation", z, true, g, o, None, output=o, target=t, form=loss)
    f = BY_NAME[name]
    o = np.asarray(f.function(z))
    g = 2 * (o - t) / 5 if loss == "squared error" else (o - t) / (o * (1 - o)) / 5
    return Local("activation", z, g * f.derivative(z), g, o, f, output=o, target=t, form=loss)
