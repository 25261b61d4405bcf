"""The penalty and its gradient carry different constant factors.

## What it does
The loss adds `lam * np.sum(W**2)` and the gradient adds `lam * W` (the 2 is missing), or one of the
two is divided by the number of samples and the other is not.

## Why it is wrong
`∂/∂W λ‖W‖² = 2λW`. The data term is right and the penalty's term is off by a factor, so the sum points
in another direction: the program minimises a loss with another λ than the one it reports. Unlike
a factor on the whole gradient, this cannot be made good by the learning rate. A factor 2 is mild; a
missing 1/N makes the decay N times too strong, and the weights are pressed to 0.

## Example
    loss = data_loss + lam * np.sum(W**2)
    dW = x.T @ d + lam * W

## Use instead
    dW = x.T @ d + 2 * lam * W

## How it is proved
The true gradient minus yours is `c · W` with a residual of rounding size, and c is neither 0 nor the
whole coefficient of the penalty. The report shows the coefficient in the loss and in the
gradient, and names their ratio: 2, ½ or N.
"""

from __future__ import annotations

from bpdoctor.model.rule import Rule

# --- evidence ---

VALID = (
    """\
import numpy as np

rng = np.random.default_rng(83)
X = rng.normal(size=(10, 2))
t = np.cos(X[:, :1]) * X[:, 1:]
W1, b1 = rng.normal(size=(2, 4)), 0.1 * rng.normal(size=4)
W2, b2 = rng.normal(size=(4, 1)), np.zeros(1)
lam = 0.05
for step in range(60):
    h = np.tanh(X @ W1 + b1)
    y = h @ W2 + b2
    loss = np.mean((y - t) ** 2) + lam * np.sum(W1**2)
    d2 = 2 * (y - t) / len(X)
    d1 = d2 @ W2.T * (1 - h**2)
    W2 -= 0.1 * h.T @ d2
    b2 -= 0.1 * d2.sum(axis=0)
    W1 -= 0.1 * (X.T @ d1 + 2 * lam * W1)
    b1 -= 0.1 * d1.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

class Softmax:
    def __init__(self, n_in, n_out, lam, rng):
        self.W, self.b, self.lam = 0.5 * rng.normal(size=(n_in, n_out)), np.zeros(n_out), lam

    def step(self, X, T, rate):
        m = len(X)
        z = X @ self.W + self.b
        e = np.exp(z - z.max(axis=1, keepdims=True))
        s = e / e.sum(axis=1, keepdims=True)
        loss = -np.sum(T * np.log(s)) / m + self.lam / (2 * m) * np.sum(self.W**2)
        dW = X.T @ (s - T) / m + self.lam / m * self.W
        self.W -= rate * dW
        self.b -= rate * (s - T).sum(axis=0) / m
        return loss

rng = np.random.default_rng(84)
X = rng.normal(size=(12, 4))
T = np.eye(3)[np.argmax(X[:, 1:], axis=1)]
clf = Softmax(4, 3, 0.5, rng)
for step in range(60):
    loss = clf.step(X, T, 0.3)
print(loss)
""",
)

INVALID = (
    """\
import numpy as np

rng = np.random.default_rng(83)
X = rng.normal(size=(10, 2))
t = np.cos(X[:, :1]) * X[:, 1:]
W1, b1 = rng.normal(size=(2, 4)), 0.1 * rng.normal(size=4)
W2, b2 = rng.normal(size=(4, 1)), np.zeros(1)
lam = 0.05
for step in range(60):
    h = np.tanh(X @ W1 + b1)
    y = h @ W2 + b2
    loss = np.mean((y - t) ** 2) + lam * np.sum(W1**2)
    d2 = 2 * (y - t) / len(X)
    d1 = d2 @ W2.T * (1 - h**2)
    W2 -= 0.1 * h.T @ d2
    b2 -= 0.1 * d2.sum(axis=0)
    W1 -= 0.1 * (X.T @ d1 + lam * W1)  # <- regularisation-gradient-scale
    b1 -= 0.1 * d1.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

class Softmax:
    def __init__(self, n_in, n_out, lam, rng):
        self.W, self.b, self.lam = 0.5 * rng.normal(size=(n_in, n_out)), np.zeros(n_out), lam

    def step(self, X, T, rate):
        m = len(X)
        z = X @ self.W + self.b
        e = np.exp(z - z.max(axis=1, keepdims=True))
        s = e / e.sum(axis=1, keepdims=True)
        loss = -np.sum(T * np.log(s)) / m + self.lam / (2 * m) * np.sum(self.W**2)
        dW = X.T @ (s - T) / m + self.lam * self.W  # <- regularisation-gradient-scale
        self.W -= rate * dW
        self.b -= rate * (s - T).sum(axis=0) / m
        return loss

rng = np.random.default_rng(84)
X = rng.normal(size=(12, 4))
T = np.eye(3)[np.argmax(X[:, 1:], axis=1)]
clf = Softmax(4, 3, 0.5, rng)
for step in range(60):
    loss = clf.step(X, T, 0.3)
print(loss)
""",
)

RULE = Rule(
    code="BP508",
    slug="regularisation-gradient-scale",
    title="penalty's gradient has another factor than the penalty",
    severity="error",
    explanation=__doc__ or "",
    why=(
        "λ‖W‖² has the gradient 2λW, (λ/2)‖W‖² has λW, and a 1/N in front of one belongs in front of the "
        "other"
    ),
    valid=VALID,
    invalid=INVALID,
)
