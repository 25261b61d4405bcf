"""The error is carried back with W where W transposed belongs.

## What it does
The forward pass computes `a @ W`; the backward pass multiplies the delta by `W` itself. Between
layers of equal size the shapes agree and nothing complains.

## Why it is wrong
From `z_j = Σ_i a_i W_ij` follows `∂L/∂a_i = Σ_j δ_j W_ij`, which is `δ @ Wᵀ`. The product `δ @ W`
sums over the other index: unit i is blamed for the weights that come *into* it. The gradient of
`W` itself is right, as are those of the layers above; all below this layer is wrong.

## Example
    h2 = np.tanh(h1 @ W2 + b2)      # W2 is square
    d1 = (d2 @ W2) * (1 - h1**2)

## Use instead
    d1 = (d2 @ W2.T) * (1 - h1**2)

## How it is proved
The reverse sweep is repeated with `W` in place of `Wᵀ` in this one step, and the result equals
your gradients at several points. Programs that keep weights as (outputs, inputs) and write
`W @ a` need `Wᵀ @ δ`; there the plain `W` is the mistake too, and an untransposed product that
fits the forward pass, as after `a @ W.T`, is right and not reported.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from bpdoctor.autodiff.mistakes import Array, along, swapped
from bpdoctor.model.evidence import Local, Prediction
from bpdoctor.model.rule import Rule


def predict(local: Local) -> Iterable[Prediction]:
    """W for its transpose where W is square, otherwise W read in the transpose's shape; here or on the way on."""
    yield from along(local, ("time", "skip"), "the delta times W transposed", ("not transposed",))
    if local.role not in ("input", "activation"):
        return
    for ending, value in swapped(local, lambda use: use.pull_input(_turned(use.w), use.delta)):
        yield Prediction(value, f"W{ending}", "the delta times W", "the delta times W transposed")
    for ending, value in swapped(local, lambda use: use.pull_input(_misread(use.w), use.delta)):
        note = "the delta times W in the transpose's shape, rows broken anew"
        yield Prediction(value, f"W reshaped{ending}", note, "the delta times W transposed")


def _turned(w: Array) -> Array:
    w = np.asarray(w)
    if w.ndim < 2 or w.shape[-1] != w.shape[-2]:
        raise ValueError("only a square matrix fits both ways")
    return np.swapaxes(w, -1, -2)


def _misread(w: Array) -> Array:
    """The matrix whose transpose is ``w.reshape(w.T.shape)``."""
    w = np.asarray(w)
    if w.ndim != 2 or min(w.shape) < 2 or w.shape[0] == w.shape[1]:
        raise ValueError("a reshape and the transpose are the same, or the plain matrix fits")
    return w.reshape(w.T.shape).T


VALID = (
    """\
import numpy as np

rng = np.random.default_rng(40)
X = rng.normal(size=(9, 3))
t = np.column_stack([X[:, 0] * X[:, 1], np.sin(X[:, 2])])
W1, b1 = rng.normal(size=(3, 4)), 0.1 * rng.normal(size=4)
W2, b2 = rng.normal(size=(4, 4)) / 2, 0.1 * rng.normal(size=4)
W3, b3 = rng.normal(size=(4, 2)) / 2, np.zeros(2)
for step in range(80):
    h1 = np.tanh(X @ W1 + b1)
    h2 = np.tanh(h1 @ W2 + b2)
    y = h2 @ W3 + b3
    loss = 0.5 * np.sum((y - t) ** 2) / len(X)
    d3 = (y - t) / len(X)
    d2 = (d3 @ W3.T) * (1 - h2**2)
    d1 = (d2 @ W2.T) * (1 - h1**2)
    for p, g in ((W3, h2.T @ d3), (W2, h1.T @ d2), (W1, X.T @ d1)):
        p -= 0.1 * g
    for p, d in ((b3, d3), (b2, d2), (b1, d1)):
        p -= 0.1 * d.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

class Net:
    def __init__(self, rng, n):
        self.w, self.wb = rng.normal(size=(n, 2)), 0.1 * rng.normal(size=(n, 1))
        self.v, self.vb = rng.normal(size=(n, n)), np.zeros((n, 1))

    def train(self, x, t, lr):
        h = 1 / (1 + np.exp(-(np.dot(self.w, x) + self.wb)))
        y = 1 / (1 + np.exp(-(np.dot(self.v, h) + self.vb)))
        m = x.shape[1]
        dy = (y - t) * y * (1 - y) / m
        dh = np.dot(self.v.T, dy) * h * (1 - h)
        self.v -= lr * np.dot(dy, h.T)
        self.vb -= lr * dy.sum(axis=1, keepdims=True)
        self.w -= lr * np.dot(dh, x.T)
        self.wb -= lr * dh.sum(axis=1, keepdims=True)
        return np.sum((y - t) ** 2) / (2 * m)

rng = np.random.default_rng(41)
x = rng.normal(size=(2, 12))
t = np.eye(3)[:, np.digitize(x[0] * x[1], [-0.3, 0.3])]
net = Net(rng, 3)
for i in range(100):
    loss = net.train(x, t, 0.4)
print(loss)
""",
    """\
import numpy as np

rng = np.random.default_rng(42)
X = rng.normal(size=(8, 3))
t = np.tanh(X - X[:, ::-1] ** 2)
W1, b1 = rng.normal(size=(3, 3)), 0.1 * rng.normal(size=3)
W2, b2 = rng.normal(size=(3, 3)), np.zeros(3)
for step in range(60):
    h = np.tanh(X @ W1.T + b1)
    y = h @ W2.T + b2
    loss = 0.5 * np.mean(np.sum((y - t) ** 2, axis=1))
    d2 = (y - t) / len(X)
    d1 = (d2 @ W2) * (1 - h**2)
    W2 -= 0.1 * d2.T @ h
    b2 -= 0.1 * d2.sum(axis=0)
    W1 -= 0.1 * d1.T @ X
    b1 -= 0.1 * d1.sum(axis=0)
print(loss)
""",
)

