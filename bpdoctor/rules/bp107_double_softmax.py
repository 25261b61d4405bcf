"""The output is put through softmax twice.

## What it does
The network ends in a softmax, and the loss (or a second call) applies softmax to those probabilities again.

## Why it is wrong
Softmax of probabilities is nearly flat: with K classes its largest value is e / (e + K - 1), 0.58 for three.
The cross-entropy of a perfect prediction then stays far above 0, gradients are small, and the short delta
`s - t` is no longer the derivative of what is computed.

## Example
    p = softmax(h @ W + b)
    loss = -np.mean(np.log(softmax(p)[np.arange(n), y]))

## Use instead
    loss = -np.mean(np.log(p[np.arange(n), y]))

## How it is proved
Two softmax functions are recognised from the recorded values, and the input of the second is the output of
the first.
"""

from __future__ import annotations

from collections.abc import Iterable

from bpdoctor.model.evidence import Evidence
from bpdoctor.model.examination import Examination
from bpdoctor.model.rule import Rule


def evidence(examination: Examination) -> Iterable[Evidence]:
    """Name a softmax of a softmax."""
    outcomes = examination.assessment.outcomes if examination.assessment is not None else ()
    wrong = tuple(k for k, o in enumerate(outcomes) if o.status == "wrong")
    for found in examination.measurements["normalised twice"]:
        yield Evidence(
            found.second,
            "softmax is applied to probabilities that a softmax gave",
            label="the second softmax begins here" if found.second == found.entry else "the second softmax",
            facts=("the smallest loss that this can reach is not 0",),
            related=((found.first, "the first softmax"),),
            families=wrong,
        )


VALID = (
    """\
import numpy as np

def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)

rng = np.random.default_rng(7)
X = rng.normal(size=(12, 4))
T = np.eye(3)[np.argmax(X[:, :3] + 0.3 * rng.normal(size=(12, 3)), axis=1)]
W, b = 0.5 * rng.normal(size=(4, 3)), np.zeros(3)
for epoch in range(60):
    p = softmax(X @ W + b)
    loss = -np.sum(T * np.log(p)) / len(X)
    d = (p - T) / len(X)
    W -= 0.2 * X.T @ d
    b -= 0.2 * d.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

class Attention:
    def __init__(self, rng):
        self.W, self.b = rng.normal(size=(3, 5)), 0.1 * rng.normal(size=5)
        self.V, self.c = 0.5 * rng.normal(size=(5, 3)), np.zeros(3)

    def softmax(self, z):
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    def learn(self, x, t, lr):
        a = self.softmax(x @ self.W + self.b)
        p = self.softmax(a @ self.V + self.c)
        loss = -np.sum(t * np.log(p)) / len(x)
        d = (p - t) / len(x)
        g = d @ self.V.T
        da = a * (g - (g * a).sum(axis=1, keepdims=True))
        self.V -= lr * a.T @ d
        self.c -= lr * d.sum(axis=0)
        self.W -= lr * x.T @ da
        self.b -= lr * da.sum(axis=0)
        return loss

rng = np.random.default_rng(8)
x = rng.normal(size=(15, 3))
t = np.eye(3)[np.argmax(x, axis=1)]
net = Attention(rng)
for k in range(40):
    loss = net.learn(x, t, 0.4)
print(loss)
""",
)

INVALID = (
    """\
import numpy as np

def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)

rng = np.random.default_rng(7)
X = rng.normal(size=(12, 4))
T = np.eye(3)[np.argmax(X[:, :3] + 0.3 * rng.normal(size=(12, 3)), axis=1)]
W, b = 0.5 * rng.normal(size=(4, 3)), np.zeros(3)
for epoch in range(60):
    p = softmax(X @ W + b)
    loss = -np.sum(T * np.log(softmax(p))) / len(X)  # <- double-softmax
    d = (p - T) / len(X)
    W -= 0.2 * X.T @ d
    b -= 0.2 * d.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

rng = np.random.default_rng(9)
X = rng.normal(size=(12, 4))
T = np.eye(3)[np.argmax(X[:, :3] + 0.3 * rng.normal(size=(12, 3)), axis=1)]
W, b = 0.5 * rng.normal(size=(4, 3)), 0.1 * rng.normal(size=3)
for epoch in range(60):
    e = np.exp(X @ W + b)
    p = e / e.sum(axis=1, keepdims=True)
    q = np.exp(p)  # <- double-softmax
    q = q / q.sum(axis=1, keepdims=True)
    loss = -np.sum(T * np.log(q)) / len(X)
    d = (q - T) / len(X)
    W -= 0.2 * X.T @ d
    b -= 0.2 * d.sum(axis=0)
print(loss)
""",
)

RULE = Rule(
    code="BP107",
    slug="double-softmax",
    title="softmax applied to the output of a softmax",
    severity="error",
    explanation=__doc__ or "",
    why=(
        "softmax of probabilities is nearly flat, so that even a perfect prediction has a large loss, and "
        "the delta s − t is not its derivative"
    ),
    evidence=evidence,
    valid=VALID,
    invalid=INVALID,
)
