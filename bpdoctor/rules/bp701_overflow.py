"""An exponential is taken of numbers so large that it overflows, or is about to.

## What it does
`np.exp(z)` is computed of raw scores, in a softmax, a softplus or a log-sum-exp, with no shift, and the
scores have grown into the hundreds.

## Why it is wrong
The largest double is about 1.8e308 = exp(709.78); in single precision the limit is exp(88.7). Past
it the result is `inf`, and `inf / inf` is NaN, which spreads to every parameter in one step. Softmax
does not change when the same number is subtracted from all scores of a sample,
`exp(z_i − m) / Σ exp(z_j − m)`, and with `m = max z` no exponent is positive. The results up to now
are right; a slightly larger input will break them.

## Example
    e = np.exp(z)
    s = e / e.sum(axis=1, keepdims=True)

## Use instead
    e = np.exp(z - z.max(axis=1, keepdims=True))

## How it is proved
The largest argument of each exponential over the recorded steps is compared with the limit of its
type. An overflow that ends in a right value is no finding: in `1 / (1 + exp(-z))` the infinite
exponential gives exactly the 0 it should.
"""

from __future__ import annotations

from collections.abc import Iterable

from bpdoctor.model.evidence import Evidence
from bpdoctor.model.examination import Examination
from bpdoctor.model.rule import Rule

# An exponential is near overflow at 70 % of the largest argument its type allows: 497 for doubles
# (limit 709.78), 62 for single precision (88.72), half of it for half precision.
_NEAR = 0.7


def evidence(examination: Examination) -> Iterable[Evidence]:
    """Name exponentials that did harm by overflowing, or whose arguments come near the limit."""
    seen = set()
    for origin in examination.measurements["finite"].origins:
        if origin.kind == "overflow":
            seen.add(origin.site)
            text = " ".join(examination.sites[origin.site].text.split())
            arguments = ", ".join(f"{x:.6g}" for x in origin.operands)
            yield Evidence(
                origin.site,
                f"`{text}` overflows, and what it spoils reaches {origin.reaches}",
                label=f"{origin.primitive}({arguments}) is {origin.result}",
                facts=(f"{origin.entries} of {origin.size} entries are not finite",),
                severity="error",
                late=not origin.first,
            )
    for exponential in examination.measurements["exponent"]:
        if exponential.site in seen or not exponential.harmful:
            continue
        if _NEAR * exponential.limit <= exponential.argument:
            text = " ".join(examination.sites[exponential.site].text.split())
            yield Evidence(
                exponential.site,
                f"`{text}` is close to overflow",
                label=f"the largest argument is {exponential.argument:.1f}",
                facts=(
                    f"exp overflows above {exponential.limit:.1f} in this type",
                    "an infinity here would spoil what is computed from it",
                ),
            )


VALID = (
    """\
import numpy as np

rng = np.random.default_rng(100)
X = rng.uniform(100, 255, size=(10, 3))
T = np.eye(3)[np.argmax(X, axis=1)]
W, b = rng.uniform(0.85, 0.95, size=(3, 3)), np.zeros(3)
rows = np.arange(10)
for epoch in range(40):
    z = X @ W + b
    z = z - z.max(axis=1, keepdims=True)
    e = np.exp(z)
    total = e.sum(axis=1, keepdims=True)
    loss = np.mean(np.log(total) - np.sum(T * z, axis=1, keepdims=True))
    d = (e / total - T) / len(X)
    W -= 1e-6 * X.T @ d
    b -= 1e-6 * d.sum(axis=0)
print(z.max(), loss)
""",
    """\
import numpy as np

class Logistic:
    def __init__(self, n, rng):
        self.w, self.b = rng.uniform(2.2, 2.6, size=n), np.zeros(1)

    def train(self, x, y, lr):
        z = x @ self.w + self.b
        cost = np.mean(np.logaddexp(0, z) - y * z)
        p = 1 / (1 + np.exp(-z))
        self.w -= lr * x.T @ (p - y) / len(y)
        self.b -= lr * np.mean(p - y)
        return cost

rng = np.random.default_rng(101)
x = rng.uniform(60, 90, size=(12, 3))
y = (x[:, 0] > x[:, 1]).astype(float)
net = Logistic(3, rng)
for epoch in range(40):
    cost = net.train(x, y, 1e-5)
print(cost)
""",
)

INVALID = (
    """\
import numpy as np

rng = np.random.default_rng(100)
X = rng.uniform(100, 255, size=(10, 3))
T = np.eye(3)[np.argmax(X, axis=1)]
W, b = rng.uniform(0.85, 0.95, size=(3, 3)), np.zeros(3)
rows = np.arange(10)
for epoch in range(40):
    z = X @ W + b
    e = np.exp(z)  # <- overflow
    total = e.sum(axis=1, keepdims=True)
    loss = np.mean(np.log(total) - np.sum(T * z, axis=1, keepdims=True))
    d = (e / total - T) / len(X)
    W -= 1e-6 * X.T @ d
    b -= 1e-6 * d.sum(axis=0)
print(z.max(), loss)
""",
    """\
import numpy as np

class Logistic:
    def __init__(self, n, rng):
        self.w, self.b = rng.uniform(2.2, 2.6, size=n), np.zeros(1)

    def train(self, x, y, lr):
        z = x @ self.w + self.b
        cost = np.mean(np.log(1 + np.exp(z)) - y * z)  # <- overflow
        p = 1 / (1 + np.exp(-z))
        self.w -= lr * x.T @ (p - y) / len(y)
        self.b -= lr * np.mean(p - y)
        return cost

rng = np.random.default_rng(101)
x = rng.uniform(60, 90, size=(12, 3))
y = (x[:, 0] > x[:, 1]).astype(float)
net = Logistic(3, rng)
for epoch in range(40):
    cost = net.train(x, y, 1e-5)
print(cost)
""",
)

RULE = Rule(
    code="BP701",
    slug="overflow",
    title="exponential close to overflow",
    severity="warning",
    explanation=__doc__ or "",
    why=(
        "exp(z) exceeds the largest double at z ≈ 709.8; a softmax or a log-sum-exp without shift is one "
        "step away from inf / inf = NaN"
    ),
    evidence=evidence,
    valid=VALID,
    invalid=INVALID,
)
