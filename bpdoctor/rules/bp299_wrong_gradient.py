"""A gradient is wrong at this expression and no fault with a name explains it.

## What it does
The value computed here is used as the derivative of the loss with respect to a parameter or an
intermediate quantity, and it is not that derivative.

## Why it is wrong
Gradient descent moves `θ` by `−η g` and needs `g = ∂L/∂θ`. For each intermediate value `v` of the
forward pass the chain rule gives `∂L/∂v = Σ_u ∂L/∂u · ∂u/∂v` over everything `u` that is computed
from `v`. Here the quantities that enter the expression agree with the chain rule and the one that
leaves does not, so the slip is in this expression: a wrong power, an `abs`, a missing term, a
factor that is not constant.

## Example
    dh = np.abs(dy @ W2.T)

## Use instead
    dh = dy @ W2.T

## How it is proved
The true derivative of every intermediate value is computed from your forward pass and confirmed by
running the program at slightly changed parameters. Following the backward pass from the loss
downwards, this is the first value that disagrees. All rules with a name were tried and none of
their predictions fits, or this would be reported under that name. Compare the line with the
forward line that is shown beside it.
"""

from __future__ import annotations

from bpdoctor.model.rule import Rule

# --- evidence ---

VALID = (
    """\
import numpy as np

rng = np.random.default_rng(54)
X = rng.normal(size=(10, 3))
t = X[:, :1] - X[:, 1:2] * X[:, 2:]
W1, b1 = rng.normal(size=(3, 5)), 0.1 * rng.normal(size=5)
W2, b2 = rng.normal(size=(5, 1)), np.zeros(1)
for step in range(60):
    h = np.tanh(X @ W1 + b1)
    y = h @ W2 + b2
    loss = np.mean((y - t) ** 2)
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

class Net:
    def __init__(self, rng):
        self.W, self.b = rng.normal(size=(2, 5)), 0.1 * rng.normal(size=5)
        self.V, self.c = rng.normal(size=(5, 1)), np.zeros(1)

    def gradients(self, x, t):
        h = np.tanh(x @ self.W + self.b)
        p = 1 / (1 + np.exp(-(h @ self.V + self.c)))
        self.loss = -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))
        d = (p - t) / len(x)
        dh = d @ self.V.T * (1 - h**2)
        dW = x.T @ dh
        return dW, dh.sum(axis=0), h.T @ d, d.sum(axis=0)

    def step(self, x, t, lr):
        for p, g in zip((self.W, self.b, self.V, self.c), self.gradients(x, t)):
            p -= lr * g
        return self.loss

rng = np.random.default_rng(55)
x = rng.normal(size=(12, 2))
t = (x[:, :1] > x[:, 1:] ** 2).astype(float)
net = Net(rng)
for i in range(60):
    loss = net.step(x, t, 0.2)
print(loss)
""",
)

INVALID = (
    """\
import numpy as np

rng = np.random.default_rng(54)
X = rng.normal(size=(10, 3))
t = X[:, :1] - X[:, 1:2] * X[:, 2:]
W1, b1 = rng.normal(size=(3, 5)), 0.1 * rng.normal(size=5)
W2, b2 = rng.normal(size=(5, 1)), np.zeros(1)
for step in range(60):
    h = np.tanh(X @ W1 + b1)
    y = h @ W2 + b2
    loss = np.mean((y - t) ** 2)
    dy = 2 * (y - t) / len(X)
    dh = np.abs(dy @ W2.T)  # <- wrong-gradient
    dz = dh * (1 - h**2)
    W2 -= 0.02 * h.T @ dy
    b2 -= 0.02 * dy.sum(axis=0)
    W1 -= 0.02 * X.T @ dz
    b1 -= 0.02 * dz.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

class Net:
    def __init__(self, rng):
        self.W, self.b = rng.normal(size=(2, 5)), 0.1 * rng.normal(size=5)
        self.V, self.c = rng.normal(size=(5, 1)), np.zeros(1)

    def gradients(self, x, t):
        h = np.tanh(x @ self.W + self.b)
        p = 1 / (1 + np.exp(-(h @ self.V + self.c)))
        self.loss = -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))
        d = (p - t) / len(x)
        dh = d @ self.V.T * (1 - h**2)
        dW = (x**3).T @ dh  # <- wrong-gradient
        return dW, dh.sum(axis=0), h.T @ d, d.sum(axis=0)

    def step(self, x, t, lr):
        for p, g in zip((self.W, self.b, self.V, self.c), self.gradients(x, t)):
            p -= lr * g
        return self.loss

rng = np.random.default_rng(55)
x = rng.normal(size=(12, 2))
t = (x[:, :1] > x[:, 1:] ** 2).astype(float)
net = Net(rng)
for i in range(60):
    loss = net.step(x, t, 0.2)
print(loss)
""",
)

RULE = Rule(
    code="BP299",
    slug="wrong-gradient",
    title="gradient is wrong, cause not recognised",
    severity="error",
    explanation=__doc__ or "",
    why=("the expression does not compute the derivative it is used as, and no known fault explains the difference"),
    valid=VALID,
    invalid=INVALID,
)
