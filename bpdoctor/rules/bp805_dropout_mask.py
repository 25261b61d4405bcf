"""The backward pass of dropout does not use the mask of the forward pass.

## What it does
The error goes back through dropped units as well, or through the mask without its scale, or with the
scale a second time, or through another mask that is drawn on the way back.

## Why it is wrong
`h = a · m` has derivative m: a unit that was dropped had no part in the output, and one that was kept had
1/keep of a part. Without the mask, dropped units are trained on an error they did not cause.

## Example
    d1 = dh * (1 - a ** 2)

## Use instead
    d1 = dh * mask * (1 - a ** 2)

## How it is proved
The reverse sweep is run again with one of its steps inside the layer left out or done wrongly; one of
these sweeps equals your gradient to rounding error at several points, and the right one does not. A mask
that is drawn anew is exchanged for that of the forward pass, and the error is right then. Where neither
proves anything, the finding says that the gradient inside this layer is wrong and not how.
"""

from __future__ import annotations

from collections.abc import Iterable

from bpdoctor.autodiff.mistakes import along
from bpdoctor.model.evidence import Local, Prediction
from bpdoctor.model.rule import Rule

LAYERS = ("mask",)


def predict(local: Local) -> Iterable[Prediction]:
    """The adjoint of this place after a sweep that makes one mistake inside the layer."""
    return along(local, LAYERS, "the error times the mask, scale and all")


_LAYERS = """\
import numpy as np

class Drop:
    def __init__(self, rate):
        self.rate = rate

    def draw(self, shape):
        return (rng.random(shape) >= self.rate) / (1 - self.rate)

    def forward(self, x):
        self.mask = self.draw(x.shape)
        return x * self.mask

    def backward(self, d):
        return {}

class Dense:
    def __init__(self, n, m):
        self.W, self.b = rng.normal(size=(n, m)) / np.sqrt(n), np.zeros(m)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, d):
        self.dW, self.db = self.x.T @ d, d.sum(axis=0)
        return d @ self.W.T

rng = np.random.default_rng(805)
X = rng.normal(size=(18, 3))
t = X[:, :1] * X[:, 1:2]
first, drop, last = Dense(3, 9), Drop(0.3), Dense(9, 1)
for step in range(50):
    h = np.tanh(first.forward(X))
    y = last.forward(drop.forward(h))
    loss = np.mean((y - t) ** 2)
    first.backward(drop.backward(last.backward(2 * (y - t) / len(X))) * (1 - h**2))
    for layer in (first, last):
        layer.W -= 0.05 * layer.dW
        layer.b -= 0.05 * layer.db
print(loss)
"""

VALID = (
    _LAYERS.format("d * self.mask"),
    """\
import numpy as np

rng = np.random.default_rng(312)
X = rng.normal(size=(16, 3))
t = np.sin(X[:, :1]) * X[:, 1:2]
W1, b1 = rng.normal(size=(3, 8)), 0.1 * rng.normal(size=8)
W2, b2 = 0.5 * rng.normal(size=(8, 1)), np.zeros(1)
keep = 0.75
for step in range(60):
    a = np.tanh(X @ W1 + b1)
    mask = (rng.random(a.shape) < keep) / keep
    h = a * mask
    y = h @ W2 + b2
    loss = np.mean((y - t) ** 2)
    d2 = 2 * (y - t) / len(X)
    dh = d2 @ W2.T
    d1 = dh * mask * (1 - a**2)
    W2 -= 0.05 * h.T @ d2
    b2 -= 0.05 * d2.sum(axis=0)
    W1 -= 0.05 * X.T @ d1
    b1 -= 0.05 * d1.sum(axis=0)
print(loss)
""",
)

INVALID = (
    _LAYERS.format("d * self.draw(d.shape)  # <- dropout-mask"),
    """\
import numpy as np

rng = np.random.default_rng(312)
X = rng.normal(size=(16, 3))
t = np.sin(X[:, :1]) * X[:, 1:2]
W1, b1 = rng.normal(size=(3, 8)), 0.1 * rng.normal(size=8)
W2, b2 = 0.5 * rng.normal(size=(8, 1)), np.zeros(1)
keep = 0.75
for step in range(60):
    a = np.tanh(X @ W1 + b1)
    mask = (rng.random(a.shape) < keep) / keep
    h = a * mask
    y = h @ W2 + b2
    loss = np.mean((y - t) ** 2)
    d2 = 2 * (y - t) / len(X)
    dh = d2 @ W2.T
    d1 = dh * (1 - a**2)  # <- dropout-mask
    W2 -= 0.05 * h.T @ d2
    b2 -= 0.05 * d2.sum(axis=0)
    W1 -= 0.05 * X.T @ d1
    b1 -= 0.05 * d1.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

rng = np.random.default_rng(312)
X = rng.normal(size=(16, 3))
t = np.sin(X[:, :1]) * X[:, 1:2]
W1, b1 = rng.normal(size=(3, 8)), 0.1 * rng.normal(size=8)
W2, b2 = 0.5 * rng.normal(size=(8, 1)), np.zeros(1)
keep = 0.75
for step in range(60):
    a = np.tanh(X @ W1 + b1)
    mask = (rng.random(a.shape) < keep) / keep
    h = a * mask
    y = h @ W2 + b2
    loss = np.mean((y - t) ** 2)
    d2 = 2 * (y - t) / len(X)
    dh = d2 @ W2.T
    d1 = dh * (mask > 0) * (1 - a**2)  # <- dropout-mask
    W2 -= 0.05 * h.T @ d2
    b2 -= 0.05 * d2.sum(axis=0)
    W1 -= 0.05 * X.T @ d1
    b1 -= 0.05 * d1.sum(axis=0)
print(loss)
""",
)

RULE = Rule(
    code="BP805",
    slug="dropout-mask",
    title="error does not pass the dropout mask of the forward pass",
    severity="error",
    explanation=__doc__ or "",
    why=("what was multiplied by the mask on the way forward is multiplied by the same mask on the way back"),
    predict=predict,
    valid=VALID,
    invalid=INVALID,
    layers=("mask",),
)
