"""The derivative of an activation is taken at the error that comes from above.

## What it does
The backward step of a layer calls `f'` (or builds a ReLU mask) with `∂L/∂a` in the place of the
cached `z`: `dz = da * (da > 0)`, `dz = da * d_sigmoid(da)`.

## Why it is wrong
In `∂L/∂z = ∂L/∂a · f'(z)` the factor belongs to the forward pass: it says how much the unit reacts
at the point where it was working. The error says something else, what the loss would gain. With a mask
made from the error every negative error is dropped, whether the unit was on or off: such a unit can only
be pushed one way. With a smooth `f'` errors near 0 make the factor nearly `f'(0)`, a constant (1 for
tanh, 1/4 for the logistic function), so that training often goes on almost as if there were no factor.

## Example
    def relu_backward(da):
        return da * (da > 0)

## Use instead
    def relu_backward(da, z):
        return da * (z > 0)

## How it is proved
The factor is predicted as `f'` of the true error from above and multiplied on to it; the result equals
your delta at several points. Doubling the error changes such a factor, and a true one not at all.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from bpdoctor.autodiff.mistakes import array, elementwise, steps_into
from bpdoctor.model.evidence import Local, Prediction
from bpdoctor.model.rule import Rule


def predict(local: Local) -> Iterable[Prediction]:
    """f', its a form, a mask or f itself, evaluated at the upstream gradient g."""
    if not steps_into(local):
        return
    f, s = elementwise(local), local.scale
    g = s * array(local.upstream)
    should = "∂L/∂a · f'(z)"
    yield Prediction(g * (g > 0) / s, "g * (g > 0)", "g · (g > 0) with g = ∂L/∂a", should)
    yield Prediction(g * (g < 0) / s, "g * (g < 0)", "g · (g < 0) with g = ∂L/∂a", should)
    if f is None:
        return
    with np.errstate(all="ignore"):
        formulas = [
            ("g * f'(g)", g * f.derivative(g)),
            ("f'(g)", f.derivative(g) + 0 * g),
            ("f(g)", f.function(g)),
        ]
        if f.from_output is not None:
            text = "f' in its a form, at g"
            formulas += [(f"g * ({text})", g * f.from_output(g)), (text, f.from_output(g) + 0 * g)]
    for label, value in formulas:
        if f.name != "relu" or label == "f'(g)":
            yield Prediction(array(value) / s, label, f"{label} with g = ∂L/∂a", should)


VALID = (
    """\
import numpy as np

rng = np.random.default_rng(130)
X = rng.normal(size=(10, 3))
t = np.column_stack([X[:, 0] * X[:, 1], X[:, 2] - X[:, 0]])
W1, b1 = rng.normal(size=(3, 6)), 0.2 * rng.normal(size=6)
W2, b2 = 0.6 * rng.normal(size=(6, 2)), np.zeros(2)
for step in range(80):
    z = X @ W1 + b1
    a = np.maximum(z, 0)
    y = a @ W2 + b2
    loss = 0.5 * np.sum((y - t) ** 2) / len(X)
    dy = (y - t) / len(X)
    da = dy @ W2.T
    dz = da * (z > 0)
    W2 -= 0.05 * a.T @ dy
    b2 -= 0.05 * dy.sum(axis=0)
    W1 -= 0.05 * X.T @ dz
    b1 -= 0.05 * dz.sum(axis=0)
print(loss)
""",
    """\
import math
import random

def squash(s):
    return 1 / (1 + math.exp(-s))

def squash_slope(s):
    return squash(s) * (1 - squash(s))

random.seed(31)
points = [([random.uniform(-1, 1), random.uniform(-1, 1)], random.uniform(-1, 1)) for _ in range(9)]
w = [[random.uniform(-2, 2) for _ in range(3)] for _ in range(4)]
v = [random.uniform(-2, 2) for _ in range(4)]
for epoch in range(30):
    loss = 0.0
    for x, t in points:
        s = [r[0] * x[0] + r[1] * x[1] + r[2] for r in w]
        h = [squash(k) for k in s]
        y = sum(p * q for p, q in zip(v, h))
        loss += 0.5 * (y - t) ** 2
        for j in range(4):
            back = (y - t) * v[j]
            delta = back * squash_slope(s[j])
            v[j] -= 0.1 * (y - t) * h[j]
            for i, value in enumerate((x[0], x[1], 1.0)):
                w[j][i] -= 0.1 * delta * value
print(loss)
""",
)

INVALID = (
    """\
import numpy as np

rng = np.random.default_rng(130)
X = rng.normal(size=(10, 3))
t = np.column_stack([X[:, 0] * X[:, 1], X[:, 2] - X[:, 0]])
W1, b1 = rng.normal(size=(3, 6)), 0.2 * rng.normal(size=6)
W2, b2 = 0.6 * rng.normal(size=(6, 2)), np.zeros(2)
for step in range(80):
    z = X @ W1 + b1
    a = np.maximum(z, 0)
    y = a @ W2 + b2
    loss = 0.5 * np.sum((y - t) ** 2) / len(X)
    dy = (y - t) / len(X)
    da = dy @ W2.T
    dz = da * (da > 0)  # <- activation-derivative-of-gradient
    W2 -= 0.05 * a.T @ dy
    b2 -= 0.05 * dy.sum(axis=0)
    W1 -= 0.05 * X.T @ dz
    b1 -= 0.05 * dz.sum(axis=0)
print(loss)
""",
    """\
import math
import random

def squash(s):
    return 1 / (1 + math.exp(-s))

def squash_slope(s):
    return squash(s) * (1 - squash(s))

random.seed(31)
points = [([random.uniform(-1, 1), random.uniform(-1, 1)], random.uniform(-1, 1)) for _ in range(9)]
w = [[random.uniform(-2, 2) for _ in range(3)] for _ in range(4)]
v = [random.uniform(-2, 2) for _ in range(4)]
for epoch in range(30):
    loss = 0.0
    for x, t in points:
        s = [r[0] * x[0] + r[1] * x[1] + r[2] for r in w]
        h = [squash(k) for k in s]
        y = sum(p * q for p, q in zip(v, h))
        loss += 0.5 * (y - t) ** 2
        for j in range(4):
            back = (y - t) * v[j]
            delta = back * squash_slope(back)  # <- activation-derivative-of-gradient
            v[j] -= 0.1 * (y - t) * h[j]
            for i, value in enumerate((x[0], x[1], 1.0)):
                w[j][i] -= 0.1 * delta * value
print(loss)
""",
)

RULE = Rule(
    code="BP307",
    slug="activation-derivative-of-gradient",
    title="activation derivative evaluated at the gradient from above",
    severity="error",
    explanation=__doc__ or "",
    why=(
        "the factor f' belongs to the point z at which the unit worked on the way forward; here it is taken "
        "at the error ∂L/∂a, which it is to be multiplied with"
    ),
    predict=predict,
    valid=VALID,
    invalid=INVALID,
    unit=True,
)
