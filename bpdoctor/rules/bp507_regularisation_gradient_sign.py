"""The penalty's term enters the gradient with the wrong sign.

## What it does
The loss adds `0.5 * lam * np.sum(W**2)`, the gradient subtracts `lam * W`.

## Why it is wrong
`∂/∂W [L + (λ/2)‖W‖²] = ∂L/∂W + λW`. The step `−η(… + λW)` multiplies the weights by `1 − ηλ`, which
is why it is called decay. With the sign turned they are multiplied by `1 + ηλ` at every step:
growth without bound in any direction which the data do not hold, the opposite of what was asked.
For small λ the loss falls all the same for a long time. It happens when an update of the form
`W += lr * (g - lam * W)`, with g downhill, is mixed with one that subtracts.

## Example
    dW = x.T @ d - lam * W
    W -= lr * dW

The same is met with `|W|` where `W` belongs, or `sign(W)` for the penalty `lam * np.sum(np.abs(W))`: of the
negative weights the term is turned.

## Use instead
    dW = x.T @ d + lam * W
    W -= lr * dW

## How it is proved
The true gradient minus yours is `2λ · W`, twice the penalty's own gradient, with a residual of
rounding size. The data term agrees with the reference when the penalty is taken off both.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from bpdoctor.autodiff.mistakes import array
from bpdoctor.model.evidence import Local, Prediction
from bpdoctor.model.rule import Rule

# In words that are true whichever way round the program writes its steps.
_TURNED = "the gradient with the penalty's term of the wrong sign: the penalty is climbed, the rest descended"
_RIGHT = "such that a step leads down both, the penalty and the rest of the loss"


def predict(local: Local) -> Iterable[Prediction]:
    """The penalty's term subtracted, or without the weight's sign; with the data term's sign the whole is turned."""
    if local.penalty is None or local.role not in ("weight", "bias"):
        return
    true, penalty = array(local.true), array(local.penalty)
    yield Prediction(true - 2 * penalty, "minus the penalty", _TURNED, _RIGHT)
    lost = "the penalty's term without the sign of the weight"
    yield Prediction(true - penalty + np.abs(penalty), "|penalty|", lost, "of the weight's own sign")
    size = np.abs(penalty * array(local.value))
    yield Prediction(true - penalty + size, "|penalty * W|", lost, "the derivative of the penalty")


VALID = (
    """\
import numpy as np

rng = np.random.default_rng(80)
X = rng.normal(size=(9, 2))
t = (X[:, :1] > X[:, 1:]).astype(float)
W1, b1 = rng.normal(size=(2, 5)), 0.1 * rng.normal(size=5)
W2, b2 = rng.normal(size=(5, 1)), np.zeros(1)
lam, lr = 0.02, 0.1
for step in range(60):
    h = np.tanh(X @ W1 + b1)
    p = 1 / (1 + np.exp(-(h @ W2 + b2)))
    loss = -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))
    loss += 0.5 * lam * (np.sum(W1**2) + np.sum(W2**2))
    d2 = (p - t) / len(X)
    d1 = d2 @ W2.T * (1 - h**2)
    W2 -= lr * (h.T @ d2 + lam * W2)
    b2 -= lr * d2.sum(axis=0)
    W1 -= lr * (X.T @ d1 + lam * W1)
    b1 -= lr * d1.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

class Net:
    def __init__(self, sizes, decay, rng):
        self.W = [rng.normal(size=s) / np.sqrt(s[0]) for s in zip(sizes, sizes[1:])]
        self.b = [0.1 * rng.normal(size=n) for n in sizes[1:]]
        self.decay = decay

    def loss(self, y, t):
        penalty = sum(np.sum(W**2) for W in self.W)
        return 0.5 * np.sum((y - t) ** 2) / len(t) + 0.5 * self.decay * penalty

    def train(self, x, t, lr):
        h = np.tanh(x @ self.W[0] + self.b[0])
        y = h @ self.W[1] + self.b[1]
        value = self.loss(y, t)
        d = (y - t) / len(x)
        dh = d @ self.W[1].T * (1 - h**2)
        for k, (a, delta) in enumerate([(x, dh), (h, d)]):
            self.W[k] -= lr * (a.T @ delta + self.decay * self.W[k])
            self.b[k] -= lr * delta.sum(axis=0)
        return value

rng = np.random.default_rng(81)
x = rng.normal(size=(10, 3))
t = np.column_stack([x[:, 0] * x[:, 1], x[:, 2] ** 2])
net = Net([3, 5, 2], 0.03, rng)
for i in range(60):
    loss = net.train(x, t, 0.1)
print(loss)
""",
    """\
import numpy as np

rng = np.random.default_rng(82)
X = rng.normal(size=(8, 3))
t = X @ np.array([[1.0], [0.0], [-1.0]]) + 0.2
W, b = 0.5 * rng.normal(size=(3, 1)), np.zeros(1)
lam = 0.1
for step in range(80):
    y = X @ W + b
    loss = 0.5 * np.sum((t - y) ** 2) / len(X) + 0.5 * lam * np.sum(W**2)
    W += 0.1 * (X.T @ (t - y) / len(X) - lam * W)
    b += 0.1 * np.mean(t - y, axis=0)
print(loss)
""",
)

