"""The negative side of a leaky ReLU (or ELU) has one slope forward and another backward.

## What it does
Forward, negative inputs are multiplied by α. Backward, they are multiplied by another number:
a second literal, an old default, or 0 because the derivative is still that of the plain ReLU.

## Why it is wrong
For `f(z) = z` if `z > 0` else `αz`, the derivative is 1 or exactly that α. With another slope β
the error through every negative unit is off by the factor `β/α`, positive ones are right.
The damage is small when both are small (α = 0.01 against 0 gives some tenths of a per cent), so
loose gradient checks let it pass, but a unit that is negative for all samples learns at the wrong
rate, or not at all: then the leak, put there to keep units alive, does not do its work.

## Example
    a = np.where(z > 0, z, 0.01 * z)
    dz = da * np.where(z > 0, 1.0, 0.2)

## Use instead
    SLOPE = 0.01
    a = np.where(z > 0, z, SLOPE * z)
    dz = da * np.where(z > 0, 1.0, SLOPE)

## How it is proved
Where `z > 0` the implied factor is 1; where `z < 0` it is one constant that differs from the
slope measured on the forward pass. Both constants are read off the numbers and shown, and the
reverse sweep with β in place of α must give your gradients.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from bpdoctor.autodiff.mistakes import PIECEWISE, array, elementwise, steps_into
from bpdoctor.model.evidence import Local, Prediction
from bpdoctor.model.rule import Rule

TYPICAL = (
    0.0,
    0.01,
    0.1,
    0.2,
    0.001,
    0.05,
    0.02,
    0.03,
    0.3,
    0.25,
    0.5,
    0.15,
    0.4,
    0.005,
    1e-4,
    1 / 3,
    1 / 5.5,
)


def predict(local: Local) -> Iterable[Prediction]:
    """1 above zero and another constant below; for an ELU also either form with another scale.

    The slope itself is unknown, so that usual ones and those made from α are tried. A slope of 1 is left to
    `missing-activation-derivative`.
    """
    f = elementwise(local)
    if f is None or f.name not in PIECEWISE or not steps_into(local):
        return
    z, a, g = array(local.value), array(local.after), array(local.upstream)
    curved = f.name == "elu"
    own = float(f.derivative(np.float64(-1.0))) * (np.e if curved else 1.0)
    slopes = _slopes(own)
    for text, s in slopes.items():
        if s != 1 and (curved or abs(s - own) > 1e-9):
            yield Prediction(g * np.where(z > 0, 1.0, s), f"slope {text}", f"slope {s:.6g} below zero", f.pre)
    if not curved:
        return
    for text, s in {"1": 1.0, **slopes}.items():
        if s and abs(s - own) > 1e-9:
            scaled = np.where(z > 0, 1.0, s * np.exp(np.minimum(z, 0)))
            yield Prediction(g * scaled, f"scale {text}", f"{s:.6g} * exp(z) below zero", f.pre)
            if abs(s - own - 1) > 1e-9:  # else 1 + f'(z), another slip
                shifted = np.where(z > 0, 1.0, a + s)
                yield Prediction(g * shifted, f"shift {text}", f"a + {s:.6g} below zero", f.post)
    yield Prediction(g * np.where(z > 0, 1.0, a), "shift 0", "a below zero", f.post)


def _slopes(own: float) -> dict[str, float]:
    """Slopes by what they are called, each one once."""
    usual = {f"{s:.6g}": s for s in (*TYPICAL, *(-s for s in TYPICAL[1:]), -1.0, 2.0)}
    if own:
        usual |= {"α": own, "α²": own**2, "1 / α": 1 / own, "-α": -own, "1 - α": 1 - own}
    once = {round(s, 12): text for text, s in reversed(usual.items())}
    return {text: s for s, text in once.items()}


VALID = (
    """\
import numpy as np

rng = np.random.default_rng(11)
X = rng.normal(size=(10, 3))
t = X[:, :1] ** 2 - X[:, 1:2]
W1, b1 = rng.normal(size=(3, 5)), 0.1 * rng.normal(size=5)
W2, b2 = 0.5 * rng.normal(size=(5, 1)), np.zeros(1)
for step in range(100):
    z = X @ W1 + b1
    a = np.where(z > 0, z, 0.05 * z)
    y = a @ W2 + b2
    loss = np.mean((y - t) ** 2)
    dy = 2 * (y - t) / len(X)
    dz = dy @ W2.T * np.where(z > 0, 1.0, 0.05)
    W2 -= 0.1 * a.T @ dy
    b2 -= 0.1 * dy.sum(axis=0)
    W1 -= 0.1 * X.T @ dz
    b1 -= 0.1 * dz.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

