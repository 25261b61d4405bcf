"""A weight gradient is formed with something else than the input of that layer.

## What it does
The outer product for `dW` takes the pre-activation, the input of another layer, or the layer's
own output, where it needs the array that was multiplied by `W` on the way forward.

## Why it is wrong
`z = a_prev @ W + b` gives `∂L/∂W = a_prevᵀ δ`. What stands next to `W` in the forward product is
what stands next to `δ` in the gradient, nothing else. The delta is right, hence the bias gradient
and all the layers below are right; one matrix alone learns from the wrong numbers. Layers of
equal width let such a slip pass without a complaint about shapes.

## Example
    h = np.tanh(z1)
    y = h @ W2 + b2
    dW2 = z1.T @ dy

## Use instead
    dW2 = h.T @ dy

## How it is proved
Every array of the forward pass that has the right shape is put in the place of the input, and one
product equals your gradient to rounding error at several points. That the bias of the same layer
agrees with the reference is part of the evidence: it clears the delta.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import numpy as np

from bpdoctor.autodiff.mistakes import Array, swapped
from bpdoctor.model.evidence import Local, Prediction, Use
from bpdoctor.model.rule import Rule

OF_THE_USE: tuple[tuple[str, Callable[[Use], Array]], ...] = (
    ("the weight itself", lambda use: use.w),
    ("1", lambda use: np.ones_like(use.x)),
    ("|x|", lambda use: np.abs(use.x)),
    ("x > 0", lambda use: (use.x > 0) * 1.0),
    ("x ** 2", lambda use: np.square(use.x)),
    ("x transposed", lambda use: np.transpose(use.x)),
)


def predict(local: Local) -> Iterable[Prediction]:
    """Another array of the forward pass, the weight, or a function of x in the place of the input x."""
    if local.role != "weight":
        return
    should = "x times δ, with x the layer's input"
    for n in dict.fromkeys(n for use in local.uses for n in use.inputs):
        plain = "another array of the forward pass" if n.startswith("value ") else n
        for ending, value in swapped(local, partial(_with, lambda use, n: use.inputs.get(n), n)):
            yield Prediction(value, f"{n}{ending}", f"{plain} times δ", should)
    for n, of in OF_THE_USE:
        for ending, value in swapped(local, partial(_with, lambda use, of: of(use), of)):
            yield Prediction(value, f"{n}{ending}", f"{n} times δ", should)


def _with(choose: Callable[[Use, Any], Array | None], which: Any, use: Use) -> Array | None:
    x = choose(use, which)
    return None if x is None or np.shape(x) != np.shape(use.x) else use.pull_weight(x, use.delta)


VALID = (
    """\
import numpy as np

rng = np.random.default_rng(45)
X = rng.normal(size=(8, 3))
t = X[:, :1] * X[:, 1:2] - X[:, 2:]
W1, b1 = rng.normal(size=(3, 5)), 0.1 * rng.normal(size=5)
W2, b2 = rng.normal(size=(5, 1)), np.zeros(1)
for step in range(50):
    z1 = X @ W1 + b1
    h = np.tanh(z1)
    y = h @ W2 + b2
    loss = np.mean((y - t) ** 2)
    dy = 2 * (y - t) / len(X)
    dz1 = dy @ W2.T * (1 - h**2)
    W2 -= 0.05 * h.T @ dy
    b2 -= 0.05 * dy.sum(axis=0)
    W1 -= 0.05 * X.T @ dz1
    b1 -= 0.05 * dz1.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

class DeepNet:
    def __init__(self, sizes, rng):
        self.W = [rng.normal(size=s) / np.sqrt(s[0]) for s in zip(sizes, sizes[1:])]
        self.b = [0.1 * rng.normal(size=n) for n in sizes[1:]]

    def train(self, x, t, lr):
        h1 = np.tanh(x @ self.W[0] + self.b[0])
        h2 = np.tanh(h1 @ self.W[1] + self.b[1])
        p = 1 / (1 + np.exp(-(h2 @ self.W[2] + self.b[2])))
        d3 = (p - t) / len(x)
        d2 = d3 @ self.W[2].T * (1 - h2**2)
        d1 = d2 @ self.W[1].T * (1 - h1**2)
        grads = [x.T @ d1, h1.T @ d2, h2.T @ d3]
        for i, d in enumerate((d1, d2, d3)):
            self.W[i] -= lr * grads[i]
            self.b[i] -= lr * d.sum(axis=0)
        return -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))

rng = np.random.default_rng(46)
x = rng.uniform(-2, 2, size=(14, 2))
t = (np.hypot(x[:, 0], x[:, 1]) < 1.4).astype(float)[:, None]
net = DeepNet([2, 4, 4, 1], rng)
for epoch in range(60):
    loss = net.train(x, t, 0.3)
print(loss)
""",
)

INVALID = (
    """\
