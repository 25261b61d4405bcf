"""The loss clips the network's output, and the gradient is computed as if it did not.

## What it does
The loss is that of `np.clip(y, 0, 1)`, or of probabilities held between bounds; the delta is written down for the loss
without the clip: `2 * (y - t)`, `p - t`.

## Why it is wrong
Outside of the bounds the loss is flat, `∂L/∂z = 0`. There the program steps by a gradient that its loss does not have,
and inside nothing is wrong; so the loss that is reported is not what is descended, and some rows of every batch pull
into a direction in which it does not change. A gradient check fails on these rows only, seldom at the start and more
and more often later. Either differentiate the clip too, or, better, leave it out: the loss fused with the last
activation (`log(1 + exp(z))`) needs none.

## Example
    y = np.clip(h @ W, 0, 1)
    loss = np.mean((y - t) ** 2)
    d = 2 * (y - t) / n

## Use instead
    z = h @ W
    y = np.clip(z, 0, 1)
    loss = np.mean((y - t) ** 2)
    d = 2 * (y - t) / n * ((z > 0) & (z < 1))

## How it is proved
The reverse sweep is repeated with the clip passed as if it were not there; the result equals your value to rounding
error in all rows at several points, and differs from the true derivative in the clipped rows only. Bounds that merely
keep a logarithm finite (`1e-12`), or an exponential from overflowing, are no fault: steps in which such a bound is
reached are not compared. Nor is a clip that is used for printing.
"""

from __future__ import annotations

from collections.abc import Iterable

from bpdoctor.autodiff.mistakes import along
from bpdoctor.model.evidence import Local, Prediction
from bpdoctor.model.rule import Rule


def predict(local: Local) -> Iterable[Prediction]:
    """The clip passed straight through, as if it were not there."""
    yield from along(local, ("clip",), "0 in the rows that were clipped")


_SQUARED = """\
import numpy as np

rng = np.random.default_rng(707)
X = rng.normal(size=(18, 3))
t = (X[:, :1] * X[:, 1:2] > 0).astype(float)
W1, b1 = rng.normal(size=(3, 6)), 0.1 * rng.normal(size=6)
W2, b2 = rng.normal(size=(6, 1)), np.zeros(1)
for step in range(60):
    h = np.tanh(X @ W1 + b1)
    z = h @ W2 + b2
    y = np.clip(z, 0, 1)
    loss = np.mean((y - t) ** 2)
    d = {}
    dh = d @ W2.T * (1 - h**2)
    W2 -= 0.05 * h.T @ d
    b2 -= 0.05 * d.sum(axis=0)
    W1 -= 0.05 * X.T @ dh
    b1 -= 0.05 * dh.sum(axis=0)
print(loss)
"""

_LOGISTIC = """\
import numpy as np

rng = np.random.default_rng(708)
X = rng.normal(size=(18, 3))
t = (X[:, :1] - X[:, 1:2] * X[:, 2:] > 0).astype(float)
W1, W2 = rng.normal(size=(3, 5)), {} * rng.normal(size=(5, 1))
for step in range(60):
    h = np.tanh(X @ W1)
    p = 1 / (1 + np.exp(-(h @ W2)))
    q = np.clip(p, {})
    loss = -np.mean(t * np.log(q) + (1 - t) * np.log(1 - q))
    d = {} / len(X)
    dh = d @ W2.T * (1 - h**2)
    W2 -= 0.3 * h.T @ d
    W1 -= 0.3 * X.T @ dh
print(loss)
"""

_PRINTED = """\
import numpy as np

rng = np.random.default_rng(709)
X = rng.normal(size=(18, 2))
t = (X[:, :1] > X[:, 1:]).astype(float)
W, b = rng.normal(size=(2, 1)), np.zeros(1)
for step in range(60):
    y = X @ W + b
    loss = np.mean((y - t) ** 2)
    if step % 10 == 0:
        print(step, loss, np.mean((np.clip(y, 0, 1) - t) ** 2))
    d = 2 * (y - t) / len(X)
    W -= 0.05 * X.T @ d
    b -= 0.05 * d.sum(axis=0)
"""

VALID = (
    _SQUARED.format("2 * (y - t) / len(X) * ((z > 0) & (z < 1))"),
    _LOGISTIC.format("1", "1e-12, 1 - 1e-12", "(p - t)"),
    _LOGISTIC.format("12", "1e-7, 1 - 1e-7", "(q - t)"),
    _PRINTED,
)

INVALID = (
    _SQUARED.format("2 * (y - t) / len(X)  # <- clipped-loss-gradient"),
    _LOGISTIC.format("3", "0.1, 0.9", "(q - t) / (q * (1 - q)) * p * (1 - p)").replace(
        "/ len(X)\n", "/ len(X)  # <- clipped-loss-gradient\n", 1
    ),
)

RULE = Rule(
    code="BP707",
    slug="clipped-loss-gradient",
    title="the loss clips, its gradient does not",
    severity="error",
    explanation=__doc__ or "",
    why="beyond the bounds the loss does not change, so its derivative there is 0",
    predict=predict,
    valid=VALID,
    invalid=INVALID,
)
