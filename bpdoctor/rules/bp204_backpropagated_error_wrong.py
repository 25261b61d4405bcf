"""The error that is carried back to a layer is not the delta of the layer above it.

## What it does
The hidden delta is made from the raw output error `y − t` instead of the output delta, or from a
delta two layers up, or with another layer's weights.

## Why it is wrong
`δ_l = (δ_{l+1} W_{l+1}ᵀ) · f'(z_l)`. The delta `δ_{l+1}` already contains the derivative of its own
activation; the raw error does not. Using the raw error leaves that factor out for the layers
below only: the top layer's gradients are right, so that the code looks well tested, and the rest
get the error of outputs as if they were linear. Where outputs are saturated the two differ most.

## Example
    d2 = (y - t) * y * (1 - y)
    d1 = ((y - t) @ W2.T) * h * (1 - h)

## Use instead
    d1 = (d2 @ W2.T) * h * (1 - h)

## How it is proved
The top layer agrees with the reference and everything below fails. The reverse sweep is repeated
with each error that exists in the program in place of the right delta; one of them gives all your
gradients, at several points.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

import numpy as np

from bpdoctor.autodiff.mistakes import Array, array, ends, kept, slope, swapped
from bpdoctor.model.evidence import Local, Prediction, Use
from bpdoctor.model.rule import Rule

_MOST_UNITS = 8


def predict(local: Local) -> Iterable[Prediction]:
    """Another error through the same product, or an error without the weights.

    The same line may serve the output's units, above which there is no product: there it is right.
    """
    return (replace(p, elsewhere=local.role != "weight") for p in _predicted(local))


def _predicted(local: Local) -> Iterable[Prediction]:
    if local.role not in ("input", "activation", "weight"):
        return
    pull = _to_weight if local.role == "weight" else _to_input
    for n in dict.fromkeys(n for use in local.uses for n in use.errors):
        raw = not n.startswith("adjoint ")
        note = n if raw else "the error of another stage"
        for ending, value in swapped(local, partial(_other, pull, n)):
            yield Prediction(value, f"{n}{ending}", f"{note} carried back", "δ of the layer above", free=raw)
    if local.role != "weight":
        yield from _other_weights(local)
        yield from _without_weights(local)
        yield from _without_one(local)


def _other_weights(local: Local) -> Iterable[Prediction]:
    """δ of the layer above, times the weights of other units or of another layer."""
    for n in dict.fromkeys(n for use in local.uses for n in use.weights):
        for ending, value in swapped(local, partial(_weighted, n)):
            yield Prediction(
                value, f"{n}{ending}", "δ of the layer above times other weights", "δ times its own weights"
            )


def _weighted(name: str, use: Use) -> Array | None:
    w = use.weights.get(name)
    return None if w is None else use.pull_input(w, use.delta)


def _without_one(local: Local) -> Iterable[Prediction]:
    """One of the units above forgotten, or one alone counted, where each stands in a line of its own."""
    n = len(local.uses)
    if n < 2 or any(x.layer in ("time", "skip") for x in local.links):
        return
    for k in range(min(n, _MOST_UNITS)):
        value = kept(local, [j for j in range(n) if j != k])
        if value is not None:
            yield Prediction(value, f"without unit {k + 1}", "the errors above without one of them", "all of them")


def _other(pull: Callable[[Use, Array], Array], name: str, use: Use) -> Array | None:
    error = use.errors.get(name)
    if error is None or np.shape(error) != np.shape(use.delta) or _multiple(error, use.delta):
        return None
    return pull(use, error)


def _multiple(error: Array, delta: Array) -> bool:
    """Whether an error is the right delta but for a factor: carried back, it is no other error.

    Of a number that is not known: each is a multiple of every other.
    """
    x, y = np.ravel(error), np.ravel(delta)
    size = float(np.dot(y, y))
    return y.size > 1 and size > 0 and bool(np.abs(x - np.dot(x, y) / size * y).max() <= 1e-9 * np.abs(x).max())


def _error(name: str, use: Use) -> Array | None:
    return use.errors.get(name)


def _to_input(use: Use, error: Array) -> Array:
    return use.pull_input(use.w, error)


def _to_weight(use: Use, error: Array) -> Array:
    return use.pull_weight(use.x, error)


def _without_weights(local: Local) -> Iterable[Prediction]:
    """The delta itself where it fits, its sum over the units above, or an error that skips the layer."""
    should = "δ of the layer above times its weights"
    for ending, value in swapped(local, lambda use: use.pull_input(np.ones_like(use.w), use.delta)):
        yield Prediction(value, f"sum of δ{ending}", "the sum of δ, without the weights", should)
    for ending, value in swapped(local, lambda use: use.delta):
        yield Prediction(value, f"δ alone{ending}", "δ of the layer above, without its weights", should)
    for ending, value in swapped(local, lambda use: np.sum(use.delta) + 0 * use.pull_input(use.w, use.delta)):
        yield Prediction(value, f"total of δ{ending}", "one sum over all of δ, without the weights", should)
    for n in dict.fromkeys(n for use in local.uses for n in use.errors):
        for ending, value in swapped(local, partial(_error, n)):
            note = n if not n.startswith("adjoint ") else "the error of another stage"
            yield Prediction(value, f"{n} alone{ending}", f"{note}, without the weights", should, free=True)
    factor = slope(local)
    if local.output is None or local.target is None or ends(local) is not None:
        return
    error = array(local.output) - array(local.target)
    if error.shape == np.shape(local.value) and (local.role == "input" or factor is not None):
        value = error if factor is None or local.role == "input" else error * factor
        yield Prediction(value, "o - t here", "the output error o - t, not carried back at all", should, free=True)


VALID = (
    """\
