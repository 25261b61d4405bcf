"""The loss takes the logarithm of a probability that has become exactly 0.

## What it does
`y * np.log(p) + (1 - y) * np.log(1 - p)` is evaluated where `p` has been rounded to 0 or to 1.

## Why it is wrong
In double precision `1 + exp(−z)` is exactly 1 as soon as `z > 36.7`, so `p = 1` and `1 − p = 0`. Then
`log(1 − p) = −inf`. If the sample has `y = 0`, the loss is infinite although the true value is only
z, about 37; if it has `y = 1`, the product `0 · (−inf)` is NaN although the sample is classified
perfectly. The gradient `p − y` stays finite, so the training may go on under a loss that reads NaN;
a gradient written as `−y/p` turns NaN as well.

## Example
    p = sigmoid(z)
    loss = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))

## Use instead
    loss = np.mean(np.logaddexp(0, z) - y * z)

## How it is proved
The first operation with a result that is not finite, while its inputs are finite, is this logarithm;
the argument 0, the samples concerned and their z are shown. Clipping `p` also silences it, at the price
of a loss that is flat where the clip acts.
"""

from __future__ import annotations

from collections.abc import Iterable

from bpdoctor.model.evidence import Evidence
from bpdoctor.model.examination import Examination
from bpdoctor.model.rule import Rule


def evidence(examination: Examination) -> Iterable[Evidence]:
    """Name the logarithm of an exact 0 from which values that are not finite come."""
    for origin in examination.measurements["finite"].origins:
        if origin.kind == "log of zero":
            text = " ".join(examination.sites[origin.site].text.split())
            when = f" at step {origin.iteration}" if origin.iteration >= 0 else ""
            yield Evidence(
                origin.site,
                f"`{text}` takes the logarithm of exactly 0",
                label=f"{origin.entries} of {origin.size} arguments are 0{when}",
                facts=(f"the logarithm is {origin.result} there, and that reaches {origin.reaches}",),
                severity=None if origin.early or origin.reaches != "the result" else "warning",
                late=not origin.first,
            )


VALID = (
    """\
import numpy as np

rng = np.random.default_rng(102)
X = np.column_stack([rng.uniform(150, 200, 12), rng.uniform(50, 100, 12)])
y = (X[:, 1] > 75).astype(float)
w, b = np.array([0.2, 0.4]), np.zeros(1)
for step in range(50):
    z = X @ w + b
    p = 1 / (1 + np.exp(-z))
    loss = np.mean(np.logaddexp(0, z) - y * z)
    w -= 1e-6 * X.T @ (p - y) / len(y)
    b -= 1e-6 * np.mean(p - y)
print(loss)
""",
    """\
import numpy as np

class Softmax:
    def __init__(self, rng):
        self.W, self.b = 20.0 * rng.normal(size=(4, 3)), np.zeros(3)

    def train(self, x, t, lr):
        z = x @ self.W + self.b
        z = z - z.max(axis=1, keepdims=True)
        e = np.exp(z)
        total = e.sum(axis=1, keepdims=True)
        s = e / total
        loss = -np.sum(t * (z - np.log(total))) / len(x)
        d = (s - t) / len(x)
        self.W -= lr * x.T @ d
        self.b -= lr * d.sum(axis=0)
        return loss

rng = np.random.default_rng(103)
x = 15.0 * rng.normal(size=(12, 4))
t = np.eye(3)[np.argmax(x[:, :3], axis=1)]
net = Softmax(rng)
for epoch in range(40):
    loss = net.train(x, t, 0.01)
print(loss)
""",
)

INVALID = (
    """\
import numpy as np

rng = np.random.default_rng(102)
X = np.column_stack([rng.uniform(150, 200, 12), rng.uniform(50, 100, 12)])
y = (X[:, 1] > 75).astype(float)
w, b = np.array([0.2, 0.4]), np.zeros(1)
for step in range(50):
    z = X @ w + b
    p = 1 / (1 + np.exp(-z))
    loss = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))  # <- log-of-zero
    w -= 1e-6 * X.T @ (p - y) / len(y)
    b -= 1e-6 * np.mean(p - y)
print(loss)
""",
    """\
import numpy as np

class Softmax:
    def __init__(self, rng):
        self.W, self.b = 20.0 * rng.normal(size=(4, 3)), np.zeros(3)

    def train(self, x, t, lr):
        z = x @ self.W + self.b
        z = z - z.max(axis=1, keepdims=True)
        e = np.exp(z)
        total = e.sum(axis=1, keepdims=True)
        s = e / total
        loss = -np.sum(t * np.log(s)) / len(x)  # <- log-of-zero
        d = (s - t) / len(x)
        self.W -= lr * x.T @ d
        self.b -= lr * d.sum(axis=0)
        return loss

rng = np.random.default_rng(103)
x = 15.0 * rng.normal(size=(12, 4))
t = np.eye(3)[np.argmax(x[:, :3], axis=1)]
net = Softmax(rng)
for epoch in range(40):
    loss = net.train(x, t, 0.01)
print(loss)
""",
)

RULE = Rule(
    code="BP702",
    slug="log-of-zero",
    title="logarithm of a probability that is exactly 0",
    severity="error",
    explanation=__doc__ or "",
    why=(
        "σ(z) rounds to exactly 1 for z > 36.7 and to 0 for z < −745; then log(1 − p) or log(p) is −inf, "
        "and 0 · (−inf) is NaN"
    ),
    evidence=evidence,
    valid=VALID,
    invalid=INVALID,
)
