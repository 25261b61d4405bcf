"""A NaN or an infinity arises, and from there on nothing that is computed means anything.

## What it does
An operation leaves the numbers: the root or the logarithm of a negative number, a fractional power
of one, `inf − inf`, or a missing value in the data.

## Why it is wrong
NaN is contagious: `NaN + x`, `NaN * 0` and `max(NaN, x)` in NumPy are all NaN. One bad element makes the
loss NaN, the loss's gradient makes each delta NaN, and after the first step all parameters are.
Comparisons with NaN are False, so `if error > tolerance` never fires and a gradient check written that
way reports success. NumPy only warns, once, at the first occurrence.

## Example
    x = np.log(measurements)        # some are negative
    h = np.sqrt(z)                  # z may be below 0

## Use instead
    x = np.sign(measurements) * np.log1p(np.abs(measurements))
    h = np.sqrt(np.maximum(z, 0) + 1e-8)

## How it is proved
The tape is searched for the first value that is not finite although everything it was computed from
is. Its line, the operation, the inputs at that element and the step are shown; all the rest
follows from it and is not reported again. Overflow and the logarithm of 0 have their own names.
"""

from __future__ import annotations

from collections.abc import Iterable

from bpdoctor.model.evidence import Evidence
from bpdoctor.model.examination import Examination
from bpdoctor.model.rule import Rule


def evidence(examination: Examination) -> Iterable[Evidence]:
    """Name the first operation that leaves the numbers, unless it has a name of its own."""
    finite = examination.measurements["finite"]
    for origin in finite.origins[:1]:
        if origin.kind == "other":
            text = " ".join(examination.sites[origin.site].text.split())[:60]
            arguments = ", ".join(f"{x:.6g}" for x in origin.operands)
            shown = f"{origin.primitive}({arguments})" if arguments else f"`{text}`"
            yield Evidence(
                origin.site,
                f"`{text}` is not finite, and that reaches {origin.reaches}",
                label=f"{shown} is {origin.result}",
                facts=(f"{origin.entries} of {origin.size} entries are not finite; all operands are",),
                late=not origin.first,
            )
    if finite.diverged is not None and not finite.origins[:1]:
        site, step, good = finite.diverged
        yield Evidence(
            site,
            f"the parameters are no longer finite at step {step}",
            label="what is updated here has become NaN or infinite",
            facts=(f"they were finite at step {good}; in between training diverged",),
            late=True,
        )


VALID = (
    """\
import numpy as np

rng = np.random.default_rng(104)
raw = rng.normal(loc=2.0, scale=1.5, size=(12, 3))
t = np.sin(raw[:, :1]) + 0.1 * raw[:, 1:2]
X = np.sign(raw) * np.log1p(np.abs(raw))
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

class RootNet:
    def __init__(self, rng):
        self.W, self.b = rng.normal(size=(2, 5)), 0.1 * rng.normal(size=5)
        self.V, self.c = rng.normal(size=(5, 1)), np.zeros(1)

    def train(self, x, t, lr):
        z = x @ self.W + self.b
        h = np.sqrt(z * z + 1.0)
        y = h @ self.V + self.c
        d = 2 * (y - t) / len(x)
        dh = d @ self.V.T * z / h
        self.V -= lr * h.T @ d
        self.c -= lr * d.sum(axis=0)
        self.W -= lr * x.T @ dh
        self.b -= lr * dh.sum(axis=0)
        return np.mean((y - t) ** 2)

rng = np.random.default_rng(105)
x = rng.normal(size=(9, 2))
t = np.hypot(x[:, :1], x[:, 1:])
net = RootNet(rng)
for epoch in range(40):
    loss = net.train(x, t, 0.05)
print(loss)
""",
    """\
import numpy as np

np.seterr(over="ignore")
rng = np.random.default_rng(106)
X = 900 * np.vstack([[1.0, 0.5], [-1.0, 0.3], 0.001 * rng.normal(size=(6, 2))])
y = np.array([1, 0, 1, 0, 1, 1, 0, 0.0])
w, b = np.array([1.0, -0.2]), np.zeros(1)
for step in range(40):
    p = 1 / (1 + np.exp(-(X @ w + b)))
    loss = 0.5 * np.mean((p - y) ** 2)
    d = (p - y) * p * (1 - p) / len(y)
    w -= 0.001 * X.T @ d
    b -= 0.001 * d.sum()
print(loss)
""",
)

INVALID = (
    """\
import numpy as np

rng = np.random.default_rng(104)
raw = rng.normal(loc=2.0, scale=1.5, size=(12, 3))
t = np.sin(raw[:, :1]) + 0.1 * raw[:, 1:2]
X = np.log(raw)  # <- non-finite
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

class RootNet:
    def __init__(self, rng):
        self.W, self.b = rng.normal(size=(2, 5)), 0.1 * rng.normal(size=5)
        self.V, self.c = rng.normal(size=(5, 1)), np.zeros(1)

    def train(self, x, t, lr):
        z = x @ self.W + self.b
        h = np.sqrt(z)  # <- non-finite
        y = h @ self.V + self.c
        d = 2 * (y - t) / len(x)
        dh = d @ self.V.T * 0.5 / h
        self.V -= lr * h.T @ d
        self.c -= lr * d.sum(axis=0)
        self.W -= lr * x.T @ dh
        self.b -= lr * dh.sum(axis=0)
        return np.mean((y - t) ** 2)

rng = np.random.default_rng(105)
x = rng.normal(size=(9, 2))
t = np.hypot(x[:, :1], x[:, 1:])
net = RootNet(rng)
for epoch in range(40):
    loss = net.train(x, t, 0.05)
print(loss)
""",
)

RULE = Rule(
    code="BP703",
    slug="non-finite",
    title="NaN or infinity in the computation",
    severity="error",
    explanation=__doc__ or "",
    why=(
        "a NaN or inf is produced here; every sum or product that touches it is NaN too, and after one "
        "step so is every parameter"
    ),
    evidence=evidence,
    valid=VALID,
    invalid=INVALID,
)
