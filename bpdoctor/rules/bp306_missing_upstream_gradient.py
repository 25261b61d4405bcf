"""A backward step hands down its own derivative instead of multiplying the incoming error by it.

## What it does
The step receives `∂L/∂a` from the layer above (or could compute it) but its result is the local
derivative only, for example the ReLU mask or `1 - h**2`.

## Why it is wrong
Backpropagation is a product: `∂L/∂z = ∂L/∂a · f'(z)`. Without the first factor the result knows
nothing of the targets. The parameters below move the same way whatever the error is, by how much
the units are active and not by how wrong the network is; they drift for ever, also at a minimum,
while the layers above, whose gradients are right, try to follow.

## Example
    def relu_backward(upstream, z):
        return (z > 0).astype(float)

## Use instead
    def relu_backward(upstream, z):
        return upstream * (z > 0)

## How it is proved
The delta of the layer equals `f'(z)` and does not change when the targets, and with them the
error from above, are changed. The reverse sweep with the upstream factor replaced by 1 gives your
gradients in this layer and below, at several points.
"""

from __future__ import annotations

from collections.abc import Iterable

from bpdoctor.autodiff.mistakes import array, elementwise, proportional, steps_into
from bpdoctor.model.evidence import Local, Prediction
from bpdoctor.model.rule import Rule


def predict(local: Local) -> Iterable[Prediction]:
    """f'(z) alone, as it stands or times a constant such as the learning rate."""
    f = elementwise(local)
    if f is None or not steps_into(local):
        return
    for text, at in (("f'(z)", local.value), ("f'(a)", local.after)):
        factor = array(f.derivative(array(at)))
        note, should = f"{text}, without the error from above", "∂L/∂a · f'(z)"
        yield Prediction(factor, f"{text} alone", note, should)
        if factor.size == 1 or not proportional(factor, local.true):
            yield Prediction(factor, f"{text} times a constant", note, should, free=True)


VALID = (
    """\
import numpy as np

rng = np.random.default_rng(13)
X = rng.normal(size=(8, 3))
t = np.column_stack([X[:, 0] * X[:, 1], X[:, 2]])
W1, b1 = rng.normal(size=(3, 5)), 0.1 * rng.normal(size=5)
W2, b2 = rng.normal(size=(5, 2)), np.zeros(2)
for step in range(50):
    h = np.tanh(X @ W1 + b1)
    y = h @ W2 + b2
    loss = np.mean(np.sum((y - t) ** 2, axis=1))
    dy = 2 * (y - t) / len(X)
    dh = dy @ W2.T
    dz = dh * (1 - h**2)
    W2 -= 0.02 * h.T @ dy
    b2 -= 0.02 * dy.sum(axis=0)
    W1 -= 0.02 * X.T @ dz
    b1 -= 0.02 * dz.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

class Linear:
    def __init__(self, n, m, rng):
        self.W, self.b = rng.normal(size=(n, m)) / np.sqrt(n), 0.1 * rng.normal(size=m)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, g, lr):
        below = g @ self.W.T
        self.W -= lr * self.x.T @ g
        self.b -= lr * g.sum(axis=0)
        return below

class Relu:
    def forward(self, x):
        self.x = x
        return np.maximum(x, 0)

    def backward(self, g, lr):
        return np.where(self.x > 0, g, 0.0)

rng = np.random.default_rng(14)
x = rng.normal(size=(12, 3))
t = np.sin(x[:, :1]) + x[:, 1:2] * x[:, 2:]
low, top, relu = Linear(3, 6, rng), Linear(6, 1, rng), Relu()
for epoch in range(30):
    y = top.forward(relu.forward(low.forward(x)))
    loss = np.mean((y - t) ** 2)
    g = 2 * (y - t) / len(x)
    for layer in (top, relu, low):
        g = layer.backward(g, 0.003)
print(loss)
""",
)

INVALID = (
    """\
import numpy as np

rng = np.random.default_rng(13)
X = rng.normal(size=(8, 3))
t = np.column_stack([X[:, 0] * X[:, 1], X[:, 2]])
W1, b1 = rng.normal(size=(3, 5)), 0.1 * rng.normal(size=5)
W2, b2 = rng.normal(size=(5, 2)), np.zeros(2)
for step in range(50):
    h = np.tanh(X @ W1 + b1)
    y = h @ W2 + b2
    loss = np.mean(np.sum((y - t) ** 2, axis=1))
    dy = 2 * (y - t) / len(X)
    dh = dy @ W2.T
    dz = 1 - h**2  # <- missing-upstream-gradient
    W2 -= 0.02 * h.T @ dy
    b2 -= 0.02 * dy.sum(axis=0)
    W1 -= 0.02 * X.T @ dz
    b1 -= 0.02 * dz.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

class Linear:
    def __init__(self, n, m, rng):
        self.W, self.b = rng.normal(size=(n, m)) / np.sqrt(n), 0.1 * rng.normal(size=m)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, g, lr):
        below = g @ self.W.T
        self.W -= lr * self.x.T @ g
        self.b -= lr * g.sum(axis=0)
        return below

class Relu:
    def forward(self, x):
        self.x = x
        return np.maximum(x, 0)

    def backward(self, g, lr):
        return np.where(self.x > 0, 1.0, 0.0)  # <- missing-upstream-gradient

rng = np.random.default_rng(14)
x = rng.normal(size=(12, 3))
t = np.sin(x[:, :1]) + x[:, 1:2] * x[:, 2:]
low, top, relu = Linear(3, 6, rng), Linear(6, 1, rng), Relu()
for epoch in range(30):
    y = top.forward(relu.forward(low.forward(x)))
    loss = np.mean((y - t) ** 2)
    g = 2 * (y - t) / len(x)
    for layer in (top, relu, low):
        g = layer.backward(g, 0.003)
print(loss)
""",
)

RULE = Rule(
    code="BP306",
    slug="missing-upstream-gradient",
    title="backward step returns the local derivative alone",
    severity="error",
    explanation=__doc__ or "",
    why=(
        "the chain rule multiplies: ∂L/∂z = ∂L/∂a · f'(z); here f'(z) alone is passed on and the error "
        "from above is lost"
    ),
    predict=predict,
    valid=VALID,
    invalid=INVALID,
    unit=True,
    place="upstream",
)
