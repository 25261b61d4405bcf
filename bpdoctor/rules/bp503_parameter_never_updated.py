"""A parameter takes part in the forward pass, and training never changes it.

## What it does
The new value is bound to a name that nothing reads (`b = b - lr * db` inside a function), is
computed and thrown away (`b1 - lr * db1`), goes to a copy, or the parameter was left out of the
list that is updated.

## Why it is wrong
In Python `b = b - lr * db` makes a new array and binds the local name to it; the array of the
caller is as it was. `b -= lr * db` changes the array itself. A frozen parameter is a constant of
the network: the others train around it, the loss falls, and the final fit is worse than it might
be. The gradient is right, and gradient checking finds nothing.

## Example
    def update(p, g, lr):
        p = p - lr * g

## Use instead
    def update(p, g, lr):
        p -= lr * g

## How it is proved
The array that the forward pass reads is the same object with the same contents at every recorded
step, though a gradient for it is computed that is not zero. Or the update runs and takes zeros at
every step, while the true gradient was given a name that it does not read. Where no gradient is computed at all
it may be meant to be fixed: a note says so, and a warning where its like is trained, the weights of
the same sum for a bias, the bias for weights.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bpdoctor.model.evidence import Evidence
from bpdoctor.model.examination import Examination
from bpdoctor.model.rule import Rule

_LIKE = {
    "weights": "the weights of the same sum learn",
    "bias": "the bias of the same sum learns",
    "others": "the weights before it learn through it",
    "alike": "numbers of the same name learn",
}


def evidence(examination: Examination) -> Iterable[Evidence]:
    """Name updates that are lost (errors), and what is used as a parameter and never trained (notes)."""
    constants = examination.measurements["constants"]
    told = {site for lost in constants.lost for site in lost.reads}
    yield from map(_lost, constants.lost)
    idle = examination.measurements["idle"]
    if idle is not None and not told:
        yield _idle(idle)
        return
    for gradient in examination.measurements["rebound"]:
        told.add(gradient.site)
        yield _rebound(gradient)
    for gradient in examination.measurements["unapplied"]:
        if gradient.read not in told:
            told.add(gradient.read)
            yield _left(gradient)
    for constant in constants.untrained:
        if constant.site not in told:
            yield Evidence(
                constant.site,
                f"`{constant.name}` serves as {constant.role} and is never trained",
                label=f"`{constant.name}` keeps its first value",
                facts=(_why_told(constant), *filter(None, [constant.frozen])),
                severity="warning" if constant.left_out and not constant.frozen else "note",
            )


def _lost(lost: Any) -> Evidence:
    names = ", ".join(f"`{name}`" for name in lost.names[:4]) or "a parameter"
    return Evidence(
        lost.site,
        f"{names} never changes: the new value is computed here and then lost",
        label="this result is used by nothing",
        facts=(f"computed {lost.times} times from the same unchanged array, from a nonzero gradient",),
        related=tuple((site, "the forward pass reads the old value") for site in lost.reads),
    )


def _idle(idle: Any) -> Evidence:
    """Of a program in which nothing is trained."""
    different = list(dict.fromkeys(f"`{name}`" for name in idle.names))
    names = ", ".join(different[:4]) + " and others" * (len(different) > 4)
    return Evidence(
        idle.site,
        f"nothing is trained: the gradients of {names} are computed and applied to nothing",
        label="a gradient that is right and changes nothing",
        facts=(f"{idle.times} rounds were recorded, all with the same arrays" + ", and the same loss" * idle.again,),
        related=tuple((site, "the forward pass reads the first value") for site in idle.reads[:2]),
        # Other data at the same parameters may be what is looked at.
        severity="error" if idle.again else "warning",
    )


def _left(gradient: Any) -> Evidence:
    """Of a gradient that is computed, or of the error that it would be made from."""
    what = "the error that reaches it" if gradient.delta else "its gradient"
    ends = "used by" if gradient.delta else "applied to"
    of = f"the gradient of `{gradient.name}`"
    delta = "it equals the true derivative of the loss for the sum that it is in"
    own = f"it equals the true gradient of `{gradient.name}`, which is the same array at every step"
    return Evidence(
        gradient.site,
        f"`{gradient.name}` never changes: {what} is computed here and {ends} nothing",
        label=f"what {of} would be made from" if gradient.delta else of,
        facts=(delta if gradient.delta else own, *filter(None, [gradient.frozen])),
        related=((gradient.read, "the forward pass reads the old value"),),
        # The same code computes gradients that are applied: leaving this one out may be meant.
        severity="note" if gradient.frozen else "warning" if gradient.shared or gradient.delta else "error",
    )


def _rebound(gradient: Any) -> Evidence:
    """Of a gradient under a name that the update does not read."""
    return Evidence(
        gradient.site,
        f"`{gradient.name}` never changes: its gradient gets a name here, and the update has another array",
        label=f"the gradient of `{gradient.name}`",
        facts=("what the update reads was 0 at every recorded step, and this was not",),
        related=((gradient.update, "the update that changes nothing"),),
    )


def _why_told(constant: Any) -> str:
    """What makes a constant look like a parameter that was forgotten, or that is meant to be fixed."""
    unchanged = "no step computes a gradient for it or changes it"
    if not constant.left_out:
        return f"{unchanged}; it may be meant to be fixed"
    return f"{unchanged}, though {_LIKE[constant.left_out]}"


VALID = (
    """\
