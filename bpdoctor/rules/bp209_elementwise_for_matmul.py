"""`*` stands where a matrix product belongs, and broadcasting lets it pass.

## What it does
In `delta * W.T`, `x * delta` or `x * W` the entries are multiplied one by one. With equal sizes, or with one axis of
length 1, NumPy stretches the arrays until they fit and says nothing. (In MATLAB, and for `np.matrix`, `*` is the
matrix product; for arrays it is not.)

## Why it is wrong
A matrix product sums: `(δ Wᵀ)_i = Σ_j δ_j W_ij`, every output gets a share of every error. Entry by entry,
`δ_i W_ii` is what is left of it, unit i hears of output i alone. For `z = W x` the gradient is the outer product
`∂L/∂W_ij = δ_i x_j`; `δ * x` has only its diagonal, and when a vector is subtracted from the matrix each row gets the
same. Used forward, `*` makes a network in which output j depends on input j only; a backward pass written for `@` is
then the gradient of another network.

## Example
    dh = delta * W2.T

## Use instead
    dh = delta @ W2.T

## How it is proved
One product of the reverse sweep is replaced by the entrywise product of the same arrays, or the other way round where
the forward pass has `*`; the result equals your value to rounding error at several points. Where both products are
the same (a column times a row), nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

import numpy as np

from bpdoctor.autodiff.mistakes import Array, array, same, swapped
from bpdoctor.model.evidence import Local, Prediction, Use
from bpdoctor.model.rule import Rule


def predict(local: Local) -> Iterable[Prediction]:
    """The entrywise product in the place of each matrix product, and the matrix product for an entrywise one."""
    if local.role == "weight":
        for turned in (False, True):
            for ending, value in swapped(local, partial(_weight, turned)):
                yield Prediction(value, f"x * δ{turned}{ending}", "x * δ, entry by entry", "the product xᵀ @ δ")
        for ending, value in swapped(local, _as_written_for_matmul):
            yield Prediction(
                value, f"forward{ending}", "xᵀ @ δ, as if the forward pass had `@`", "x * δ, or `@` forward"
            )
    elif local.role in ("input", "activation"):
        for turned in (False, True):
            for ending, value in swapped(local, partial(_input, turned)):
                yield Prediction(value, f"δ * W{turned}{ending}", "δ * W, entry by entry", "the product δ @ Wᵀ")


def _matrix(use: Use) -> bool:
    """Whether the forward product is one of matrices: it sums over an axis."""
    if min(np.ndim(use.x), np.ndim(use.w)) < 1 or np.ndim(use.w) + np.ndim(use.x) < 3:
        return False
    return not _entrywise(use)


def _entrywise(use: Use) -> bool:
    if np.ndim(use.x) < 1 or np.ndim(use.w) < 1:
        return False
    product = _product(use.x, use.delta)
    return product is not None and same(use.pull_weight(use.x, use.delta), _collapsed(product, np.shape(use.w)))


def _weight(turned: bool, use: Use) -> Array | None:
    if not _matrix(use):
        return None
    return _fitted(_product(np.transpose(use.x) if turned else use.x, use.delta), np.shape(use.w))


def _input(turned: bool, use: Use) -> Array | None:
    if not _matrix(use):
        return None
    product = _product(use.delta, np.transpose(use.w) if turned else use.w)
    return product if product is not None and product.shape == np.shape(use.x) else None


def _as_written_for_matmul(use: Use) -> Array | None:
    """What belongs to ``x @ W`` where the forward pass has ``x * W``."""
    if np.ndim(use.x) != 2 or np.ndim(use.w) != 2 or not _entrywise(use):
        return None
    try:
        return _fitted(array(use.x).T @ array(use.delta), np.shape(use.w))
    except ValueError:
        return None


def _product(x: Array, y: Array) -> Array | None:
    try:
        return array(x) * array(y)
    except ValueError:
        return None


def _fitted(product: Array | None, shape: tuple[int, ...]) -> Array | None:
    """The product stretched to the shape of what it is subtracted from."""
    try:
        return None if product is None else np.broadcast_to(product, shape)
    except ValueError:
        return None


def _collapsed(product: Array, shape: tuple[int, ...]) -> Array:
    """The sum over the axes along which an operand of this shape was stretched."""
    out = product.sum(axis=tuple(range(product.ndim - len(shape)))) if product.ndim > len(shape) else product
    axes = tuple(k for k, n in enumerate(shape) if n == 1 and k < out.ndim and out.shape[k] != 1)
    return out.sum(axis=axes, keepdims=True) if axes else out


_SQUARE = """\
import numpy as np

rng = np.random.default_rng(209)
X = rng.normal(size=(5, 5))
T = np.tanh(X[:, ::-1] - X)
A, B = rng.normal(size=(5, 5)), rng.normal(size=(5, 5))
for step in range(50):
    h = np.tanh(X @ A)
    Y = {}
    loss = 0.5 * np.sum((Y - T) ** 2) / len(X)
    D = (Y - T) / len(X)
    dh = {}
    dB = h.T @ D
    dA = X.T @ (dh * (1 - h**2))
    A -= 0.1 * dA
    B -= 0.1 * dB
print(loss)
"""

_ONLINE = """\
import numpy as np

class Net:
    def __init__(self, n, rng):
        self.W1, self.W2 = rng.normal(size=(n, n)) / 2, rng.normal(size=(n, n)) / 2

    def learn(self, x, t, rate):
        h = np.tanh(self.W1 @ x)
        y = self.W2 @ h
        error = y - t
        back = (self.W2.T @ error) * (1 - h**2)
        self.W2 -= rate * np.outer(error, h)
        self.W1 -= rate * {}
        return 0.5 * error @ error

rng = np.random.default_rng(210)
net = Net(4, rng)
data = rng.uniform(-1, 1, size=(10, 4))
for epoch in range(30):
    total = 0.0
    for x in data:
        total += net.learn(x, x[::-1] * x[0], 0.1)
print(total)
"""

_GAIN = """\
import numpy as np

rng = np.random.default_rng(211)
X = rng.normal(size=(12, 3))
t = 2 * X[:, :1] - X[:, 1:2] * X[:, 2:]
gain, W, V = np.ones((1, 3)), rng.normal(size=(3, 4)), rng.normal(size=(4, 1))
for step in range(50):
    s = X * gain  # each feature has a scale of its own
    h = np.tanh(s @ W)
    y = h @ V
    loss = np.mean((y - t) ** 2)
    d = 2 * (y - t) / len(X)
    dz = d * V.T * (1 - h**2)  # a column times a row: the same as d @ V.T
    V, W, gain = V - 0.1 * h.T @ d, W - 0.1 * s.T @ dz, gain - 0.1 * (X * (dz @ W.T)).sum(axis=0, keepdims=True)
print(loss)
"""

VALID = (
    _SQUARE.format("h @ B", "D @ B.T"),
    _ONLINE.format("np.outer(back, x)"),
    _GAIN,
)

INVALID = (
    _SQUARE.format("h @ B", "D * B.T  # <- elementwise-for-matmul"),
    _ONLINE.format("back * x  # <- elementwise-for-matmul"),
    _SQUARE.format("h * B  # <- elementwise-for-matmul", "D * B"),
)

RULE = Rule(
    code="BP209",
    slug="elementwise-for-matmul",
    title="`*` stands where a matrix product belongs",
    severity="error",
    explanation=__doc__ or "",
    why="a matrix product sums over an axis; `*` multiplies entry by entry and keeps one term of each sum",
    predict=predict,
    place="forward",
    valid=VALID,
    invalid=INVALID,
)
