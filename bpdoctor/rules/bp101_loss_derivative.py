"""The derivative of the loss has the wrong form, so that everything behind it is wrong.

## What it does
The backward pass starts from an expression that is not `∂L/∂ŷ`: a term is missing
(cross-entropy without its `1 − y` half), a sign between two terms is wrong, or the loss itself
stands where its derivative should.

## Why it is wrong
For `L = −y log p − (1 − y) log(1 − p)` the derivative is `∂L/∂p = −y/p + (1 − y)/(1 − p)`.
Without the second term samples with `y = 0` exert no force, and the network may call everything 1.
For `L = (ŷ − y)²` it is `2(ŷ − y)`; the square has lost the sign of the error.
All gradients are made from this first factor, so all of them are wrong, and no layer is to blame.

## Example
    loss = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
    dp = -(y / p) / n

## Use instead
    dp = (-(y / p) + (1 - y) / (1 - p)) / n

## How it is proved
The loss is on the tape, so its derivative with respect to every output is known, and is confirmed
by running the program at changed parameters. The comparison is made element by element: here the
rows with `y = 1` agree and those with `y = 0` do not. Behind the wrong factor every step agrees
with the chain rule. A factor common to all elements is reported as `gradient-scale` instead.
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
    probability_axis,
    proportional,
    through_softmax,
)
from bpdoctor.model.evidence import Local, Prediction
from bpdoctor.model.rule import Rule


def predict(local: Local) -> Iterable[Prediction]:
    """Wrong forms of the first factor, in the output or carried to the logits; constants are free.

    A form that is exactly another standard loss's delta is left to `loss-delta-mismatch`.
    """
    end = ends(local)
    if end is None:
        return
    o, t = end
    before, factor, axis = above(local), end_slope(local), probability_axis(o)
    if local.role == "output":
        yield Prediction(np.abs(array(local.true)), "|∂L/∂o|", "|∂L/∂o|, without its sign", "∂L/∂o", free=True)
    for text, g in _forms(o, t):
        places = [(text, g)]
        if before and axis is not None and np.ptp(g) > 0:
            places.append((f"({text}) through softmax", through_softmax(o, g, axis)))
        elif before and factor is not None:
            places.append((f"({text}) * f'(z)", g * factor))
        elif axis is not None and text == "-t / o":
            continue
        for label, value in places:
            known = [local.true] if local.upstream is None else [local.true, local.upstream]
            if not any(proportional(value, k) for k in known):
                yield Prediction(array(value), label, label, "∂L/∂o of the loss that is computed", free=True)


def _forms(o: Array, t: Array) -> Iterator[tuple[str, Array]]:
    """(formula, value) of what is written for ∂L/∂o, o the output and t the target."""
    with np.errstate(all="ignore"):
        yield "-t / o", -t / o
        yield "(1 - t) / (1 - o)", (1 - t) / (1 - o)
        yield "t / o + (1 - t) / (1 - o)", t / o + (1 - t) / (1 - o)
        yield "-t / o + (1 - t) / o", (1 - 2 * t) / o
        yield "-t / o + (1 - t) * (1 - o)", -t / o + (1 - t) * (1 - o)
        yield "-t * o + (1 - t) * (1 - o)", -t * o + (1 - t) * (1 - o)
        yield "-o / t", -o / t
        yield "(o - t) ** 2", (o - t) ** 2
        yield "(o - t) ** 3", (o - t) ** 3
        yield "|o - t|", np.abs(o - t)
        yield "mean(o - t)", np.mean(o - t) + 0 * o
        yield "o + t", o + t
        yield "o", o
        yield "t", t
        yield "1 - o", 1 - o
        yield "1 - t", 1 - t
        yield "1", 1 + 0 * o
        yield "1 / o", 1 / o
        yield "o - 1 at the target, 0 elsewhere", t * (o - 1)
        yield "-1 at the target, o elsewhere", (1 - t) * o - t
        yield "t * o", t * o
        yield "(1 - t) * o", (1 - t) * o
        yield "(o - t) * o", (o - t) * o
        yield "(o - t) * t", (o - t) * t
        yield "(o - t) * (1 - o)", (o - t) * (1 - o)
        yield "(o - t) / o", (o - t) / o
        yield "(o - t) / (1 - o)", (o - t) / (1 - o)
        yield "o ** 2 - t ** 2", o**2 - t**2
        yield "o - t ** 2", o - t**2
        yield "o ** 2 - t", o**2 - t
        yield "log(o)", np.log(o)
        yield "t * log(o)", t * np.log(o)
        yield "log(o) - log(t)", np.log(o) - np.log(t)
        yield "-t * log(o) - (1 - t) * log(1 - o)", -t * np.log(o) - (1 - t) * np.log(1 - o)
        yield "-t * log(o) + (1 - t) * log(1 - o)", -t * np.log(o) + (1 - t) * np.log(1 - o)


VALID = (
    """\
import numpy as np

rng = np.random.default_rng(20)
X = rng.normal(size=(10, 2))
y = (X[:, :1] - X[:, 1:] > 0).astype(float)
W1, b1 = rng.normal(size=(2, 4)), 0.1 * rng.normal(size=4)
W2, b2 = rng.normal(size=(4, 1)), np.zeros(1)
for step in range(60):
    h = np.tanh(X @ W1 + b1)
    p = 1 / (1 + np.exp(-(h @ W2 + b2)))
    loss = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
    dp = (-(y / p) + (1 - y) / (1 - p)) / len(X)
    d2 = dp * p * (1 - p)
    d1 = d2 @ W2.T * (1 - h**2)
    W2 -= 0.3 * h.T @ d2
    b2 -= 0.3 * d2.sum(axis=0)
    W1 -= 0.3 * X.T @ d1
    b1 -= 0.3 * d1.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

