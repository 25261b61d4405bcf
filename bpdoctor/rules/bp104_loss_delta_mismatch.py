"""The program computes one loss and backpropagates the gradient of another one.

## What it does
The value that is computed and reported belongs to one loss (say squared error), while the output
delta is that of another (say `p − y`, which is cross-entropy with a logistic or softmax output).

## Why it is wrong
For squared error on a logistic output `∂L/∂z = 2(p − y) p(1 − p)`; for cross-entropy it is
`p − y`. Both train, towards different weights. The printed value is not what is being made
smaller, so it may rise while training goes well, and a gradient check against it fails in every
parameter. One of the two is not what was meant; the program cannot say which.

## Example
    loss = np.mean((p - y) ** 2)
    d2 = (p - y) / n

## Use instead
    loss = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))    # keep the delta, or …
    d2 = 2 * (p - y) * p * (1 - p) / n                          # … keep the loss

## How it is proved
The gradients fail against the loss on the tape and agree in every parameter, to rounding error,
with the gradient of one standard loss of the same output and targets. Both repairs are offered.
A number that is only printed, such as a mean absolute error or an accuracy, is not taken for the
loss when the gradients are exact for a standard one. A number of no standard form is taken for it
when it falls towards the targets and bends with the error alone, as a Huber loss does, or when it is
a standard loss with weights or a mask that are given; one that only may be a loss (errors weighed by
the size of their targets, a cross-entropy without its second half) is a note.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from bpdoctor.autodiff.mistakes import (
    Array,
    above,
    array,
    end_slope,
    ends,
    fused,
    probability_axis,
    proportional,
    through_softmax,
)
from bpdoctor.model.evidence import Local, Prediction
from bpdoctor.model.rule import Rule


def predict(local: Local) -> Iterable[Prediction]:
    """The deltas of the other standard losses, constants aside.

    With a cross-entropy, ``(o - t) * f'(z)`` is left to `unneeded-output-derivative`.
    """
    end = ends(local)
    if end is None:
        return
    for loss, formula, delta in _deltas(local, *end):
        if not proportional(delta, local.true):
            note = f"{formula}, the delta of the {loss}"
            yield Prediction(delta, loss, note, "the delta of the loss that is computed", free=True)


def _deltas(local: Local, o: Array, t: Array) -> Iterator[tuple[str, str, Array]]:
    """(loss, its delta as a formula, value) at this place."""
    axis = probability_axis(o)
    with np.errstate(all="ignore"):
        in_output = [("squared error", "o - t", o - t), ("absolute error", "sign(o - t)", np.sign(o - t))]
        if axis is not None:
            in_output.append(("categorical cross-entropy", "-t / o", -t / o))
        if ((o > 0) & (o < 1)).all():
            in_output.append(("binary cross-entropy", "(o - t) / (o * (1 - o))", (o - t) / (o * (1 - o))))
    factor = end_slope(local)
    if not above(local) or factor is None:
        yield from in_output
        return
    logistic = factor.shape == o.shape and bool(np.allclose(factor, o * (1 - o), rtol=1e-9, atol=0))
    if logistic:
        yield "cross-entropy", "o - t", o - t
    cancelled = fused(local)
    for loss, formula, g in in_output[:2]:
        if loss == "absolute error" or not cancelled:
            value = g * factor if axis is None else through_softmax(o, g, axis)
            yield loss, f"({formula}) * f'(z)", array(value)


VALID = (
    """\
import numpy as np

rng = np.random.default_rng(27)
X = rng.normal(size=(12, 3))
T = np.eye(4)[(X[:, 0] > 0).astype(int) + 2 * (X[:, 1] > 0)]
W1, b1 = rng.normal(size=(3, 5)), 0.1 * rng.normal(size=5)
W2, b2 = rng.normal(size=(5, 4)), np.zeros(4)
for epoch in range(60):
    h = np.tanh(X @ W1 + b1)
    z = h @ W2 + b2
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    loss = np.sum((p - T) ** 2) / len(X)
    d2 = 2 * p * ((p - T) - ((p - T) * p).sum(axis=1, keepdims=True)) / len(X)
    d1 = d2 @ W2.T * (1 - h**2)
    W2 -= 0.3 * h.T @ d2
    b2 -= 0.3 * d2.sum(axis=0)
    W1 -= 0.3 * X.T @ d1
    b1 -= 0.3 * d1.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

def sigmoid(z):
    return 1 / (1 + np.exp(-z))

class Net:
    def __init__(self, rng):
        self.W, self.b = rng.normal(size=(2, 4)), 0.1 * rng.normal(size=4)
        self.V, self.c = rng.normal(size=(4, 2)), np.zeros(2)

    def train(self, x, y, lr):
        h = sigmoid(x @ self.W + self.b)
        p = sigmoid(h @ self.V + self.c)
        loss = 0.5 * np.sum((y - p) ** 2)
        d_out = (p - y) * p * (1 - p)
        d_hid = d_out @ self.V.T * h * (1 - h)
        self.V -= lr * h.T @ d_out
        self.c -= lr * d_out.sum(axis=0)
        self.W -= lr * x.T @ d_hid
        self.b -= lr * d_hid.sum(axis=0)
        return loss

