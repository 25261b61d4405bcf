"""All units of a hidden layer start with the same weights.

## What it does
Weights are set to zeros, ones or another constant, both into and out of a hidden layer.

## Why it is wrong
If two hidden units have the same incoming and outgoing weights, they compute the same `a`, receive
the same `δ = (Σ_k w_k δ_k) f'(z)` and get the same step. By induction they stay equal: the layer
has the power of a single unit, whatever its width, and cannot learn XOR. With zeros everywhere
and tanh or ReLU the products `aᵀ δ` and `δ Wᵀ` vanish as well, and only the output bias moves.
The gradients are right; no gradient check can object. Biases may start at 0, and so may the
weights of a model without hidden layer.

## Example
    W1 = np.zeros((2, 4))
    W2 = np.zeros((4, 1))

## Use instead
    W1 = rng.normal(size=(2, 4)) / np.sqrt(2)
    W2 = rng.normal(size=(4, 1)) / np.sqrt(4)

## How it is proved
Columns of the incoming matrix, rows of the outgoing one, the activations and the gradients of the
units are equal to the last bit, before the step and after it. Rank 1 is shown for each matrix. Where one matrix
holds the weights of several gates, it is shown by what the units compute, at every time step.
"""

from __future__ import annotations

from collections.abc import Iterable

from bpdoctor.model.evidence import Evidence
from bpdoctor.model.examination import Examination
from bpdoctor.model.rule import Rule


def evidence(examination: Examination) -> Iterable[Evidence]:
    """Name where hidden units get the equal weights that they keep."""
    layers = examination.measurements["symmetry"]
    for site in dict.fromkeys(layer.incoming for layer in layers):
        here = [layer for layer in layers if layer.incoming == site]
        units = " and ".join(dict.fromkeys(str(layer.units) for layer in here))
        what = "zero" if all(layer.zero for layer in here) else "equal"
        line = examination.sites[site].line
        elsewhere = {x.outgoing for x in here if examination.sites[x.outgoing].line != line}
        yield Evidence(
            site,
            f"all {units} hidden units start with {what} weights and stay copies of one unit",
            label="the incoming weights of the units are equal",
            facts=(
                "incoming weights, outgoing weights and activations are equal at the first of "
                f"{here[0].steps} recorded steps and at the last",
            ),
            related=tuple((other, "and so are their outgoing weights") for other in sorted(elsewhere)),
        )


_GATES = """\
import numpy as np

def sigmoid(z):
    return 1 / (1 + np.exp(-z))

rng = np.random.default_rng(97)
N, T, H = 12, 4, 3
X = rng.normal(size=(T, N, 2))
t = X[:, :, :1].sum(axis=0)
W, V = {}
for step in range(60):
    h = c = np.zeros((N, H))
    kept = []
    for x in X:
        xh = np.hstack([x, h])
        a = xh @ W
        i, f, o = sigmoid(a[:, :H]), sigmoid(a[:, H : 2 * H] + 1), sigmoid(a[:, 2 * H : 3 * H])
        g = np.tanh(a[:, 3 * H :])
        old, c = c, f * c + i * g
        s = np.tanh(c)
        h = o * s
        kept.append((xh, i, f, o, g, old, s))
    y = h @ V
    loss = np.mean((y - t) ** 2)
    d = 2 * (y - t) / N
    dV, dW = h.T @ d, np.zeros_like(W)
    dh, dc = d @ V.T, 0
    for xh, i, f, o, g, old, s in reversed(kept):
        dc = dc + dh * o * (1 - s**2)
        gates = [dc * g * i * (1 - i), dc * old * f * (1 - f), dh * s * o * (1 - o), dc * i * (1 - g**2)]
        da = np.hstack(gates)
        dW += xh.T @ da
        dh, dc = (da @ W.T)[:, 2:], dc * f
    W -= 0.2 * dW
    V -= 0.2 * dV
print(loss)
"""

