"""The derivative of an activation is evaluated at its output instead of at its input.

## What it does
A helper that expects the pre-activation `z` (it applies the activation itself) is handed the
activation `a = f(z)`. The factor in the layer's delta becomes `f'(f(z))`.

## Why it is wrong
The chain rule asks for `∂L/∂z = ∂L/∂a · f'(z)`. For the logistic function
`f'(z) = σ(z)(1 − σ(z))`, which is `a(1 − a)`; the code computes `σ(a)(1 − σ(a))` with
`a` between 0 and 1. That number always lies between 0.197 and 0.25, so a saturated unit gets
a large gradient and an undecided one hardly more. The sign is right, so the loss usually
falls; it falls slowly, in a wrong direction, and may rest where the true gradient is not 0.

## Example
    def d_sigmoid(z):
        return sigmoid(z) * (1 - sigmoid(z))
    a = sigmoid(z)
    dz = da * d_sigmoid(a)

## Use instead
    dz = da * d_sigmoid(z)      # the helper wants z …
    dz = da * a * (1 - a)       # … and this form wants a

## How it is proved
The true adjoints give the factor that this layer's delta should carry. The rule replaces it by
`f'(f(z))` and sweeps on. Your gradient is this fault only if it equals that prediction to
rounding error at several points. No name of a helper is read: `x * (1 - x)` is right or wrong
by the values it receives.
"""

from __future__ import annotations

from collections.abc import Iterable

from bpdoctor.autodiff.mistakes import array, elementwise, is_derivative_of, steps_into
from bpdoctor.model.evidence import Local, Prediction
from bpdoctor.model.rule import Rule


def predict(local: Local) -> Iterable[Prediction]:
    """f' in its z form, evaluated at a."""
    f = elementwise(local)
    if f is None or not steps_into(local) or is_derivative_of(lambda z, a: f.derivative(a), f):
        return
    value = local.upstream * f.derivative(array(local.after))
    yield Prediction(value, "f'(a)", "f'(a) = f'(f(z))", "f'(z)")


VALID = (
    """\
import numpy as np

def sigmoid(z):
    return 1 / (1 + np.exp(-z))

def d_sigmoid(z):
    return sigmoid(z) * (1 - sigmoid(z))

rng = np.random.default_rng(0)
X = rng.normal(size=(8, 3))
y = np.sin(X[:, :1]) + 0.5 * X[:, 1:2]
W1, b1 = rng.normal(size=(3, 4)), rng.normal(size=4)
W2, b2 = rng.normal(size=(4, 1)), np.zeros(1)
lr = 0.2
for step in range(150):
    z1 = X @ W1 + b1
    a1 = sigmoid(z1)
    out = a1 @ W2 + b2
    loss = np.mean((out - y) ** 2)
    d2 = 2 * (out - y) / len(X)
    d1 = (d2 @ W2.T) * d_sigmoid(z1)
    W2 -= lr * a1.T @ d2
    b2 -= lr * d2.sum(axis=0)
    W1 -= lr * X.T @ d1
    b1 -= lr * d1.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

class Net:
    def __init__(self, rng):
        self.U, self.c = 0.7 * rng.normal(size=(2, 5)), 0.1 * rng.normal(size=(1, 5))
        self.V, self.d = 0.7 * rng.normal(size=(5, 2)), np.zeros((1, 2))

    def train(self, x, t, lr):
        z = x.dot(self.U) + self.c
        h = np.tanh(z)
        y = h.dot(self.V) + self.d
        e = (y - t) / len(x)
        g = e.dot(self.V.T) * (1 - np.tanh(z) ** 2)
        self.V -= lr * h.T.dot(e)
        self.d -= lr * e.sum(axis=0, keepdims=True)
        self.U -= lr * x.T.dot(g)
        self.c -= lr * g.sum(axis=0, keepdims=True)
        return 0.5 * np.sum((y - t) ** 2) / len(x)

rng = np.random.default_rng(1)
x = rng.uniform(-1, 1, size=(10, 2))
t = np.hstack([x[:, :1] * x[:, 1:], x[:, :1] - x[:, 1:]])
net = Net(rng)
for epoch in range(100):
    loss = net.train(x, t, 0.1)
print(loss)
""",
    """\
import numpy as np

def act(z):
    return 1.0 / (1.0 + np.exp(-z))

def act_slope(a):
    return a * (1.0 - a)

rng = np.random.default_rng(2)
X = rng.normal(size=(7, 2))
t = (X[:, :1] * X[:, 1:] > 0).astype(float)
W, b, V, c = rng.normal(size=(2, 4)), rng.normal(size=4), rng.normal(size=(4, 1)), np.zeros(1)
for step in range(100):
    h = act(X @ W + b)
    p = act(h @ V + c)
    loss = 0.5 * np.sum((p - t) ** 2)
    dp = (p - t) * act_slope(p)
    dh = dp @ V.T * act_slope(h)
    V -= 0.5 * h.T @ dp
    c -= 0.5 * dp.sum(axis=0)
    W -= 0.5 * X.T @ dh
    b -= 0.5 * dh.sum(axis=0)
print(loss)
""",
)

