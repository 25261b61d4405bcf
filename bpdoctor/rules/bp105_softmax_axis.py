"""Softmax is normalised over the batch, or over the whole array, instead of over the classes.

## What it does
`e / e.sum()` or `e / e.sum(axis=0)` on an array of shape (samples, classes). With a single sample
the first form is right, which is how it comes about.

## Why it is wrong
Softmax of one sample is `s_j = exp(z_j) / Σ_k exp(z_k)`, where k runs over the classes. Summed
over the batch, the outputs of one sample do not add up to 1 and change when another sample
changes. They are no probabilities: cross-entropy then pays for making the other samples' logits
small, and the short delta `s − t`, derived for a proper softmax, no longer is its gradient.

## Example
    e = np.exp(z)
    s = e / e.sum()

## Use instead
    s = e / e.sum(axis=1, keepdims=True)

## How it is proved
On the tape the quotient has rows that do not sum to 1, while columns, or everything, do. Then one
sample's logits are changed and another sample's output moves. The gradients are compared as well:
they are those of the proper softmax and disagree with the loss the program computes.
"""

from __future__ import annotations

from collections.abc import Iterable

from bpdoctor.model.evidence import Evidence
from bpdoctor.model.examination import Examination
from bpdoctor.model.rule import Rule
from bpdoctor.syntax.variants import summed_over


def evidence(examination: Examination) -> Iterable[Evidence]:
    """Name every softmax that adds up to 1 over another axis than its use needs."""
    outcomes = examination.assessment.outcomes if examination.assessment is not None else ()
    wrong = tuple(k for k, o in enumerate(outcomes) if o.status == "wrong")
    for found in examination.measurements["normalised"]:
        over = "all entries together" if found.axis is None else f"axis {found.axis}"
        low, high = found.sums
        yield Evidence(
            found.site,
            f"softmax of shape {found.shape} is normalised over {over}, not over axis {found.wanted}",
            label=f"sums over axis {found.wanted} lie between {low:.3g} and {high:.3g}",
            facts=(f"every sum over axis {found.wanted} should be 1", "one sample's output depends on the others"),
            families=wrong,
            rewrites=tuple(
                (found.divisor, node, text)
                for node, text in summed_over(examination.sites[found.divisor].node, found.wanted)
            ),
        )


VALID = (
    """\
import numpy as np

rng = np.random.default_rng(29)
X = rng.normal(size=(12, 4))
T = np.eye(3)[np.argmax(X[:, :3] + 0.3 * rng.normal(size=(12, 3)), axis=1)]
W, b = 0.5 * rng.normal(size=(4, 3)), np.zeros(3)
for epoch in range(60):
    z = X @ W + b
    e = np.exp(z - z.max())
    s = e / e.sum(axis=1, keepdims=True)
    loss = -np.sum(T * np.log(s)) / len(X)
    d = (s - T) / len(X)
    W -= 0.2 * X.T @ d
    b -= 0.2 * d.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

class Classifier:
    def __init__(self, rng):
        self.W, self.b = rng.normal(size=(2, 6)), 0.1 * rng.normal(size=6)
        self.V, self.c = rng.normal(size=(6, 3)), np.zeros(3)

    def softmax(self, z):
        e = np.exp(z - np.max(z, axis=1, keepdims=True))
        return e / np.sum(e, axis=1, keepdims=True)

    def train(self, x, k, lr):
        h = np.tanh(x @ self.W + self.b)
        s = self.softmax(h @ self.V + self.c)
        rows = np.arange(len(x))
        loss = -np.mean(np.log(s[rows, k]))
        d = s.copy()
        d[rows, k] -= 1
        d /= len(x)
        dh = d @ self.V.T * (1 - h**2)
        self.V -= lr * h.T @ d
        self.c -= lr * d.sum(axis=0)
        self.W -= lr * x.T @ dh
        self.b -= lr * dh.sum(axis=0)
        return loss

rng = np.random.default_rng(30)
x = rng.normal(size=(10, 2))
k = np.digitize(x[:, 0] + x[:, 1], [-0.5, 0.5])
net = Classifier(rng)
for epoch in range(50):
    loss = net.train(x, k, 0.3)
print(loss)
""",
    """\
import numpy as np

rng = np.random.default_rng(31)
X = rng.normal(size=(4, 11))
k = np.argmax(X[:3] ** 2, axis=0)
W, b = 0.5 * rng.normal(size=(3, 4)), np.zeros((3, 1))
for epoch in range(50):
    z = W @ X + b
    e = np.exp(z - z.max(axis=0))
    s = e / e.sum(axis=0)
    loss = -np.mean(np.log(s[k, np.arange(11)]))
    d = (s - np.eye(3)[:, k]) / 11
    W -= 0.3 * d @ X.T
    b -= 0.3 * d.sum(axis=1, keepdims=True)
print(loss)
""",
)

INVALID = (
    """\
import numpy as np

rng = np.random.default_rng(29)
X = rng.normal(size=(12, 4))
T = np.eye(3)[np.argmax(X[:, :3] + 0.3 * rng.normal(size=(12, 3)), axis=1)]
W, b = 0.5 * rng.normal(size=(4, 3)), np.zeros(3)
for epoch in range(60):
    z = X @ W + b
    e = np.exp(z - z.max())
    s = e / e.sum()  # <- softmax-axis
    loss = -np.sum(T * np.log(s)) / len(X)
    d = (s - T) / len(X)
    W -= 0.2 * X.T @ d
    b -= 0.2 * d.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

class Classifier:
    def __init__(self, rng):
        self.W, self.b = rng.normal(size=(2, 6)), 0.1 * rng.normal(size=6)
        self.V, self.c = rng.normal(size=(6, 3)), np.zeros(3)

    def softmax(self, z):
        e = np.exp(z - np.max(z, axis=1, keepdims=True))
        return e / np.sum(e, axis=0)  # <- softmax-axis

    def train(self, x, k, lr):
        h = np.tanh(x @ self.W + self.b)
        s = self.softmax(h @ self.V + self.c)
        rows = np.arange(len(x))
        loss = -np.mean(np.log(s[rows, k]))
        d = s.copy()
        d[rows, k] -= 1
        d /= len(x)
        dh = d @ self.V.T * (1 - h**2)
        self.V -= lr * h.T @ d
        self.c -= lr * d.sum(axis=0)
        self.W -= lr * x.T @ dh
        self.b -= lr * dh.sum(axis=0)
        return loss

rng = np.random.default_rng(30)
x = rng.normal(size=(10, 2))
k = np.digitize(x[:, 0] + x[:, 1], [-0.5, 0.5])
net = Classifier(rng)
for epoch in range(50):
    loss = net.train(x, k, 0.3)
print(loss)
""",
)

RULE = Rule(
    code="BP105",
    slug="softmax-axis",
    title="softmax normalised over the wrong axis",
    severity="error",
    explanation=__doc__ or "",
    why=(
        "the classes of one sample must sum to 1; here the sum runs over the samples or over the whole "
        "array, so one sample's output depends on the others"
    ),
    evidence=evidence,
    valid=VALID,
    invalid=INVALID,
)