rng = np.random.default_rng(28)
x = rng.normal(size=(10, 2))
y = np.column_stack([x[:, 0] > x[:, 1], x[:, 0] * x[:, 1] > 0]).astype(float)
net = Net(rng)
for epoch in range(60):
    loss = net.train(x, y, 0.2)
print(loss)
""",
    """\
import numpy as np

def huber(r, width=0.5):
    size = np.abs(r)
    return np.where(size <= width, 0.5 * r**2, width * (size - 0.5 * width))

rng = np.random.default_rng(29)
x = rng.uniform(-2, 2, size=(30, 1))
t = np.cos(x)
t[::8] += 3.0
A, a = rng.normal(size=(1, 6)), 0.1 * rng.normal(size=6)
B, b = rng.normal(size=(6, 1)) / 2, np.zeros(1)
for step in range(60):
    h = np.tanh(x @ A + a)
    off = h @ B + b - t
    loss = huber(off).mean()
    print(step, loss, np.abs(off).mean())
    g = np.clip(off, -0.5, 0.5) / len(x)
    gh = g @ B.T * (1 - h**2)
    B -= 0.1 * h.T @ g
    b -= 0.1 * g.sum(axis=0)
    A -= 0.1 * x.T @ gh
    a -= 0.1 * gh.sum(axis=0)
""",
)


INVALID = (
    """\
import numpy as np

rng = np.random.default_rng(27)
X = rng.normal(size=(12, 3))
T = np.eye(4)[(X[:, 0] > 0).astype(int) + 2 * (X[:, 1] > 0)]
W1, b1 = rng.normal(size=(3, 5)), 0.1 * rng.normal(size=5)
W2, b2 = rng.normal(size=(5, 4)), np.zeros(4)
for epoch in range(60):
    h = np.tanh(X @ W1 + b1)
    z = h @ W2 + b2
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    loss = np.sum((p - T) ** 2) / len(X)
    d2 = (p - T) / len(X)  # <- loss-delta-mismatch
    d1 = d2 @ W2.T * (1 - h**2)
    W2 -= 0.3 * h.T @ d2
    b2 -= 0.3 * d2.sum(axis=0)
    W1 -= 0.3 * X.T @ d1
    b1 -= 0.3 * d1.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

def sigmoid(z):
    return 1 / (1 + np.exp(-z))

class Net:
    def __init__(self, rng):
        self.W, self.b = rng.normal(size=(2, 4)), 0.1 * rng.normal(size=4)
        self.V, self.c = rng.normal(size=(4, 2)), np.zeros(2)

    def train(self, x, y, lr):
        h = sigmoid(x @ self.W + self.b)
        p = sigmoid(h @ self.V + self.c)
        loss = 0.5 * np.sum((y - p) ** 2)
        d_out = p - y  # <- loss-delta-mismatch
        d_hid = d_out @ self.V.T * h * (1 - h)
        self.V -= lr * h.T @ d_out
        self.c -= lr * d_out.sum(axis=0)
        self.W -= lr * x.T @ d_hid
        self.b -= lr * d_hid.sum(axis=0)
        return loss

rng = np.random.default_rng(28)
x = rng.normal(size=(10, 2))
y = np.column_stack([x[:, 0] > x[:, 1], x[:, 0] * x[:, 1] > 0]).astype(float)
net = Net(rng)
for epoch in range(60):
    loss = net.train(x, y, 0.2)
print(loss)
""",
    """\
import numpy as np

def huber(r, width=0.5):
    size = np.abs(r)
    return np.where(size <= width, 0.5 * r**2, width * (size - 0.5 * width))

rng = np.random.default_rng(29)
x = rng.uniform(-2, 2, size=(30, 1))
t = np.cos(x)
t[::8] += 3.0
A, a = rng.normal(size=(1, 6)), 0.1 * rng.normal(size=6)
B, b = rng.normal(size=(6, 1)) / 2, np.zeros(1)
for step in range(60):
    h = np.tanh(x @ A + a)
    off = h @ B + b - t
    loss = huber(off).mean()
    print(step, loss, np.abs(off).mean())
    g = off / len(x)  # <- loss-delta-mismatch
    gh = g @ B.T * (1 - h**2)
    B -= 0.1 * h.T @ g
    b -= 0.1 * g.sum(axis=0)
    A -= 0.1 * x.T @ gh
    a -= 0.1 * gh.sum(axis=0)
""",
)


RULE = Rule(
    code="BP104",
    slug="loss-delta-mismatch",
    title="gradient of another loss than the one computed",
    severity="error",
    explanation=__doc__ or "",
    why=(
        "the delta is exactly the one of another loss; what is printed and what is minimised are two different things"
    ),
    predict=predict,
    valid=VALID,
    invalid=INVALID,
)