import numpy as np

rng = np.random.default_rng(71)
X = rng.normal(size=(10, 2))
t = (X[:, :1] ** 2 + X[:, 1:] ** 2 > 1.2).astype(float)
W1, b1 = rng.normal(size=(2, 5)), 0.3 * rng.normal(size=5)
W2, b2 = rng.normal(size=(5, 1)), np.zeros(1)
lr = 0.2
for step in range(60):
    h = np.tanh(X @ W1 + b1)
    p = 1 / (1 + np.exp(-(h @ W2 + b2)))
    loss = -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))
    d2 = (p - t) / len(X)
    d1 = d2 @ W2.T * (1 - h**2)
    W2 -= lr * h.T @ d2
    b2 -= lr * d2.sum(axis=0)
    W1 -= lr * X.T @ d1
    b1 -= lr * d1.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

def adjust(bias, gradient, rate):
    bias -= rate * gradient

class Net:
    def __init__(self, rng):
        self.W, self.b = rng.normal(size=(3, 4)), 0.2 * rng.normal(size=4)
        self.V, self.c = rng.normal(size=(4, 2)), 0.1 * rng.normal(size=2)

    def train(self, x, t, rate):
        h = np.tanh(x @ self.W + self.b)
        y = h @ self.V + self.c
        d = (y - t) / len(x)
        dh = d @ self.V.T * (1 - h**2)
        self.V -= rate * h.T @ d
        self.W -= rate * x.T @ dh
        adjust(self.c, d.sum(axis=0), rate)
        adjust(self.b, dh.sum(axis=0), rate)
        return 0.5 * np.sum((y - t) ** 2) / len(x)

rng = np.random.default_rng(72)
x = rng.normal(size=(9, 3))
t = np.column_stack([x[:, 0] + 1, x[:, 1] * x[:, 2] - 1])
net = Net(rng)
for i in range(60):
    loss = net.train(x, t, 0.1)
print(loss)
""",
)

INVALID = (
    """\
import numpy as np

rng = np.random.default_rng(71)
X = rng.normal(size=(10, 2))
t = (X[:, :1] ** 2 + X[:, 1:] ** 2 > 1.2).astype(float)
W1, b1 = rng.normal(size=(2, 5)), 0.3 * rng.normal(size=5)
W2, b2 = rng.normal(size=(5, 1)), np.zeros(1)
lr = 0.2
for step in range(60):
    h = np.tanh(X @ W1 + b1)
    p = 1 / (1 + np.exp(-(h @ W2 + b2)))
    loss = -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))
    d2 = (p - t) / len(X)
    d1 = d2 @ W2.T * (1 - h**2)
    W2 -= lr * h.T @ d2
    b2 -= lr * d2.sum(axis=0)
    W1 -= lr * X.T @ d1
    b1 - lr * d1.sum(axis=0)  # <- parameter-never-updated
print(loss)
""",
    """\
import numpy as np

def adjust(bias, gradient, rate):
    bias = bias - rate * gradient  # <- parameter-never-updated

class Net:
    def __init__(self, rng):
        self.W, self.b = rng.normal(size=(3, 4)), 0.2 * rng.normal(size=4)
        self.V, self.c = rng.normal(size=(4, 2)), 0.1 * rng.normal(size=2)

    def train(self, x, t, rate):
        h = np.tanh(x @ self.W + self.b)
        y = h @ self.V + self.c
        d = (y - t) / len(x)
        dh = d @ self.V.T * (1 - h**2)
        self.V -= rate * h.T @ d
        self.W -= rate * x.T @ dh
        adjust(self.c, d.sum(axis=0), rate)
        adjust(self.b, dh.sum(axis=0), rate)
        return 0.5 * np.sum((y - t) ** 2) / len(x)

rng = np.random.default_rng(72)
x = rng.normal(size=(9, 3))
t = np.column_stack([x[:, 0] + 1, x[:, 1] * x[:, 2] - 1])
net = Net(rng)
for i in range(60):
    loss = net.train(x, t, 0.1)
print(loss)
""",
)

RULE = Rule(
    code="BP503",
    slug="parameter-never-updated",
    title="parameter is used but never changes",
    severity="error",
    explanation=__doc__ or "",
    why=(
        "what the forward pass reads is never given a new value: θ − η g is stored where nothing looks for "
        "it, or not computed at all"
    ),
    evidence=evidence,
    valid=VALID,
    invalid=INVALID,
)