class LeakyNet:
    def __init__(self, rng):
        self.A, self.a = rng.normal(size=(4, 2)), 0.1 * rng.normal(size=(4, 1))
        self.B, self.b = rng.normal(size=(3, 4)) / 2, np.zeros((3, 1))

    def step(self, x, labels, lr):
        z = self.A @ x + self.a
        h = np.maximum(0.1 * z, z)
        s = self.B @ h + self.b
        e = np.exp(s - s.max(axis=0))
        p = e / e.sum(axis=0)
        n = x.shape[1]
        loss = -np.mean(np.log(p[labels, np.arange(n)]))
        ds = (p - np.eye(3)[labels].T) / n
        dz = (self.B.T @ ds) * np.where(z > 0, 1.0, 0.1)
        self.B -= lr * ds @ h.T
        self.b -= lr * ds.sum(axis=1, keepdims=True)
        self.A -= lr * dz @ x.T
        self.a -= lr * dz.sum(axis=1, keepdims=True)
        return loss

rng = np.random.default_rng(12)
x = rng.normal(size=(2, 15))
labels = (x[0] > 0).astype(int) + (x[1] > 0.3)
net = LeakyNet(rng)
for step in range(80):
    loss = net.step(x, labels, 0.2)
print(loss)
""",
)

INVALID = (
    """\
import numpy as np

rng = np.random.default_rng(11)
X = rng.normal(size=(10, 3))
t = X[:, :1] ** 2 - X[:, 1:2]
W1, b1 = rng.normal(size=(3, 5)), 0.1 * rng.normal(size=5)
W2, b2 = 0.5 * rng.normal(size=(5, 1)), np.zeros(1)
for step in range(100):
    z = X @ W1 + b1
    a = np.where(z > 0, z, 0.05 * z)
    y = a @ W2 + b2
    loss = np.mean((y - t) ** 2)
    dy = 2 * (y - t) / len(X)
    dz = dy @ W2.T * np.where(z > 0, 1.0, 0.2)  # <- activation-slope-mismatch
    W2 -= 0.1 * a.T @ dy
    b2 -= 0.1 * dy.sum(axis=0)
    W1 -= 0.1 * X.T @ dz
    b1 -= 0.1 * dz.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

class LeakyNet:
    def __init__(self, rng):
        self.A, self.a = rng.normal(size=(4, 2)), 0.1 * rng.normal(size=(4, 1))
        self.B, self.b = rng.normal(size=(3, 4)) / 2, np.zeros((3, 1))

    def step(self, x, labels, lr):
        z = self.A @ x + self.a
        h = np.maximum(0.1 * z, z)
        s = self.B @ h + self.b
        e = np.exp(s - s.max(axis=0))
        p = e / e.sum(axis=0)
        n = x.shape[1]
        loss = -np.mean(np.log(p[labels, np.arange(n)]))
        ds = (p - np.eye(3)[labels].T) / n
        dz = (self.B.T @ ds) * (z > 0)  # <- activation-slope-mismatch
        self.B -= lr * ds @ h.T
        self.b -= lr * ds.sum(axis=1, keepdims=True)
        self.A -= lr * dz @ x.T
        self.a -= lr * dz.sum(axis=1, keepdims=True)
        return loss

rng = np.random.default_rng(12)
x = rng.normal(size=(2, 15))
labels = (x[0] > 0).astype(int) + (x[1] > 0.3)
net = LeakyNet(rng)
for step in range(80):
    loss = net.step(x, labels, 0.2)
print(loss)
""",
)

RULE = Rule(
    code="BP305",
    slug="activation-slope-mismatch",
    title="slope of a leaky activation differs between forward and backward",
    severity="error",
    explanation=__doc__ or "",
    why=(
        "the slope α used for z < 0 in the forward pass must be the one used in the backward pass; here "
        "they are two different numbers"
    ),
    predict=predict,
    valid=VALID,
    invalid=INVALID,
    unit=True,
    place="formula",
)
