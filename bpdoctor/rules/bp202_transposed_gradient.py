"""A weight gradient is the transpose of the right one.

## What it does
`dW` is computed as `delta.T @ a` where `a.T @ delta` belongs. With a square matrix the shapes
agree; with another one a `reshape` has been put in to make them agree.

## Why it is wrong
Entry `(i, j)` of `W` joins input i to output j, and `∂L/∂W_ij = Σ_n a_ni δ_nj = (aᵀ δ)_ij`.
The transpose moves the weight from i to j by what the weight from j to i should have. A reshape
is worse than a transpose: it keeps the order of the numbers in memory and only changes where
the rows end, so nearly every entry lands at a wrong place.

## Example
    dW2 = d2.T @ h              # W2 is square
    dW1 = (d1.T @ x).reshape(W1.shape)

## Use instead
    dW2 = h.T @ d2
    dW1 = x.T @ d1

## How it is proved
The true gradient, transposed (and reshaped in memory order where the code does so), equals yours
element by element at several points, and untransposed it does not. The layers below are right,
as the delta is; only this parameter fails.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from bpdoctor.autodiff.mistakes import Array, array
from bpdoctor.model.evidence import Local, Prediction
from bpdoctor.model.rule import Rule


def predict(local: Local) -> Iterable[Prediction]:
    """The transpose, put into the weight's shape; of the whole gradient or of the data term only."""
    true = array(local.true)
    if local.role != "weight" or true.ndim < 2 or true.size == max(true.shape):
        return
    for label, value in _turned(true):
        yield Prediction(value, label, label, "xᵀδ in the shape of W")
    if local.penalty is not None:
        for label, value in _turned(true - local.penalty):
            text = f"{label}, penalty right"
            yield Prediction(value + local.penalty, text, text, "xᵀδ in the shape of W")


def _turned(g: Array) -> Iterable[tuple[str, Array]]:
    """(what it is, value) for every way to turn a gradient."""
    square = g.ndim == 2 and g.shape[0] == g.shape[1]
    yield ("transpose" if square else "transpose, reshaped"), np.ascontiguousarray(g.T).reshape(g.shape)
    if not square and g.ndim == 2:
        yield "transpose, reshaped column by column", g.T.reshape(g.shape, order="F")
        yield "transpose, resized from the columns", g.reshape(g.T.shape).T
    for rows in (g.shape[0], g.size // g.shape[-1]) if g.ndim > 2 else ():
        matrix = g.reshape(rows, -1)
        yield f"transpose of its matrix with {rows} rows", np.ascontiguousarray(matrix.T).reshape(g.shape)
    for i in range(g.ndim if g.ndim > 2 else 0):
        for j in range(i + 1, g.ndim):
            if g.shape[i] == g.shape[j] > 1:
                yield f"axes {i} and {j} exchanged", np.swapaxes(g, i, j)


VALID = (
    """\
import numpy as np

rng = np.random.default_rng(43)
X = rng.normal(size=(10, 2))
t = np.column_stack([X[:, 0] * X[:, 1], X[:, 0] - X[:, 1], np.cos(X[:, 0])])
W1, b1 = rng.normal(size=(2, 3)), 0.1 * rng.normal(size=3)
W2, b2 = rng.normal(size=(3, 3)), np.zeros(3)
for step in range(60):
    h = np.tanh(X @ W1 + b1)
    y = h @ W2 + b2
    loss = np.sum((y - t) ** 2) / len(X)
    d2 = 2 * (y - t) / len(X)
    d1 = (d2 @ W2.T) * (1 - h**2)
    dW2 = h.T @ d2
    dW1 = X.T @ d1
    W2 -= 0.1 * dW2
    b2 -= 0.1 * d2.sum(axis=0)
    W1 -= 0.1 * dW1
    b1 -= 0.1 * d1.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

class Dense:
    def __init__(self, n_in, n_out, rng):
        self.W = rng.normal(size=(n_in, n_out)) / np.sqrt(n_in)
        self.b = 0.1 * rng.normal(size=n_out)

rng = np.random.default_rng(44)
x = rng.normal(size=(12, 3))
t = (x[:, :1] * x[:, 1:2] > 0).astype(float)
a, z = Dense(3, 5, rng), Dense(5, 1, rng)
for epoch in range(80):
    h = np.tanh(x @ a.W + a.b)
    p = 1 / (1 + np.exp(-(h @ z.W + z.b)))
    loss = -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))
    dz = (p - t) / len(x)
    da = (dz @ z.W.T) * (1 - h**2)
    z.W -= 0.2 * h.T @ dz
    z.b -= 0.2 * dz.sum(axis=0)
    grad = x.T @ da
    a.W -= 0.2 * grad
    a.b -= 0.2 * da.sum(axis=0)
print(loss)
""",
)

INVALID = (
    """\
import numpy as np

rng = np.random.default_rng(43)
X = rng.normal(size=(10, 2))
t = np.column_stack([X[:, 0] * X[:, 1], X[:, 0] - X[:, 1], np.cos(X[:, 0])])
W1, b1 = rng.normal(size=(2, 3)), 0.1 * rng.normal(size=3)
W2, b2 = rng.normal(size=(3, 3)), np.zeros(3)
for step in range(60):
    h = np.tanh(X @ W1 + b1)
    y = h @ W2 + b2
    loss = np.sum((y - t) ** 2) / len(X)
    d2 = 2 * (y - t) / len(X)
    d1 = (d2 @ W2.T) * (1 - h**2)
    dW2 = d2.T @ h  # <- transposed-gradient
    dW1 = X.T @ d1
    W2 -= 0.1 * dW2
    b2 -= 0.1 * d2.sum(axis=0)
    W1 -= 0.1 * dW1
    b1 -= 0.1 * d1.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

class Dense:
    def __init__(self, n_in, n_out, rng):
        self.W = rng.normal(size=(n_in, n_out)) / np.sqrt(n_in)
        self.b = 0.1 * rng.normal(size=n_out)

rng = np.random.default_rng(44)
x = rng.normal(size=(12, 3))
t = (x[:, :1] * x[:, 1:2] > 0).astype(float)
a, z = Dense(3, 5, rng), Dense(5, 1, rng)
for epoch in range(80):
    h = np.tanh(x @ a.W + a.b)
    p = 1 / (1 + np.exp(-(h @ z.W + z.b)))
    loss = -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))
    dz = (p - t) / len(x)
    da = (dz @ z.W.T) * (1 - h**2)
    z.W -= 0.2 * h.T @ dz
    z.b -= 0.2 * dz.sum(axis=0)
    grad = (da.T @ x).reshape(3, 5)  # <- transposed-gradient
    a.W -= 0.2 * grad
    a.b -= 0.2 * da.sum(axis=0)
print(loss)
""",
)

RULE = Rule(
    code="BP202",
    slug="transposed-gradient",
    title="weight gradient is transposed",
    severity="error",
    explanation=__doc__ or "",
    why=(
        "for z = a @ W the gradient is aᵀ @ δ, in the shape of W; δᵀ @ a is its transpose and fits only a "
        "square W or after a reshape"
    ),
    predict=predict,
    valid=VALID,
    invalid=INVALID,
)