VALID = (
    """\
import numpy as np

rng = np.random.default_rng(94)
X = rng.normal(size=(10, 2))
t = (X[:, :1] * X[:, 1:] > 0).astype(float)
W1, W2 = rng.normal(size=(2, 4)), rng.normal(size=(4, 1))
b1, b2 = np.zeros(4), np.zeros(1)
for step in range(80):
    h = np.tanh(X @ W1 + b1)
    p = 1 / (1 + np.exp(-(h @ W2 + b2)))
    loss = -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))
    d2 = (p - t) / len(X)
    d1 = d2 @ W2.T * (1 - h**2)
    W2 -= 0.5 * h.T @ d2
    b2 -= 0.5 * d2.sum(axis=0)
    W1 -= 0.5 * X.T @ d1
    b1 -= 0.5 * d1.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

class Net:
    def __init__(self, sizes, rng):
        self.W = [rng.normal(size=(i, o)) / np.sqrt(i) for i, o in zip(sizes, sizes[1:])]
        self.b = [np.zeros(o) for o in sizes[1:]]

    def train(self, x, t, lr):
        h = 1 / (1 + np.exp(-(x @ self.W[0] + self.b[0])))
        y = h @ self.W[1] + self.b[1]
        d = 2 * (y - t) / len(x)
        dh = d @ self.W[1].T * h * (1 - h)
        self.W[1] -= lr * h.T @ d
        self.b[1] -= lr * d.sum(axis=0)
        self.W[0] -= lr * x.T @ dh
        self.b[0] -= lr * dh.sum(axis=0)
        return np.sum((y - t) ** 2) / len(x)

rng = np.random.default_rng(95)
x = rng.uniform(-1, 1, size=(9, 3))
t = np.column_stack([x[:, 0] * x[:, 1], x[:, 2] - 0.2])
net = Net([3, 5, 2], rng)
for k in range(60):
    loss = net.train(x, t, 0.1)
print(loss)
""",
    """\
import numpy as np

rng = np.random.default_rng(96)
X = rng.normal(size=(12, 3))
T = np.eye(3)[np.argmax(X + 0.5 * rng.normal(size=(12, 3)), axis=1)]
W, b = np.zeros((3, 3)), np.zeros(3)
for epoch in range(60):
    e = np.exp(X @ W + b)
    s = e / e.sum(axis=1, keepdims=True)
    loss = -np.sum(T * np.log(s)) / len(X)
    W -= 0.5 * X.T @ (s - T) / len(X)
    b -= 0.5 * np.mean(s - T, axis=0)
print(loss)
""",
    _GATES.format("0.3 * rng.normal(size=(2 + H, 4 * H)), 0.3 * rng.normal(size=(H, 1))"),
    # Equal weights into the gates are told apart by those that lead out of the units.
    _GATES.format("np.zeros((2 + H, 4 * H)), 0.5 * rng.normal(size=(H, 1))"),
)

INVALID = (
    """\
import numpy as np

rng = np.random.default_rng(94)
X = rng.normal(size=(10, 2))
t = (X[:, :1] * X[:, 1:] > 0).astype(float)
W1, W2 = np.full((2, 4), 0.5), np.full((4, 1), 0.5)  # <- symmetric-initialisation
b1, b2 = np.zeros(4), np.zeros(1)
for step in range(80):
    h = np.tanh(X @ W1 + b1)
    p = 1 / (1 + np.exp(-(h @ W2 + b2)))
    loss = -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))
    d2 = (p - t) / len(X)
    d1 = d2 @ W2.T * (1 - h**2)
    W2 -= 0.5 * h.T @ d2
    b2 -= 0.5 * d2.sum(axis=0)
    W1 -= 0.5 * X.T @ d1
    b1 -= 0.5 * d1.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

class Net:
    def __init__(self, sizes, rng):
        self.W = [np.zeros((i, o)) for i, o in zip(sizes, sizes[1:])]  # <- symmetric-initialisation
        self.b = [np.zeros(o) for o in sizes[1:]]

    def train(self, x, t, lr):
        h = 1 / (1 + np.exp(-(x @ self.W[0] + self.b[0])))
        y = h @ self.W[1] + self.b[1]
        d = 2 * (y - t) / len(x)
        dh = d @ self.W[1].T * h * (1 - h)
        self.W[1] -= lr * h.T @ d
        self.b[1] -= lr * d.sum(axis=0)
        self.W[0] -= lr * x.T @ dh
        self.b[0] -= lr * dh.sum(axis=0)
        return np.sum((y - t) ** 2) / len(x)

rng = np.random.default_rng(95)
x = rng.uniform(-1, 1, size=(9, 3))
t = np.column_stack([x[:, 0] * x[:, 1], x[:, 2] - 0.2])
net = Net([3, 5, 2], rng)
for k in range(60):
    loss = net.train(x, t, 0.1)
print(loss)
""",
    _GATES.format("np.zeros((2 + H, 4 * H)), np.zeros((H, 1))  # <- symmetric-initialisation"),
    _GATES.format("np.full((2 + H, 4 * H), 0.1), np.ones((H, 1))  # <- symmetric-initialisation"),
)

RULE = Rule(
    code="BP603",
    slug="symmetric-initialisation",
    title="hidden units start identical and stay identical",
    severity="error",
    explanation=__doc__ or "",
    why=(
        "units with equal incoming and equal outgoing weights have equal outputs and equal gradients, so "
        "they remain copies of one another for ever"
    ),
    evidence=evidence,
    valid=VALID,
    invalid=INVALID,
)
