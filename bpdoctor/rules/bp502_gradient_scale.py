"""Every gradient carries the same constant factor against the loss that is computed.

## What it does
The reported loss is a mean and the gradient a sum, or the reverse; or the 2 of a squared error,
the ½ in front of it, or the number of outputs stands on one side only.

## Why it is wrong
If `L = (1/N) Σ_n L_n` then `∂L/∂θ = (1/N) Σ_n ∂L_n/∂θ`. Without the `1/N` the step is N times
larger than the learning rate suggests. The direction is right, so this is a convention rather
than a fault, and it is reported as a warning. It bites when the batch size changes (the last
batch of an epoch, another data set): the useful learning rate changes with it, and a rate copied
from elsewhere may diverge. A factor that differs between parameters is another matter, an error.

## Example
    loss = np.mean((y - t) ** 2)
    d = 2 * (y - t)

## Use instead
    d = 2 * (y - t) / y.size

## How it is proved
The least-squares factor k between your gradients and the true ones is the same for every
parameter and at every point, with a residual of rounding size. k is then compared with N, the
number of outputs, 2, ½ and their products; where two of them coincide, the number of samples is
changed. When the loss in the code carries the same factor, k is 1 and there is no finding.
"""

from __future__ import annotations

from bpdoctor.model.rule import Rule

# --- evidence ---

VALID = (
    """\
import numpy as np

rng = np.random.default_rng(68)
X = rng.normal(size=(11, 3))
t = X[:, :1] * X[:, 1:2] + np.sin(X[:, 2:])
W1, b1 = rng.normal(size=(3, 4)), 0.1 * rng.normal(size=4)
W2, b2 = rng.normal(size=(4, 1)), np.zeros(1)
for step in range(60):
    h = np.tanh(X @ W1 + b1)
    y = h @ W2 + b2
    loss = np.mean((y - t) ** 2)
    d2 = 2 * (y - t) / len(X)
    d1 = d2 @ W2.T * (1 - h**2)
    W2 -= 0.02 * h.T @ d2
    b2 -= 0.02 * d2.sum(axis=0)
    W1 -= 0.02 * X.T @ d1
    b1 -= 0.02 * d1.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

class Net:
    def __init__(self, rng):
        self.W, self.b = rng.normal(size=(2, 5)), 0.1 * rng.normal(size=5)
        self.V, self.c = rng.normal(size=(5, 3)), np.zeros(3)

    def train(self, x, t, lr):
        n = len(x)
        h = np.tanh(x @ self.W + self.b)
        z = h @ self.V + self.c
        e = np.exp(z - z.max(axis=1, keepdims=True))
        s = e / e.sum(axis=1, keepdims=True)
        d = (s - t) / n
        dh = d @ self.V.T * (1 - h**2)
        self.V -= lr * h.T @ d
        self.c -= lr * d.sum(axis=0)
        self.W -= lr * x.T @ dh
        self.b -= lr * dh.sum(axis=0)
        return -np.sum(t * np.log(s)) / n

rng = np.random.default_rng(69)
x = rng.normal(size=(13, 2))
t = np.eye(3)[np.digitize(x[:, 0] * x[:, 1], [-0.3, 0.3])]
net = Net(rng)
for epoch in range(60):
    loss = net.train(x, t, 0.5)
print(loss)
""",
    """\
import numpy as np

rng = np.random.default_rng(70)
X = rng.normal(size=(7, 3))
t = X @ np.array([[1.0, -1.0], [0.5, 2.0], [0.0, 1.0]]) + 0.3
W, b = 0.1 * rng.normal(size=(3, 2)), np.zeros(2)
for step in range(100):
    y = X @ W + b
    loss = 0.5 * np.sum((y - t) ** 2)
    W -= 0.01 * X.T @ (y - t)
    b -= 0.01 * np.sum(y - t, axis=0)
print(loss)
""",
    """\
import numpy as np

rng = np.random.default_rng(72)
X = rng.normal(size=(40, 2))
t = (X[:, :1] * X[:, 1:] > 0).astype(float)
W, V = rng.normal(size=(2, 6)), rng.normal(size=(6, 1))
alpha, m = 0.8, len(X)
for step in range(60):
    h = np.tanh(X @ W)
    y = 1 / (1 + np.exp(-h @ V))
    loss = -np.sum(t * np.log(y) + (1 - t) * np.log(1 - y)) / m
    d = (y - t) @ V.T * (1 - h**2)
    V = V - alpha / m * (h.T @ (y - t))
    W = W - alpha / m * (X.T @ d)
print(loss)
""",
)

INVALID = (
    """\
import numpy as np

rng = np.random.default_rng(68)
X = rng.normal(size=(11, 3))
t = X[:, :1] * X[:, 1:2] + np.sin(X[:, 2:])
W1, b1 = rng.normal(size=(3, 4)), 0.1 * rng.normal(size=4)
W2, b2 = rng.normal(size=(4, 1)), np.zeros(1)
for step in range(60):
    h = np.tanh(X @ W1 + b1)
    y = h @ W2 + b2
    loss = np.mean((y - t) ** 2)
    d2 = 2 * (y - t)  # <- gradient-scale
    d1 = d2 @ W2.T * (1 - h**2)
    W2 -= 0.02 * h.T @ d2
    b2 -= 0.02 * d2.sum(axis=0)
    W1 -= 0.02 * X.T @ d1
    b1 -= 0.02 * d1.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

class Net:
    def __init__(self, rng):
        self.W, self.b = rng.normal(size=(2, 5)), 0.1 * rng.normal(size=5)
        self.V, self.c = rng.normal(size=(5, 3)), np.zeros(3)

    def train(self, x, t, lr):
        n = len(x)
        h = np.tanh(x @ self.W + self.b)
        z = h @ self.V + self.c
        e = np.exp(z - z.max(axis=1, keepdims=True))
        s = e / e.sum(axis=1, keepdims=True)
        d = (s - t) / n / n  # <- gradient-scale
        dh = d @ self.V.T * (1 - h**2)
        self.V -= lr * h.T @ d
        self.c -= lr * d.sum(axis=0)
        self.W -= lr * x.T @ dh
        self.b -= lr * dh.sum(axis=0)
        return -np.sum(t * np.log(s)) / n

rng = np.random.default_rng(69)
x = rng.normal(size=(13, 2))
t = np.eye(3)[np.digitize(x[:, 0] * x[:, 1], [-0.3, 0.3])]
net = Net(rng)
for epoch in range(60):
    loss = net.train(x, t, 0.5)
print(loss)
""",
)

RULE = Rule(
    code="BP502",
    slug="gradient-scale",
    title="gradient is a constant multiple of the true one",
    severity="warning",
    explanation=__doc__ or "",
    why=(
        "all gradients are k times the derivative of the loss that is computed: the direction is right, "
        "and the step is k times what the learning rate says"
    ),
    valid=VALID,
    invalid=INVALID,
)