import numpy as np

rng = np.random.default_rng(47)
X = rng.normal(size=(9, 2))
t = np.column_stack([X[:, 0] > X[:, 1], X[:, 0] * X[:, 1] > 0, X[:, 0] > 0]).astype(float)
W1, b1 = rng.normal(size=(2, 4)), 0.2 * rng.normal(size=4)
W2, b2 = rng.normal(size=(4, 3)), np.zeros(3)
for step in range(100):
    h = 1 / (1 + np.exp(-(X @ W1 + b1)))
    y = 1 / (1 + np.exp(-(h @ W2 + b2)))
    error = y - t
    loss = 0.5 * np.sum(error**2)
    d2 = error * y * (1 - y)
    d1 = (d2 @ W2.T) * h * (1 - h)
    W2 -= 0.5 * h.T @ d2
    b2 -= 0.5 * d2.sum(axis=0)
    W1 -= 0.5 * X.T @ d1
    b1 -= 0.5 * d1.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

def layer(rng, n, m):
    return rng.normal(size=(n, m)) / np.sqrt(n), 0.1 * rng.normal(size=m)

rng = np.random.default_rng(48)
x = rng.normal(size=(11, 3))
t = np.tanh(np.column_stack([x[:, 0] + x[:, 1] * x[:, 2], x[:, 0] * x[:, 2], x[:, 1]]))
W, B = map(list, zip(layer(rng, 3, 4), layer(rng, 4, 3), layer(rng, 3, 3)))
for epoch in range(60):
    h1 = np.tanh(x @ W[0] + B[0])
    h2 = np.tanh(h1 @ W[1] + B[1])
    out = np.tanh(h2 @ W[2] + B[2])
    loss = 0.5 * np.sum((out - t) ** 2) / len(x)
    d3 = (out - t) / len(x) * (1 - out**2)
    d2 = d3 @ W[2].T * (1 - h2**2)
    d1 = d2 @ W[1].T * (1 - h1**2)
    for k, (a, d) in enumerate([(x, d1), (h1, d2), (h2, d3)]):
        W[k] -= 0.2 * a.T @ d
        B[k] -= 0.2 * d.sum(axis=0)
print(loss)
""",
)

INVALID = (
    """\
import numpy as np

rng = np.random.default_rng(47)
X = rng.normal(size=(9, 2))
t = np.column_stack([X[:, 0] > X[:, 1], X[:, 0] * X[:, 1] > 0, X[:, 0] > 0]).astype(float)
W1, b1 = rng.normal(size=(2, 4)), 0.2 * rng.normal(size=4)
W2, b2 = rng.normal(size=(4, 3)), np.zeros(3)
for step in range(100):
    h = 1 / (1 + np.exp(-(X @ W1 + b1)))
    y = 1 / (1 + np.exp(-(h @ W2 + b2)))
    error = y - t
    loss = 0.5 * np.sum(error**2)
    d2 = error * y * (1 - y)
    d1 = (error @ W2.T) * h * (1 - h)  # <- backpropagated-error-wrong
    W2 -= 0.5 * h.T @ d2
    b2 -= 0.5 * d2.sum(axis=0)
    W1 -= 0.5 * X.T @ d1
    b1 -= 0.5 * d1.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

def layer(rng, n, m):
    return rng.normal(size=(n, m)) / np.sqrt(n), 0.1 * rng.normal(size=m)

rng = np.random.default_rng(48)
x = rng.normal(size=(11, 3))
t = np.tanh(np.column_stack([x[:, 0] + x[:, 1] * x[:, 2], x[:, 0] * x[:, 2], x[:, 1]]))
W, B = map(list, zip(layer(rng, 3, 4), layer(rng, 4, 3), layer(rng, 3, 3)))
for epoch in range(60):
    h1 = np.tanh(x @ W[0] + B[0])
    h2 = np.tanh(h1 @ W[1] + B[1])
    out = np.tanh(h2 @ W[2] + B[2])
    loss = 0.5 * np.sum((out - t) ** 2) / len(x)
    d3 = (out - t) / len(x) * (1 - out**2)
    d2 = d3 @ W[2].T * (1 - h2**2)
    d1 = d3 @ W[1].T * (1 - h1**2)  # <- backpropagated-error-wrong
    for k, (a, d) in enumerate([(x, d1), (h1, d2), (h2, d3)]):
        W[k] -= 0.2 * a.T @ d
        B[k] -= 0.2 * d.sum(axis=0)
print(loss)
""",
)

RULE = Rule(
    code="BP204",
    slug="backpropagated-error-wrong",
    place="error",
    title="hidden delta is built from the wrong error",
    severity="error",
    explanation=__doc__ or "",
    why=(
        "the error of a layer is δ of the layer above times that layer's weights transposed; here another "
        "error, or another layer's, is carried back"
    ),
    predict=predict,
    valid=VALID,
    invalid=INVALID,
)
