"""The parameters are moved along the gradient of the loss instead of against it.

## What it does
The gradient is right and is added to the parameters: `W += lr * dW`.

## Why it is wrong
For a small step `L(θ + Δ) ≈ L(θ) + ∂L/∂θ · Δ`. Descent takes `Δ = −η ∂L/∂θ`, which lowers the loss by
`η |∂L/∂θ|²`; the plus sign raises it by as much. The loss climbs, or, with a logistic output, the
network settles on confident wrong answers. A gradient check does not notice, for the gradient is
right. Both conventions exist: with `error = target - output` the error already contains the minus
sign, and `+=` is correct.

## Example
    error = output - target
    W += lr * x.T @ error

## Use instead
    W -= lr * x.T @ error

## How it is proved
The change that one step makes to the parameters is multiplied with the true gradient:
`Δθ · ∂L/∂θ` is positive, and the loss after a small step of this kind is larger than before. The
sign of a name or of an operator plays no part.
"""

from __future__ import annotations

from bpdoctor.model.rule import Rule

# --- evidence ---

VALID = (
    """\
import numpy as np

rng = np.random.default_rng(65)
X = rng.normal(size=(9, 2))
t = X[:, :1] - 0.5 * X[:, 1:] ** 2
W1, b1 = rng.normal(size=(2, 4)), 0.1 * rng.normal(size=4)
W2, b2 = rng.normal(size=(4, 1)), np.zeros(1)
for step in range(30):
    h = np.tanh(X @ W1 + b1)
    y = h @ W2 + b2
    loss = np.mean((y - t) ** 2)
    d2 = 2 * (y - t) / len(X)
    d1 = d2 @ W2.T * (1 - h**2)
    grads = (X.T @ d1, d1.sum(axis=0), h.T @ d2, d2.sum(axis=0))
    for p, g in zip((W1, b1, W2, b2), grads):
        p -= 0.01 * g
print(loss)
""",
    """\
import numpy as np

class Net:
    def __init__(self, rng):
        self.params = {"W": rng.normal(size=(2, 5)), "b": 0.1 * rng.normal(size=5),
                       "V": rng.normal(size=(5, 1)), "c": np.zeros(1)}

    def gradients(self, x, t):
        q = self.params
        h = np.tanh(x @ q["W"] + q["b"])
        p = 1 / (1 + np.exp(-(h @ q["V"] + q["c"])))
        d = (p - t) / len(x)
        dh = d @ q["V"].T * (1 - h**2)
        loss = -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))
        return loss, {"W": x.T @ dh, "b": dh.sum(0), "V": h.T @ d, "c": d.sum(0)}

    def update(self, grads, lr):
        for name in self.params:
            self.params[name] = self.params[name] - lr * grads[name]

rng = np.random.default_rng(66)
x = rng.normal(size=(10, 2))
t = (x[:, :1] * x[:, 1:] > 0).astype(float)
net = Net(rng)
for step in range(30):
    loss, grads = net.gradients(x, t)
    net.update(grads, 0.1)
print(loss)
""",
    """\
import numpy as np

rng = np.random.default_rng(67)
X = rng.normal(size=(8, 2))
t = (X[:, :1] + X[:, 1:] > 0).astype(float)
W, b = rng.normal(size=(2, 4)), 0.1 * rng.normal(size=4)
V, c = rng.normal(size=(4, 1)), np.zeros(1)
for step in range(60):
    h = np.tanh(X @ W + b)
    p = 1 / (1 + np.exp(-(h @ V + c)))
    error = t - p
    d = error * p * (1 - p)
    dh = d @ V.T * (1 - h**2)
    V += 0.1 * h.T @ d
    c += 0.1 * d.sum(axis=0)
    W += 0.1 * X.T @ dh
    b += 0.1 * dh.sum(axis=0)
print(np.abs(error).mean())
""",
)

INVALID = (
    """\
import numpy as np

rng = np.random.default_rng(65)
X = rng.normal(size=(9, 2))
t = X[:, :1] - 0.5 * X[:, 1:] ** 2
W1, b1 = rng.normal(size=(2, 4)), 0.1 * rng.normal(size=4)
W2, b2 = rng.normal(size=(4, 1)), np.zeros(1)
for step in range(30):
    h = np.tanh(X @ W1 + b1)
    y = h @ W2 + b2
    loss = np.mean((y - t) ** 2)
    d2 = 2 * (y - t) / len(X)
    d1 = d2 @ W2.T * (1 - h**2)
    grads = (X.T @ d1, d1.sum(axis=0), h.T @ d2, d2.sum(axis=0))
    for p, g in zip((W1, b1, W2, b2), grads):
        p += 0.01 * g  # <- gradient-ascent
print(loss)
""",
    """\
import numpy as np

class Net:
    def __init__(self, rng):
        self.params = {"W": rng.normal(size=(2, 5)), "b": 0.1 * rng.normal(size=5),
                       "V": rng.normal(size=(5, 1)), "c": np.zeros(1)}

    def gradients(self, x, t):
        q = self.params
        h = np.tanh(x @ q["W"] + q["b"])
        p = 1 / (1 + np.exp(-(h @ q["V"] + q["c"])))
        d = (p - t) / len(x)
        dh = d @ q["V"].T * (1 - h**2)
        loss = -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))
        return loss, {"W": x.T @ dh, "b": dh.sum(0), "V": h.T @ d, "c": d.sum(0)}

    def update(self, grads, lr):
        for name in self.params:
            self.params[name] = self.params[name] + lr * grads[name]  # <- gradient-ascent

rng = np.random.default_rng(66)
x = rng.normal(size=(10, 2))
t = (x[:, :1] * x[:, 1:] > 0).astype(float)
net = Net(rng)
for step in range(30):
    loss, grads = net.gradients(x, t)
    net.update(grads, 0.1)
print(loss)
""",
)

RULE = Rule(
    code="BP501",
    slug="gradient-ascent",
    title="update moves up the gradient",
    severity="error",
    explanation=__doc__ or "",
    why="descent is θ ← θ − η ∂L/∂θ; with the plus sign each step makes the loss larger",
    valid=VALID,
    invalid=INVALID,
)