INVALID = (
    """\
import numpy as np

def sigmoid(z):
    return 1 / (1 + np.exp(-z))

def d_sigmoid(z):
    return sigmoid(z) * (1 - sigmoid(z))

rng = np.random.default_rng(0)
X = rng.normal(size=(8, 3))
y = np.sin(X[:, :1]) + 0.5 * X[:, 1:2]
W1, b1 = rng.normal(size=(3, 4)), rng.normal(size=4)
W2, b2 = rng.normal(size=(4, 1)), np.zeros(1)
lr = 0.2
for step in range(150):
    z1 = X @ W1 + b1
    a1 = sigmoid(z1)
    out = a1 @ W2 + b2
    loss = np.mean((out - y) ** 2)
    d2 = 2 * (out - y) / len(X)
    d1 = (d2 @ W2.T) * d_sigmoid(a1)  # <- double-activation-derivative
    W2 -= lr * a1.T @ d2
    b2 -= lr * d2.sum(axis=0)
    W1 -= lr * X.T @ d1
    b1 -= lr * d1.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

class Net:
    def __init__(self, rng):
        self.U, self.c = 0.7 * rng.normal(size=(2, 5)), 0.1 * rng.normal(size=(1, 5))
        self.V, self.d = 0.7 * rng.normal(size=(5, 2)), np.zeros((1, 2))

    def train(self, x, t, lr):
        z = x.dot(self.U) + self.c
        h = np.tanh(z)
        y = h.dot(self.V) + self.d
        e = (y - t) / len(x)
        g = e.dot(self.V.T) * (1 - np.tanh(h) ** 2)  # <- double-activation-derivative
        self.V -= lr * h.T.dot(e)
        self.d -= lr * e.sum(axis=0, keepdims=True)
        self.U -= lr * x.T.dot(g)
        self.c -= lr * g.sum(axis=0, keepdims=True)
        return 0.5 * np.sum((y - t) ** 2) / len(x)

rng = np.random.default_rng(1)
x = rng.uniform(-1, 1, size=(10, 2))
t = np.hstack([x[:, :1] * x[:, 1:], x[:, :1] - x[:, 1:]])
net = Net(rng)
for epoch in range(100):
    loss = net.train(x, t, 0.1)
print(loss)
""",
)

RULE = Rule(
    code="BP301",
    slug="double-activation-derivative",
    title="activation derivative evaluated at the activation instead of its input",
    severity="error",
    explanation=__doc__ or "",
    why=(
        "the factor must be f'(z) at the pre-activation z; the code evaluates the same formula at a = "
        "f(z), which is f'(f(z))"
    ),
    predict=predict,
    valid=VALID,
    invalid=INVALID,
    unit=True,
    place="factor",
)
