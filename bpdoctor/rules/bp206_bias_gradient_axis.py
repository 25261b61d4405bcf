"""The bias gradient is summed over the units, over everything, or not at all.

## What it does
`delta` has one row per sample and one column per unit. The code sums it to a single number, sums
along the other axis, or subtracts it from the bias unsummed.

## Why it is wrong
`z_nj = Σ_i a_ni W_ij + b_j`: the bias `b_j` enters every sample n of unit j, hence
`∂L/∂b_j = Σ_n δ_nj`, the sum over samples. Summed to a scalar, all biases of the layer move alike.
Summed along the other axis the numbers belong to samples, not to units, and it runs only because
both happen to be equally many, or because NumPy broadcasts and the bias grows into a matrix.

## Example
    db = np.sum(delta)

## Use instead
    db = np.sum(delta, axis=0)                  # samples in rows
    db = np.sum(delta, axis=1, keepdims=True)   # samples in columns

## How it is proved
The weight gradient of the same layer agrees with the reference, so the delta is right. The bias
gradient equals the delta summed over the wrong axis, or its entries are all equal, or the bias
has another shape after the step than before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from bpdoctor.autodiff.mistakes import Array, array, summed_axes
from bpdoctor.model.evidence import Evidence, Local, Prediction
from bpdoctor.model.examination import Examination
from bpdoctor.model.rule import Rule


def predict(local: Local) -> Iterable[Prediction]:
    """δ summed over other axes, over everything, over no axis, or taken from one sample."""
    if local.role != "bias" or not local.deltas:
        return
    deltas = [array(d) for d in local.deltas]
    shape = np.shape(local.value)
    if any(d.ndim < len(shape) or d.shape != deltas[0].shape for d in deltas):
        return
    over = summed_axes(deltas[0], shape)
    seen: set[str] = set()
    for label, value in _readings(sum(deltas), over):
        fitted = _fitted(value, shape)
        if label not in seen:
            seen.add(label)
            yield Prediction(fitted, label, f"δ, {label}", "the sum of δ over the samples")
    if len(deltas) > 1:
        total = sum(d.sum() for d in deltas)
        yield Prediction(
            np.full(shape, total), "everything in one", "δ, everything in one sum", "the sum over the samples"
        )


def evidence(examination: Examination) -> Iterable[Evidence]:
    """Errors that are added up to one number and cancel there: rounding is no wrong value that could be predicted."""
    for sums in examination.measurements["cancelled"]:
        errors, shape = (" x ".join(map(str, s)) for s in (sums.errors, sums.shape))
        yield Evidence(
            sums.site,
            f"errors of shape {errors} are summed to one number for a bias of {shape} entries, where they cancel",
            label="the sum over everything is 0 but for rounding",
            facts=("it should be the sum of δ over the samples",),
        )


def _readings(delta: Array, over: tuple[int, ...]) -> Iterator[tuple[str, Array]]:
    """(what was done, value) for every reduction but the right one."""
    if delta.ndim == 0 or (over == () and delta.size == 1):
        return
    if over != tuple(range(delta.ndim)):
        yield "summed to one number", delta.sum()
        yield "averaged to one number", delta.mean()
    for axis in range(delta.ndim):
        if (axis,) != over and delta.shape[axis] > 1 and delta.ndim > 1:
            yield f"summed over axis {axis}", delta.sum(axis=axis)
            yield f"summed over axis {axis}, dimension kept", delta.sum(axis=axis, keepdims=True)
            yield f"averaged over axis {axis}", delta.mean(axis=axis)
            yield f"averaged over axis {axis}, dimension kept", delta.mean(axis=axis, keepdims=True)
    if any(delta.shape[k] > 1 for k in over):
        yield "not summed", delta
        for name, k in (("first", 0), ("last", -1)):
            index = tuple(k if axis in over else slice(None) for axis in range(delta.ndim))
            yield f"of the {name} sample only", delta[index]


def _fitted(value: Array, shape: tuple[int, ...]) -> Array:
    """The value as the bias would take it up: broadcast to its shape where that is possible."""
    value = array(value)
    try:
        return np.array(np.broadcast_to(value, shape))
    except ValueError:
        return value.reshape(shape) if value.size == int(np.prod(shape)) else value


VALID = (
    """\
import numpy as np

rng = np.random.default_rng(51)
X = rng.normal(size=(9, 2))
t = np.sin(2 * X[:, :1]) + X[:, 1:]
W1, b1 = rng.normal(size=(2, 6)), 0.1 * rng.normal(size=6)
W2, b2 = rng.normal(size=(6, 1)), np.zeros(1)
for step in range(60):
    h = np.tanh(X @ W1 + b1)
    y = h @ W2 + b2
    loss = np.mean((y - t) ** 2)
    d2 = 2 * (y - t) / len(X)
    d1 = d2 @ W2.T * (1 - h**2)
    db2 = np.sum(d2, axis=0)
    db1 = np.sum(d1, axis=0)
    W2 -= 0.05 * h.T @ d2
    b2 -= 0.05 * db2
    W1 -= 0.05 * X.T @ d1
    b1 -= 0.05 * db1
