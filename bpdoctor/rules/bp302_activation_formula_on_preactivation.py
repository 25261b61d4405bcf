"""A derivative written in terms of the activation is given the pre-activation.

## What it does
`a * (1 - a)` (logistic) or `1 - a**2` (tanh) are shortcuts that hold when `a` is the unit's
output. The code puts the weighted input `z` in their place.

## Why it is wrong
With `a = σ(z)` the derivative is `a(1 − a)`, between 0 and 1/4. The same formula in `z` is
`z(1 − z)`: negative for `z < 0` and for `z > 1`, and unbounded. Units with a negative input are
then moved uphill, and as `|z|` grows the factor grows like `−z²` where it should vanish, so that
training may swing or blow up. For tanh, `1 − z²` is negative as soon as `|z| > 1`.

## Example
    z = x @ W + b
    a = 1 / (1 + np.exp(-z))
    dz = da * z * (1 - z)

## Use instead
    dz = da * a * (1 - a)

## How it is proved
The factor of this layer's delta is predicted from the forward pass as `z(1 − z)` or `1 − z²` and
carried through the rest of the reverse sweep. It must reproduce your gradients of this layer and
of all below it, at several points, to rounding error; the factor's negative values are shown.
The mirror image of `double-activation-derivative`; both come from helpers whose name does not
say which of `z` and `a` they want.
"""

from __future__ import annotations

from collections.abc import Iterable

from bpdoctor.autodiff.mistakes import array, elementwise, is_derivative_of, steps_into
from bpdoctor.model.evidence import Local, Prediction
from bpdoctor.model.rule import Rule


def predict(local: Local) -> Iterable[Prediction]:
    """f' in its a form, evaluated at z."""
    f = elementwise(local)
    if f is None or f.from_output is None or not steps_into(local):
        return
    formula = f.from_output
    if not is_derivative_of(lambda z, a: formula(z), f):
        note = f.post.replace("a", "z") if len(f.post) < 12 else "the formula for a, given z"
        yield Prediction(local.upstream * formula(array(local.value)), "formula at z", note, f.post)


VALID = (
    """\
import numpy as np

def sigmoid_deriv(a):
    return a * (1 - a)

rng = np.random.default_rng(3)
X = rng.normal(size=(9, 2))
y = np.abs(X[:, :1]) - 0.3 * X[:, 1:]
W1, b1 = 0.6 * rng.normal(size=(2, 5)), 0.3 * rng.normal(size=5)
W2, b2 = rng.normal(size=(5, 1)), np.zeros(1)
for step in range(20):
    z1 = X @ W1 + b1
    a1 = 1 / (1 + np.exp(-z1))
    y_hat = a1 @ W2 + b2
    loss = np.mean((y_hat - y) ** 2)
    d2 = 2 * (y_hat - y) / len(X)
    d1 = (d2 @ W2.T) * sigmoid_deriv(a1)
    W2 -= 0.002 * a1.T @ d2
    b2 -= 0.002 * d2.sum(axis=0)
    W1 -= 0.002 * X.T @ d1
    b1 -= 0.002 * d1.sum(axis=0)
print(loss)
""",
    """\
import math
import random

random.seed(5)
data = [((i / 4 - 1, (i * 5 % 8) / 4 - 1), math.cos(i)) for i in range(8)]
w = [[random.uniform(-1, 1), random.uniform(-1, 1)] for _ in range(3)]
v = [random.uniform(-1, 1) for _ in range(3)]
c = [random.uniform(-0.5, 0.5) for _ in range(3)]
o = [0.0]
for epoch in range(40):
    loss = 0.0
    for (x0, x1), t in data:
        z = [w[j][0] * x0 + w[j][1] * x1 + c[j] for j in range(3)]
        h = [math.tanh(s) for s in z]
        y = sum(v[j] * h[j] for j in range(3)) + o[0]
        loss += 0.5 * (y - t) ** 2
        for j in range(3):
            g = (y - t) * v[j] * (1 - h[j] ** 2)
            v[j] -= 0.02 * (y - t) * h[j]
            w[j][0] -= 0.02 * g * x0
            w[j][1] -= 0.02 * g * x1
            c[j] -= 0.02 * g
        o[0] -= 0.02 * (y - t)
print(loss)
""",
)

INVALID = (
    """\
import numpy as np

def sigmoid_deriv(a):
    return a * (1 - a)

rng = np.random.default_rng(3)
X = rng.normal(size=(9, 2))
y = np.abs(X[:, :1]) - 0.3 * X[:, 1:]
W1, b1 = 0.6 * rng.normal(size=(2, 5)), 0.3 * rng.normal(size=5)
W2, b2 = rng.normal(size=(5, 1)), np.zeros(1)
for step in range(20):
    z1 = X @ W1 + b1
    a1 = 1 / (1 + np.exp(-z1))
    y_hat = a1 @ W2 + b2
    loss = np.mean((y_hat - y) ** 2)
    d2 = 2 * (y_hat - y) / len(X)
    d1 = (d2 @ W2.T) * sigmoid_deriv(z1)  # <- activation-formula-on-preactivation
    W2 -= 0.002 * a1.T @ d2
    b2 -= 0.002 * d2.sum(axis=0)
    W1 -= 0.002 * X.T @ d1
    b1 -= 0.002 * d1.sum(axis=0)
print(loss)
""",
    """\
import math
import random

random.seed(5)
data = [((i / 4 - 1, (i * 5 % 8) / 4 - 1), math.cos(i)) for i in range(8)]
w = [[random.uniform(-1, 1), random.uniform(-1, 1)] for _ in range(3)]
v = [random.uniform(-1, 1) for _ in range(3)]
c = [random.uniform(-0.5, 0.5) for _ in range(3)]
o = [0.0]
for epoch in range(40):
    loss = 0.0
    for (x0, x1), t in data:
        z = [w[j][0] * x0 + w[j][1] * x1 + c[j] for j in range(3)]
        h = [math.tanh(s) for s in z]
        y = sum(v[j] * h[j] for j in range(3)) + o[0]
        loss += 0.5 * (y - t) ** 2
        for j in range(3):
            g = (y - t) * v[j] * (1 - z[j] ** 2)  # <- activation-formula-on-preactivation
            v[j] -= 0.02 * (y - t) * h[j]
            w[j][0] -= 0.02 * g * x0
            w[j][1] -= 0.02 * g * x1
            c[j] -= 0.02 * g
        o[0] -= 0.02 * (y - t)
print(loss)
""",
)

RULE = Rule(
    code="BP302",
    slug="activation-formula-on-preactivation",
    title="activation formula a(1-a) or 1-a\u00b2 applied to the pre-activation",
    severity="error",
    explanation=__doc__ or "",
    why=(
        "a(1 − a) and 1 − a² are derivatives written in the output a = f(z); given z they are z(1 − z) "
        "and 1 − z², which are no derivatives at all"
    ),
    predict=predict,
    valid=VALID,
    invalid=INVALID,
    unit=True,
    place="factor",
)
