"""A quotient has the divisor 0, and the infinity or NaN it gives is used.

## What it does
Something is divided by a norm, a standard deviation, a sum, a count or a probability that has become
exactly 0.

## Why it is wrong
NumPy gives `inf` for `x / 0` and NaN for `0 / 0`, with one warning at most. A feature that is constant
has the standard deviation 0, and standardising it makes a column of NaN; the gradient `-y / p` of a
cross-entropy divides by a probability that has been rounded to 0; a normalised vector of zeros divides
by its norm. From there every sum and product is NaN, and after one step every parameter is.

## Example
    X = (X - X.mean(axis=0)) / X.std(axis=0)      # one column is constant

## Use instead
    deviation = X.std(axis=0)
    X = (X - X.mean(axis=0)) / np.where(deviation > 0, deviation, 1)

## How it is proved
The first value that is not finite although its operands are is this quotient; the divisor 0 and the
number of such entries are shown. A quotient that is discarded later (by `np.where`, or because its
reciprocal is taken) reaches nothing and is no finding.
"""

from __future__ import annotations

from collections.abc import Iterable

from bpdoctor.model.evidence import Evidence
from bpdoctor.model.examination import Examination
from bpdoctor.model.rule import Rule


def evidence(examination: Examination) -> Iterable[Evidence]:
    """Name the quotient by 0 from which values that are not finite come."""
    for origin in examination.measurements["finite"].origins:
        if origin.kind == "division by zero":
            text = " ".join(examination.sites[origin.site].text.split())
            yield Evidence(
                origin.site,
                f"`{text}` divides by exactly 0",
                label=f"{origin.entries} of {origin.size} results are not finite",
                facts=(f"{origin.operands[0]:.6g} / 0 = {origin.result}, and it reaches {origin.reaches}",),
                late=not origin.first,
            )


VALID = (
    """\
import numpy as np

rng = np.random.default_rng(107)
X = np.column_stack([rng.normal(size=(10, 2)), np.full(10, 3.0)])
t = X[:, :1] - 0.5 * X[:, 1:2]
deviation = X.std(axis=0)
X = (X - X.mean(axis=0)) / np.where(deviation > 0, deviation, 1)
W, b = rng.normal(size=(3, 4)), 0.1 * rng.normal(size=4)
V, c = rng.normal(size=(4, 1)), np.zeros(1)
for step in range(40):
    h = np.tanh(X @ W + b)
    y = h @ V + c
    loss = np.mean((y - t) ** 2)
    d = 2 * (y - t) / len(X)
    dh = d @ V.T * (1 - h**2)
    V -= 0.1 * h.T @ d
    c -= 0.1 * d.sum(axis=0)
    W -= 0.1 * X.T @ dh
    b -= 0.1 * dh.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

class Unit:
    def __init__(self, rng):
        self.w, self.b = rng.normal(size=2), np.zeros(1)

    def train(self, x, y, lr):
        p = 1 / (1 + np.exp(-(x @ self.w + self.b)))
        error = (p - y) / len(y)
        self.w -= lr * x.T @ error
        self.b -= lr * error.sum()
        with np.errstate(all="ignore"):
            ratio = np.where(y > 0, p / y, 0.0)
        return p, ratio.mean()

rng = np.random.default_rng(108)
x = rng.normal(size=(12, 2))
y = (x[:, 0] > x[:, 1]).astype(float)
unit = Unit(rng)
for epoch in range(40):
    p, ratio = unit.train(x, y, 0.5)
print(p, ratio)
""",
)

INVALID = (
    """\
import numpy as np

rng = np.random.default_rng(107)
X = np.column_stack([rng.normal(size=(10, 2)), np.full(10, 3.0)])
t = X[:, :1] - 0.5 * X[:, 1:2]
X = (X - X.mean(axis=0)) / X.std(axis=0)  # <- division-by-zero
W, b = rng.normal(size=(3, 4)), 0.1 * rng.normal(size=4)
V, c = rng.normal(size=(4, 1)), np.zeros(1)
for step in range(40):
    h = np.tanh(X @ W + b)
    y = h @ V + c
    loss = np.mean((y - t) ** 2)
    d = 2 * (y - t) / len(X)
    dh = d @ V.T * (1 - h**2)
    V -= 0.1 * h.T @ d
    c -= 0.1 * d.sum(axis=0)
    W -= 0.1 * X.T @ dh
    b -= 0.1 * dh.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

class Unit:
    def __init__(self, rng):
        self.w, self.b = 30.0 * rng.normal(size=2), np.zeros(1)

    def train(self, x, y, lr):
        p = 1 / (1 + np.exp(-(x @ self.w + self.b)))
        slope = -y / p + (1 - y) / (1 - p)  # <- division-by-zero
        error = slope * p * (1 - p) / len(y)
        self.w -= lr * x.T @ error
        self.b -= lr * error.sum()
        return p

rng = np.random.default_rng(109)
x = 4.0 * rng.normal(size=(12, 2))
y = (x[:, 0] > x[:, 1]).astype(float)
unit = Unit(rng)
for epoch in range(40):
    p = unit.train(x, y, 0.01)
print(p)
""",
)

RULE = Rule(
    code="BP704",
    slug="division-by-zero",
    title="division by a number that is exactly 0",
    severity="error",
    explanation=__doc__ or "",
    why="x / 0 is infinite and 0 / 0 is NaN; what is computed from them is not finite either",
    evidence=evidence,
    valid=VALID,
    invalid=INVALID,
)