print(loss)
""",
    """\
import numpy as np

class Net:
    def __init__(self, rng):
        self.W, self.b = rng.normal(size=(3, 7)), 0.1 * rng.normal(size=7)
        self.V, self.c = rng.normal(size=(7, 2)), np.zeros(2)

    def train(self, x, t, lr):
        h = np.tanh(x @ self.W + self.b)
        z = h @ self.V + self.c
        e = np.exp(z - z.max(axis=1, keepdims=True))
        p = e / e.sum(axis=1, keepdims=True)
        d = (p - t) / len(x)
        dh = d @ self.V.T * (1 - h**2)
        self.V -= lr * h.T @ d
        self.c -= lr * d.sum(axis=0)
        self.W -= lr * x.T @ dh
        self.b -= lr * dh.sum(axis=0)
        return -np.sum(t * np.log(p)) / len(x)

rng = np.random.default_rng(52)
x = rng.normal(size=(7, 3))
t = np.eye(2)[(x[:, 0] * x[:, 1] > x[:, 2]).astype(int)]
net = Net(rng)
for epoch in range(50):
    loss = net.train(x, t, 0.2)
print(loss)
""",
    """\
import numpy as np

rng = np.random.default_rng(53)
X = rng.normal(size=(2, 6))
t = np.abs(X[:1]) * X[1:]
W, b = rng.normal(size=(6, 2)), 0.1 * rng.normal(size=(6, 1))
V, c = rng.normal(size=(1, 6)), np.zeros((1, 1))
ones = np.ones((6, 1))
for step in range(60):
    h = np.tanh(W @ X + b)
    y = V @ h + c
    loss = np.mean((y - t) ** 2)
    d = 2 * (y - t) / 6
    dh = V.T @ d * (1 - h**2)
    V, c = V - 0.1 * d @ h.T, c - 0.1 * d @ ones
    W, b = W - 0.1 * dh @ X.T, b - 0.1 * dh @ ones
print(loss)
""",
)

INVALID = (
    """\
import numpy as np

rng = np.random.default_rng(51)
X = rng.normal(size=(9, 2))
t = np.sin(2 * X[:, :1]) + X[:, 1:]
W1, b1 = rng.normal(size=(2, 6)), 0.1 * rng.normal(size=6)
W2, b2 = rng.normal(size=(6, 1)), np.zeros(1)
for step in range(60):
    h = np.tanh(X @ W1 + b1)
    y = h @ W2 + b2
    loss = np.mean((y - t) ** 2)
    d2 = 2 * (y - t) / len(X)
    d1 = d2 @ W2.T * (1 - h**2)
    db2 = np.sum(d2, axis=0)
    db1 = np.sum(d1)  # <- bias-gradient-axis
    W2 -= 0.05 * h.T @ d2
    b2 -= 0.05 * db2
    W1 -= 0.05 * X.T @ d1
    b1 -= 0.05 * db1
print(loss)
""",
    """\
import numpy as np

class Net:
    def __init__(self, rng):
        self.W, self.b = rng.normal(size=(3, 7)), 0.1 * rng.normal(size=7)
        self.V, self.c = rng.normal(size=(7, 2)), np.zeros(2)

    def train(self, x, t, lr):
        h = np.tanh(x @ self.W + self.b)
        z = h @ self.V + self.c
        e = np.exp(z - z.max(axis=1, keepdims=True))
        p = e / e.sum(axis=1, keepdims=True)
        d = (p - t) / len(x)
        dh = d @ self.V.T * (1 - h**2)
        self.V -= lr * h.T @ d
        self.c -= lr * d.sum(axis=0)
        self.W -= lr * x.T @ dh
        self.b -= lr * dh.sum(axis=1)  # <- bias-gradient-axis
        return -np.sum(t * np.log(p)) / len(x)

rng = np.random.default_rng(52)
x = rng.normal(size=(7, 3))
t = np.eye(2)[(x[:, 0] * x[:, 1] > x[:, 2]).astype(int)]
net = Net(rng)
for epoch in range(50):
    loss = net.train(x, t, 0.2)
print(loss)
""",
)

RULE = Rule(
    code="BP206",
    slug="bias-gradient-axis",
    title="bias gradient summed over the wrong axis",
    severity="error",
    explanation=__doc__ or "",
    why=("one bias serves all samples, so its gradient sums δ over the samples and keeps one number per unit"),
    predict=predict,
    evidence=evidence,
    valid=VALID,
    invalid=INVALID,
)
