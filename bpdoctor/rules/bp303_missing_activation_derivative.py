"""The error is carried back through an activation without multiplying by its derivative.

## What it does
A layer applies `a = f(z)` on the way forward. On the way back the error with respect to `a` is
used as if it were the error with respect to `z`.

## Why it is wrong
`∂L/∂z = ∂L/∂a · f'(z)`, elementwise. Leaving the factor out means `f' = 1`, as if the layer were
linear. Every parameter of this layer, and of all layers below it, gets a wrong gradient: too
large where the unit is saturated, nearly right where it is not (tanh near 0). The sign is often
right, so the loss falls, and with small weights even a gradient check may let it pass: at
`|z|` about 0.01, `f'(z)` of tanh differs from 1 by only 1e-4.

## Example
    h = np.tanh(x @ W1 + b1)
    d1 = d2 @ W2.T
    dW1 = x.T @ d1

## Use instead
    d1 = (d2 @ W2.T) * (1 - h**2)

## How it is proved
The reverse sweep is repeated with the derivative of exactly one activation set to 1; the result
must equal your gradients at several points, also at freshly drawn parameters of ordinary size,
where the omission is plain to see. Where the output has cross-entropy, the factor cancels against
the loss and its absence is right: `p - y` is then no fault.
"""

from __future__ import annotations

from collections.abc import Iterable

from bpdoctor.autodiff.mistakes import array, ends, probability_axis, proportional, steps_into
from bpdoctor.model.evidence import Local, Prediction
from bpdoctor.model.rule import Rule


def predict(local: Local) -> Iterable[Prediction]:
    """The error in a where the error in z belongs.

    At a logistic or softmax output ``o - t`` is left to `loss-delta-mismatch`: it is cross-entropy's delta.
    Within the network the derivative of a softmax is a Jacobian, which is left to `softmax-jacobian`.
    """
    if not steps_into(local):
        return
    end = ends(local)
    name = getattr(local.activation, "name", "")
    if end is None and name == "softmax":
        return
    if end is not None and (name in ("sigmoid", "softmax") or probability_axis(end[0]) is not None):
        o, t = end
        if proportional(local.upstream, o - t):
            return
    yield Prediction(array(local.upstream), "no f'", "∂L/∂a, without f'(z)", "∂L/∂a · f'(z)")


VALID = (
    """\
import numpy as np

rng = np.random.default_rng(4)
X = rng.normal(size=(10, 3))
Y = np.column_stack([np.sin(X[:, 0]), X[:, 1] * X[:, 2]])
W1, b1 = rng.normal(size=(3, 4)), 0.1 * rng.normal(size=4)
W2, b2 = rng.normal(size=(4, 2)), np.zeros(2)
lr = 0.1
for step in range(120):
    H = np.tanh(X @ W1 + b1)
    P = H @ W2 + b2
    loss = 0.5 * np.sum((P - Y) ** 2) / len(X)
    dP = (P - Y) / len(X)
    dZ = dP @ W2.T * (1 - H**2)
    W2 -= lr * H.T @ dP
    b2 -= lr * dP.sum(axis=0)
    W1 -= lr * X.T @ dZ
    b1 -= lr * dZ.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

class Mlp:
    def __init__(self, sizes, rng):
        self.W = [rng.normal(size=(i, o)) for i, o in zip(sizes, sizes[1:])]
        self.b = [0.1 * rng.normal(size=o) for o in sizes[1:]]

    def step(self, x, t, lr):
        h = np.tanh(x @ self.W[0] + self.b[0])
        y = np.tanh(h @ self.W[1] + self.b[1])
        loss = np.mean((y - t) ** 2)
        d_out = 2 * (y - t) / y.size * (1 - y**2)
        d_hid = d_out @ self.W[1].T * (1 - h**2)
        for k, (a, d) in enumerate([(x, d_hid), (h, d_out)]):
            self.W[k] -= lr * a.T @ d
            self.b[k] -= lr * d.sum(axis=0)
        return loss

rng = np.random.default_rng(6)
x = rng.uniform(-1, 1, (12, 2))
t = np.tanh(np.column_stack([2 * x[:, 0] * x[:, 1], x[:, 0] - x[:, 1], x[:, 1]]))
m = Mlp([2, 5, 3], rng)
for epoch in range(100):
    loss = m.step(x, t, 0.3)
print(loss)
""",
    """\
import numpy as np

rng = np.random.default_rng(7)
X = rng.normal(size=(8, 2))
y = (X[:, :1] + X[:, 1:] ** 2 > 0.5) * 1.0
W1, b1 = rng.normal(size=(2, 4)), 0.1 * rng.normal(size=4)
W2, b2 = rng.normal(size=(4, 1)), np.zeros(1)
for step in range(100):
    h = np.tanh(X @ W1 + b1)
    p = 1 / (1 + np.exp(-(h @ W2 + b2)))
    loss = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
    d2 = (p - y) / len(X)
    d1 = d2 @ W2.T * (1 - h * h)
    W2 -= 0.5 * h.T @ d2
    b2 -= 0.5 * d2.sum(axis=0)
    W1 -= 0.5 * X.T @ d1
    b1 -= 0.5 * d1.sum(axis=0)
print(loss)
""",
)

