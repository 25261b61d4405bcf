"""The delta of the output is multiplied by a derivative that the loss has cancelled, or that no function has.

## What it does
The output is a logistic or softmax probability `p`, the loss is cross-entropy, and the output
delta is `(p − y) · p(1 − p)`. Or the output is linear, and its error is multiplied by the derivative
of the activation that only the hidden layers have.

## Why it is wrong
For a logistic unit `∂L/∂p = (p − y) / (p(1 − p))` and `∂p/∂z = p(1 − p)`; their product is
`∂L/∂z = p − y`. The derivative of the output is already inside. Multiplying again gives the delta
of squared error instead: a confident wrong answer (`p` near 0 where `y = 1`) is hardly corrected,
which is just what cross-entropy was meant to cure. For softmax the same holds with `p − y` per
class, and the product is not the gradient of any loss. A linear output `o = z` has the derivative 1;
any other factor makes its error smaller, or turns it round, by how large the output is.

## Example
    loss = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
    d2 = (p - y) * p * (1 - p)

## Use instead
    d2 = (p - y) / n            # cross-entropy
    d2 = 2 * (p - y) * p * (1 - p) / n      # if the loss is the mean squared error

## How it is proved
The true `∂L/∂z` at the output is computed from your loss. Your delta divided by it is `p(1 − p)`,
element by element, at several points; prediction and gradients agree in every parameter. If the
program computes squared error instead, the factor is needed and this rule is silent.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from bpdoctor.autodiff.activations import FIXED
from bpdoctor.autodiff.mistakes import Array, above, array, end_slope, ends, fused, probability_axis, through_softmax
from bpdoctor.model.evidence import Local, Prediction
from bpdoctor.model.rule import Rule

# The first of the known functions: logistic, tanh and ReLU.
_SQUASHING = 3


def predict(local: Local) -> Iterable[Prediction]:
    """The delta of a cross-entropy, times the derivative of the output once more."""
    yield from _of_linear(local)
    end = ends(local)
    named = end is not None and above(local) and "cross-entropy" in local.form
    if not (named or fused(local)):
        return
    o = array(local.after) if end is None else end[0]
    delta, factor = array(local.true), end_slope(local)
    axis = probability_axis(o)
    if factor is not None:
        note = "(o - t) · o(1 - o)" if axis is not None else "(o - t) · f'(z)"
        yield Prediction(delta * factor, "delta times f'(z)", note, "o - t")
    if axis is not None:
        yield Prediction(
            through_softmax(o, delta, axis), "softmax again", "the softmax Jacobian applied to o - t", "o - t"
        )
        yield Prediction(delta * o, "delta times o", "(o - t) · o", "o - t")


def _of_linear(local: Local) -> Iterable[Prediction]:
    """The error of an output that is no output of the activation whose derivative it is multiplied by."""
    if local.role != "output" or ends(local) is None or above(local):
        return
    o, true = array(local.value), array(local.true)
    for f in FIXED[:_SQUASHING]:
        if _may_be(f.name, o):
            continue
        for text, factor in (("z", f.derivative), ("a", f.from_output)):
            if factor is not None:
                note = f"∂L/∂o · f'({text}) of {f.name}, which the output does not go through"
                yield Prediction(true * factor(o), f"{f.name}' in {text}", note, "∂L/∂o")


def _may_be(name: str, o: Array) -> bool:
    """Whether values may have come out of an activation: these are bounded, or not negative."""
    low, high = {"sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0)}.get(name, (0.0, np.inf))
    return bool(o.min() >= low and o.max() <= high)


VALID = (
    """\
import numpy as np

rng = np.random.default_rng(22)
X = rng.normal(size=(12, 2))
y = (X[:, :1] ** 2 + X[:, 1:] > 0.5).astype(float)
W1, b1 = rng.normal(size=(2, 5)), 0.1 * rng.normal(size=5)
W2, b2 = rng.normal(size=(5, 1)), np.zeros(1)
for epoch in range(100):
    h = np.tanh(X @ W1 + b1)
    p = 1 / (1 + np.exp(-(h @ W2 + b2)))
    loss = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
    d2 = (p - y) / len(X)
    d1 = d2 @ W2.T * (1 - h**2)
    W2 -= 0.5 * h.T @ d2
    b2 -= 0.5 * d2.sum(axis=0)
    W1 -= 0.5 * X.T @ d1
    b1 -= 0.5 * d1.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

