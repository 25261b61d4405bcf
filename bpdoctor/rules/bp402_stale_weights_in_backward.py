"""A layer's weights are updated first and used afterwards to carry the error further down.

## What it does
The backward pass updates `W2` as soon as `dW2` is known and only then computes the hidden delta,
with the new `W2`.

## Why it is wrong
`∂L/∂h = δ₂ W₂ᵀ` holds for the `W₂` with which the loss was computed. With `W₂ − η dW₂` in its
place the hidden gradient belongs to no point at all. The error is of the order of the learning
rate: `−η δ₂ dW₂ᵀ`. At η = 0.001 it hides under any tolerance, at η = 0.5 it bends the descent, and
it gets worse with a summed loss and many samples. Layer classes whose `backward` updates first
and returns the error afterwards are the usual place.

## Example
    W2 -= lr * h.T @ d2
    d1 = (d2 @ W2.T) * (1 - h**2)

## Use instead
    d1 = (d2 @ W2.T) * (1 - h**2)
    W2 -= lr * h.T @ d2

## How it is proved
The expression that reads `W2` sees a later version of it than the forward pass did; both lines
are shown. The relative error of the gradients below falls in proportion to the learning rate when
the step is repeated with smaller ones, and with the old `W2` it is 0.
"""

from __future__ import annotations

from collections.abc import Iterable

from bpdoctor.model.evidence import Evidence
from bpdoctor.model.examination import Examination
from bpdoctor.model.rule import Rule


def evidence(examination: Examination) -> Iterable[Evidence]:
    """Name each expression that reads a parameter after its update, on the way to another's gradient."""
    for read in examination.measurements["stale"]:
        text = " ".join(examination.sites[read.site].text.split())
        yield Evidence(
            read.site,
            f"`{text}` uses weights that this step has already updated",
            label="reads the weights after their update",
            facts=(
                f"the forward pass used the version before line {examination.sites[read.update].line}",
                "the error in the gradients that follow is proportional to the learning rate",
            ),
            related=((read.update, "updated here, too early"),),
            families=read.families,
        )


VALID = (
    """\
import numpy as np

rng = np.random.default_rng(63)
X = rng.normal(size=(9, 3))
t = np.column_stack([np.sin(X[:, 0]), X[:, 1] * X[:, 2]])
W1, b1 = rng.normal(size=(3, 4)), 0.1 * rng.normal(size=4)
W2, b2 = rng.normal(size=(4, 2)), np.zeros(2)
for step in range(60):
    h = np.tanh(X @ W1 + b1)
    y = h @ W2 + b2
    loss = 0.5 * np.sum((y - t) ** 2) / len(X)
    d2 = (y - t) / len(X)
    d1 = (d2 @ W2.T) * (1 - h**2)
    W2 -= 0.3 * h.T @ d2
    b2 -= 0.3 * d2.sum(axis=0)
    W1 -= 0.3 * X.T @ d1
    b1 -= 0.3 * d1.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

class Logistic:
    def __init__(self, n_in, n_out, rng):
        self.W, self.b = rng.normal(size=(n_in, n_out)), 0.2 * rng.normal(size=n_out)

    def forward(self, x):
        self.x, self.a = x, 1 / (1 + np.exp(-(x @ self.W + self.b)))
        return self.a

    def backward(self, error, lr):
        delta = error * self.a * (1 - self.a)
        below = delta @ self.W.T
        self.W -= lr * self.x.T @ delta
        self.b -= lr * delta.sum(axis=0)
        return below

rng = np.random.default_rng(64)
x = rng.uniform(-1, 1, size=(10, 2))
t = np.column_stack([x[:, 0] * x[:, 1] > 0, x[:, 0] > x[:, 1]]).astype(float)
one, two = Logistic(2, 5, rng), Logistic(5, 2, rng)
for epoch in range(100):
    y = two.forward(one.forward(x))
    loss = 0.5 * np.sum((y - t) ** 2)
    one.backward(two.backward(y - t, 0.5), 0.5)
print(loss)
""",
)

INVALID = (
    """\
import numpy as np

rng = np.random.default_rng(63)
X = rng.normal(size=(9, 3))
t = np.column_stack([np.sin(X[:, 0]), X[:, 1] * X[:, 2]])
W1, b1 = rng.normal(size=(3, 4)), 0.1 * rng.normal(size=4)
W2, b2 = rng.normal(size=(4, 2)), np.zeros(2)
for step in range(60):
    h = np.tanh(X @ W1 + b1)
    y = h @ W2 + b2
    loss = 0.5 * np.sum((y - t) ** 2) / len(X)
    d2 = (y - t) / len(X)
    W2 -= 0.3 * h.T @ d2
    d1 = (d2 @ W2.T) * (1 - h**2)  # <- stale-weights-in-backward
    b2 -= 0.3 * d2.sum(axis=0)
    W1 -= 0.3 * X.T @ d1
    b1 -= 0.3 * d1.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

class Logistic:
    def __init__(self, n_in, n_out, rng):
        self.W, self.b = rng.normal(size=(n_in, n_out)), 0.2 * rng.normal(size=n_out)

    def forward(self, x):
        self.x, self.a = x, 1 / (1 + np.exp(-(x @ self.W + self.b)))
        return self.a

    def backward(self, error, lr):
        delta = error * self.a * (1 - self.a)
        self.W -= lr * self.x.T @ delta
        self.b -= lr * delta.sum(axis=0)
        return delta @ self.W.T  # <- stale-weights-in-backward

rng = np.random.default_rng(64)
x = rng.uniform(-1, 1, size=(10, 2))
t = np.column_stack([x[:, 0] * x[:, 1] > 0, x[:, 0] > x[:, 1]]).astype(float)
one, two = Logistic(2, 5, rng), Logistic(5, 2, rng)
for epoch in range(100):
    y = two.forward(one.forward(x))
    loss = 0.5 * np.sum((y - t) ** 2)
    one.backward(two.backward(y - t, 0.5), 0.5)
print(loss)
""",
)

RULE = Rule(
    code="BP402",
    slug="stale-weights-in-backward",
    title="weights updated before the error has passed back through them",
    severity="error",
    explanation=__doc__ or "",
    why=(
        "all gradients of a step belong to the same parameters; here δ₁ is computed with W₂ after its "
        "update, W₂ − η dW₂ instead of W₂"
    ),
    evidence=evidence,
    valid=VALID,
    invalid=INVALID,
)