INVALID = (
    """\
import numpy as np

rng = np.random.default_rng(40)
X = rng.normal(size=(9, 3))
t = np.column_stack([X[:, 0] * X[:, 1], np.sin(X[:, 2])])
W1, b1 = rng.normal(size=(3, 4)), 0.1 * rng.normal(size=4)
W2, b2 = rng.normal(size=(4, 4)) / 2, 0.1 * rng.normal(size=4)
W3, b3 = rng.normal(size=(4, 2)) / 2, np.zeros(2)
for step in range(80):
    h1 = np.tanh(X @ W1 + b1)
    h2 = np.tanh(h1 @ W2 + b2)
    y = h2 @ W3 + b3
    loss = 0.5 * np.sum((y - t) ** 2) / len(X)
    d3 = (y - t) / len(X)
    d2 = (d3 @ W3.T) * (1 - h2**2)
    d1 = (d2 @ W2) * (1 - h1**2)  # <- transposed-weights
    for p, g in ((W3, h2.T @ d3), (W2, h1.T @ d2), (W1, X.T @ d1)):
        p -= 0.1 * g
    for p, d in ((b3, d3), (b2, d2), (b1, d1)):
        p -= 0.1 * d.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

class Net:
    def __init__(self, rng, n):
        self.w, self.wb = rng.normal(size=(n, 2)), 0.1 * rng.normal(size=(n, 1))
        self.v, self.vb = rng.normal(size=(n, n)), np.zeros((n, 1))

    def train(self, x, t, lr):
        h = 1 / (1 + np.exp(-(np.dot(self.w, x) + self.wb)))
        y = 1 / (1 + np.exp(-(np.dot(self.v, h) + self.vb)))
        m = x.shape[1]
        dy = (y - t) * y * (1 - y) / m
        dh = np.dot(self.v, dy) * h * (1 - h)  # <- transposed-weights
        self.v -= lr * np.dot(dy, h.T)
        self.vb -= lr * dy.sum(axis=1, keepdims=True)
        self.w -= lr * np.dot(dh, x.T)
        self.wb -= lr * dh.sum(axis=1, keepdims=True)
        return np.sum((y - t) ** 2) / (2 * m)

rng = np.random.default_rng(41)
x = rng.normal(size=(2, 12))
t = np.eye(3)[:, np.digitize(x[0] * x[1], [-0.3, 0.3])]
net = Net(rng, 3)
for i in range(100):
    loss = net.train(x, t, 0.4)
print(loss)
""",
)

RULE = Rule(
    code="BP201",
    slug="transposed-weights",
    title="weights not transposed when the error is carried back",
    severity="error",
    explanation=__doc__ or "",
    why=(
        "through z = a @ W the error goes back as δ @ Wᵀ; with a square W the product δ @ W has the same "
        "shape and is wrong"
    ),
    predict=predict,
    valid=VALID,
    invalid=INVALID,
)