class SoftmaxRegression:
    def __init__(self, rng, n_in, n_out):
        self.W = 0.5 * rng.normal(size=(n_in, n_out))
        self.b = np.zeros(n_out)

    def fit_step(self, X, T, lr):
        z = X @ self.W + self.b
        e = np.exp(z - z.max(axis=1, keepdims=True))
        s = e / e.sum(axis=1, keepdims=True)
        loss = -np.sum(T * np.log(s)) / len(X)
        delta = (s - T) / len(X)
        self.W -= lr * X.T @ delta
        self.b -= lr * delta.sum(axis=0)
        return loss

rng = np.random.default_rng(23)
X = rng.normal(size=(15, 4))
T = np.eye(3)[np.argmax(X[:, :3], axis=1)]
model = SoftmaxRegression(rng, 4, 3)
for epoch in range(80):
    loss = model.fit_step(X, T, 0.5)
print(loss)
""",
    """\
import numpy as np

rng = np.random.default_rng(24)
X = rng.normal(size=(8, 2))
y = (X.sum(axis=1, keepdims=True) > 0).astype(float)
W1, b1 = rng.normal(size=(2, 3)), 0.1 * rng.normal(size=3)
W2, b2 = rng.normal(size=(3, 1)), np.zeros(1)
for epoch in range(60):
    h = np.tanh(X @ W1 + b1)
    p = 1 / (1 + np.exp(-(h @ W2 + b2)))
    loss = 0.5 * np.mean((p - y) ** 2)
    d2 = (p - y) * p * (1 - p) / len(X)
    d1 = d2 @ W2.T * (1 - h**2)
    W2 -= h.T @ d2
    b2 -= d2.sum(axis=0)
    W1 -= X.T @ d1
    b1 -= d1.sum(axis=0)
print(loss)
""",
)

INVALID = (
    """\
import numpy as np

rng = np.random.default_rng(22)
X = rng.normal(size=(12, 2))
y = (X[:, :1] ** 2 + X[:, 1:] > 0.5).astype(float)
W1, b1 = rng.normal(size=(2, 5)), 0.1 * rng.normal(size=5)
W2, b2 = rng.normal(size=(5, 1)), np.zeros(1)
for epoch in range(100):
    h = np.tanh(X @ W1 + b1)
    p = 1 / (1 + np.exp(-(h @ W2 + b2)))
    loss = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
    d2 = (p - y) * p * (1 - p) / len(X)  # <- unneeded-output-derivative
    d1 = d2 @ W2.T * (1 - h**2)
    W2 -= 0.5 * h.T @ d2
    b2 -= 0.5 * d2.sum(axis=0)
    W1 -= 0.5 * X.T @ d1
    b1 -= 0.5 * d1.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

class SoftmaxRegression:
    def __init__(self, rng, n_in, n_out):
        self.W = 0.5 * rng.normal(size=(n_in, n_out))
        self.b = np.zeros(n_out)

    def fit_step(self, X, T, lr):
        z = X @ self.W + self.b
        e = np.exp(z - z.max(axis=1, keepdims=True))
        s = e / e.sum(axis=1, keepdims=True)
        loss = -np.sum(T * np.log(s)) / len(X)
        delta = (s - T) * s * (1 - s) / len(X)  # <- unneeded-output-derivative
        self.W -= lr * X.T @ delta
        self.b -= lr * delta.sum(axis=0)
        return loss

rng = np.random.default_rng(23)
X = rng.normal(size=(15, 4))
T = np.eye(3)[np.argmax(X[:, :3], axis=1)]
model = SoftmaxRegression(rng, 4, 3)
for epoch in range(80):
    loss = model.fit_step(X, T, 0.5)
print(loss)
""",
)

RULE = Rule(
    code="BP102",
    slug="unneeded-output-derivative",
    title="the error of the output is multiplied by a derivative that does not belong there",
    severity="error",
    explanation=__doc__ or "",
    why=(
        "for softmax or logistic output with cross-entropy ∂L/∂z is p − y, for a linear one ∂L/∂o; the factor "
        "p(1 − p), or f' of a function that the output does not go through, is no part of the chain"
    ),
    predict=predict,
    valid=VALID,
    invalid=INVALID,
    unit=True,
)