import numpy as np

rng = np.random.default_rng(49)
W = [rng.normal(size=(5, 5)) / 2 for _ in range(3)]
b = [0.1 * rng.normal(size=(5, 1)) for _ in range(3)]
X = rng.normal(size=(20, 5, 1))
for epoch in range(10):
    total = 0
    for x in X:
        a = [x]
        for w, c in zip(W, b):
            a.append(np.tanh(w @ a[-1] + c))
        total += 0.5 * np.sum((a[-1] - x[::-1]) ** 2)
        delta = (a[-1] - x[::-1]) * (1 - a[-1] ** 2)
        gW, gb = [delta @ a[2].T], [delta]
        for l in (2, 1):
            delta = W[l].T @ delta * (1 - a[l] ** 2)
            gW.insert(0, delta @ a[l].T)  # <- weight-gradient-wrong-input
            gb.insert(0, delta)
        W = [w - 0.1 * g for w, g in zip(W, gW)]
        b = [c - 0.1 * g for c, g in zip(b, gb)]
print(total)
""",
    """\
import numpy as np

rng = np.random.default_rng(45)
X = rng.normal(size=(8, 3))
t = X[:, :1] * X[:, 1:2] - X[:, 2:]
W1, b1 = rng.normal(size=(3, 5)), 0.1 * rng.normal(size=5)
W2, b2 = rng.normal(size=(5, 1)), np.zeros(1)
for step in range(50):
    z1 = X @ W1 + b1
    h = np.tanh(z1)
    y = h @ W2 + b2
    loss = np.mean((y - t) ** 2)
    dy = 2 * (y - t) / len(X)
    dz1 = dy @ W2.T * (1 - h**2)
    W2 -= 0.05 * z1.T @ dy  # <- weight-gradient-wrong-input
    b2 -= 0.05 * dy.sum(axis=0)
    W1 -= 0.05 * X.T @ dz1
    b1 -= 0.05 * dz1.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

class DeepNet:
    def __init__(self, sizes, rng):
        self.W = [rng.normal(size=s) / np.sqrt(s[0]) for s in zip(sizes, sizes[1:])]
        self.b = [0.1 * rng.normal(size=n) for n in sizes[1:]]

    def train(self, x, t, lr):
        h1 = np.tanh(x @ self.W[0] + self.b[0])
        h2 = np.tanh(h1 @ self.W[1] + self.b[1])
        p = 1 / (1 + np.exp(-(h2 @ self.W[2] + self.b[2])))
        d3 = (p - t) / len(x)
        d2 = d3 @ self.W[2].T * (1 - h2**2)
        d1 = d2 @ self.W[1].T * (1 - h1**2)
        grads = [x.T @ d1, h2.T @ d2, h2.T @ d3]  # <- weight-gradient-wrong-input
        for i, d in enumerate((d1, d2, d3)):
            self.W[i] -= lr * grads[i]
            self.b[i] -= lr * d.sum(axis=0)
        return -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))

rng = np.random.default_rng(46)
x = rng.uniform(-2, 2, size=(14, 2))
t = (np.hypot(x[:, 0], x[:, 1]) < 1.4).astype(float)[:, None]
net = DeepNet([2, 4, 4, 1], rng)
for epoch in range(60):
    loss = net.train(x, t, 0.3)
print(loss)
""",
    """\
import numpy as np

rng = np.random.default_rng(203)
xs = rng.normal(size=(5, 2))
ts = np.cumsum(xs[:, 0]) * 0.4
A, R, v = 0.7 * rng.normal(size=(3, 2)), 0.5 * rng.normal(size=(3, 3)), rng.normal(size=3)
for epoch in range(60):
    states = [np.zeros(3)]
    for x in xs:
        states.append(np.tanh(A @ x + R @ states[-1]))
    ys = np.array([v @ s for s in states[1:]])
    loss = 0.5 * np.sum((ys - ts) ** 2)
    dA, dR, dv, back = 0 * A, 0 * R, 0 * v, 0 * v
    for k in reversed(range(5)):
        s = states[k + 1]
        e = ys[k] - ts[k]
        dv += e * s
        dz = (e * v + back) * (1 - s**2)
        dA += np.outer(dz, xs[k])
        dR += np.outer(dz, s)  # <- weight-gradient-wrong-input
        back = R.T @ dz
    A -= 0.02 * dA
    R -= 0.02 * dR
    v -= 0.02 * dv
print(loss)
""",
)

RULE = Rule(
    code="BP203",
    slug="weight-gradient-wrong-input",
    title="weight gradient uses another array than the layer's input",
    severity="error",
    explanation=__doc__ or "",
    why=(
        "∂L/∂W of z = a @ W is aᵀ @ δ with the very a that entered the product; here another array of the "
        "same shape stands in its place"
    ),
    predict=predict,
    valid=VALID,
    invalid=INVALID,
)