INVALID = (
    """\
import numpy as np

rng = np.random.default_rng(80)
X = rng.normal(size=(9, 2))
t = (X[:, :1] > X[:, 1:]).astype(float)
W1, b1 = rng.normal(size=(2, 5)), 0.1 * rng.normal(size=5)
W2, b2 = rng.normal(size=(5, 1)), np.zeros(1)
lam, lr = 0.02, 0.1
for step in range(60):
    h = np.tanh(X @ W1 + b1)
    p = 1 / (1 + np.exp(-(h @ W2 + b2)))
    loss = -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))
    loss += 0.5 * lam * (np.sum(W1**2) + np.sum(W2**2))
    d2 = (p - t) / len(X)
    d1 = d2 @ W2.T * (1 - h**2)
    W2 -= lr * (h.T @ d2 - lam * W2)  # <- regularisation-gradient-sign
    b2 -= lr * d2.sum(axis=0)
    W1 -= lr * (X.T @ d1 + lam * W1)
    b1 -= lr * d1.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

class Net:
    def __init__(self, sizes, decay, rng):
        self.W = [rng.normal(size=s) / np.sqrt(s[0]) for s in zip(sizes, sizes[1:])]
        self.b = [0.1 * rng.normal(size=n) for n in sizes[1:]]
        self.decay = decay

    def loss(self, y, t):
        penalty = sum(np.sum(W**2) for W in self.W)
        return 0.5 * np.sum((y - t) ** 2) / len(t) + 0.5 * self.decay * penalty

    def train(self, x, t, lr):
        h = np.tanh(x @ self.W[0] + self.b[0])
        y = h @ self.W[1] + self.b[1]
        value = self.loss(y, t)
        d = (y - t) / len(x)
        dh = d @ self.W[1].T * (1 - h**2)
        for k, (a, delta) in enumerate([(x, dh), (h, d)]):
            self.W[k] -= lr * (a.T @ delta - self.decay * self.W[k])  # <- regularisation-gradient-sign
            self.b[k] -= lr * delta.sum(axis=0)
        return value

rng = np.random.default_rng(81)
x = rng.normal(size=(10, 3))
t = np.column_stack([x[:, 0] * x[:, 1], x[:, 2] ** 2])
net = Net([3, 5, 2], 0.03, rng)
for i in range(60):
    loss = net.train(x, t, 0.1)
print(loss)
""",
    """\
import numpy as np

rng = np.random.default_rng(84)
X = rng.uniform(-1, 1, size=(20, 2))
t = 0.7 * np.sin(2 * X[:, 0]) * X[:, 1]
W, b = rng.normal(size=(6, 2)), np.zeros(6)
v, c = rng.normal(size=6) * 0.5, 0.0
rate, decay = 0.1, 0.002
for epoch in range(20):
    for k in rng.permutation(len(X)):
        h = np.tanh(W @ X[k] + b)
        e = t[k] - (h @ v + c)
        back = e * v * (1 - h**2)
        v += rate * (e * h - decay * v)
        c += rate * e
        W += rate * (np.outer(back, X[k]) + decay * W)  # <- regularisation-gradient-sign
        b += rate * back
""",
)

RULE = Rule(
    code="BP507",
    slug="regularisation-gradient-sign",
    title="penalty's gradient has the wrong sign",
    severity="error",
    explanation=__doc__ or "",
    why=(
        "the gradient of +(λ/2)‖W‖² is +λW, so that the step shrinks the weights; here it is −λW, and the "
        "step makes them grow"
    ),
    predict=predict,
    valid=VALID,
    invalid=INVALID,
)