def mse(pred, target):
    return np.mean((pred - target) ** 2)

def mse_prime(pred, target):
    return 2 * (pred - target) / pred.size

class Net:
    def __init__(self, rng):
        self.W, self.b = rng.normal(size=(2, 5)), 0.1 * rng.normal(size=5)
        self.V, self.c = rng.normal(size=(5, 1)), np.zeros(1)

    def learn(self, x, t, lr):
        h = np.tanh(x @ self.W + self.b)
        y = h @ self.V + self.c
        g = mse_prime(y, t)
        gh = g @ self.V.T * (1 - h**2)
        self.V, self.c = self.V - lr * h.T @ g, self.c - lr * g.sum(0)
        self.W, self.b = self.W - lr * x.T @ gh, self.b - lr * gh.sum(0)
        return mse(y, t)

rng = np.random.default_rng(21)
x = rng.normal(size=(9, 2))
t = x[:, :1] * x[:, 1:] + 0.2
net = Net(rng)
for i in range(20):
    loss = net.learn(x, t, 0.005)
print(loss)
""",
    """\
import random

random.seed(22)
w1 = [[random.uniform(-1, 1) for _ in range(2)] for _ in range(3)]
w2 = [random.uniform(-1, 1) for _ in range(3)]
data = [((i / 4, j / 4), i * j / 16) for i in range(-3, 4) for j in range(-3, 4)]
for epoch in range(20):
    cost = 0.0
    for x, t in data:
        z = [sum(a * b for a, b in zip(w, x)) for w in w1]
        h = [max(0.1 * v, v) for v in z]
        out = sum(a * b for a, b in zip(w2, h))
        cost += 0.5 * (out - t) ** 2
        d = out - t
        for j in range(3):
            g = d * w2[j] * (1 if z[j] > 0 else 0.1)
            w2[j] -= 0.1 / (1 + 0.05 * epoch) * d * h[j]
            for i in range(2):
                w1[j][i] -= 0.1 / (1 + 0.05 * epoch) * g * x[i]
    print(epoch, cost)
""",
)


INVALID = (
    """\
import numpy as np

rng = np.random.default_rng(20)
X = rng.normal(size=(10, 2))
y = (X[:, :1] - X[:, 1:] > 0).astype(float)
W1, b1 = rng.normal(size=(2, 4)), 0.1 * rng.normal(size=4)
W2, b2 = rng.normal(size=(4, 1)), np.zeros(1)
for step in range(60):
    h = np.tanh(X @ W1 + b1)
    p = 1 / (1 + np.exp(-(h @ W2 + b2)))
    loss = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
    dp = -(y / p) / len(X)  # <- loss-derivative
    d2 = dp * p * (1 - p)
    d1 = d2 @ W2.T * (1 - h**2)
    W2 -= 0.3 * h.T @ d2
    b2 -= 0.3 * d2.sum(axis=0)
    W1 -= 0.3 * X.T @ d1
    b1 -= 0.3 * d1.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

def mse(pred, target):
    return np.mean((pred - target) ** 2)

def mse_prime(pred, target):
    return (pred - target) ** 2 / pred.size  # <- loss-derivative

class Net:
    def __init__(self, rng):
        self.W, self.b = rng.normal(size=(2, 5)), 0.1 * rng.normal(size=5)
        self.V, self.c = rng.normal(size=(5, 1)), np.zeros(1)

    def learn(self, x, t, lr):
        h = np.tanh(x @ self.W + self.b)
        y = h @ self.V + self.c
        g = mse_prime(y, t)
        gh = g @ self.V.T * (1 - h**2)
        self.V, self.c = self.V - lr * h.T @ g, self.c - lr * g.sum(0)
        self.W, self.b = self.W - lr * x.T @ gh, self.b - lr * gh.sum(0)
        return mse(y, t)

rng = np.random.default_rng(21)
x = rng.normal(size=(9, 2))
t = x[:, :1] * x[:, 1:] + 0.2
net = Net(rng)
for i in range(20):
    loss = net.learn(x, t, 0.005)
print(loss)
""",
    """\
import random

random.seed(22)
w1 = [[random.uniform(-1, 1) for _ in range(2)] for _ in range(3)]
w2 = [random.uniform(-1, 1) for _ in range(3)]
data = [((i / 4, j / 4), i * j / 16) for i in range(-3, 4) for j in range(-3, 4)]
for epoch in range(20):
    cost = 0.0
    for x, t in data:
        z = [sum(a * b for a, b in zip(w, x)) for w in w1]
        h = [max(0.1 * v, v) for v in z]
        out = sum(a * b for a, b in zip(w2, h))
        cost += 0.5 * (out - t) ** 2
        d = (out - t) ** 3  # <- loss-derivative
        for j in range(3):
            g = d * w2[j] * (1 if z[j] > 0 else 0.1)
            w2[j] -= 0.1 / (1 + 0.05 * epoch) * d * h[j]
            for i in range(2):
                w1[j][i] -= 0.1 / (1 + 0.05 * epoch) * g * x[i]
    print(epoch, cost)
""",
)


RULE = Rule(
    code="BP101",
    slug="loss-derivative",
    title="wrong derivative of the loss",
    severity="error",
    explanation=__doc__ or "",
    why=(
        "the first factor of backpropagation is ∂L/∂ŷ; the expression written for it is not the "
        "derivative of the loss that the program computes"
    ),
    predict=predict,
    valid=VALID,
    invalid=INVALID,
    layers=("output",),
    place="output",
)