INVALID = (
    """\
import numpy as np

rng = np.random.default_rng(4)
X = rng.normal(size=(10, 3))
Y = np.column_stack([np.sin(X[:, 0]), X[:, 1] * X[:, 2]])
W1, b1 = rng.normal(size=(3, 4)), 0.1 * rng.normal(size=4)
W2, b2 = rng.normal(size=(4, 2)), np.zeros(2)
lr = 0.1
for step in range(120):
    H = np.tanh(X @ W1 + b1)
    P = H @ W2 + b2
    loss = 0.5 * np.sum((P - Y) ** 2) / len(X)
    dP = (P - Y) / len(X)
    dZ = dP @ W2.T  # <- missing-activation-derivative
    W2 -= lr * H.T @ dP
    b2 -= lr * dP.sum(axis=0)
    W1 -= lr * X.T @ dZ
    b1 -= lr * dZ.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

class Mlp:
    def __init__(self, sizes, rng):
        self.W = [rng.normal(size=(i, o)) for i, o in zip(sizes, sizes[1:])]
        self.b = [0.1 * rng.normal(size=o) for o in sizes[1:]]

    def step(self, x, t, lr):
        h = np.tanh(x @ self.W[0] + self.b[0])
        y = np.tanh(h @ self.W[1] + self.b[1])
        loss = np.mean((y - t) ** 2)
        d_out = 2 * (y - t) / y.size  # <- missing-activation-derivative
        d_hid = d_out @ self.W[1].T * (1 - h**2)
        for k, (a, d) in enumerate([(x, d_hid), (h, d_out)]):
            self.W[k] -= lr * a.T @ d
            self.b[k] -= lr * d.sum(axis=0)
        return loss

rng = np.random.default_rng(6)
x = rng.uniform(-1, 1, (12, 2))
t = np.tanh(np.column_stack([2 * x[:, 0] * x[:, 1], x[:, 0] - x[:, 1], x[:, 1]]))
m = Mlp([2, 5, 3], rng)
for epoch in range(100):
    loss = m.step(x, t, 0.3)
print(loss)
""",
)

RULE = Rule(
    code="BP303",
    slug="missing-activation-derivative",
    title="factor f'(z) left out of a delta",
    severity="error",
    explanation=__doc__ or "",
    why=(
        "going back through a = f(z) multiplies by f'(z); here the error passes through the activation as "
        "if it were the identity"
    ),
    predict=predict,
    valid=VALID,
    invalid=INVALID,
    unit=True,
    place="handed on",
)
