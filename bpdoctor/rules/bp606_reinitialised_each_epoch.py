"""The parameters are made anew in every round of the training loop.

## What it does
`W = rng.normal(…)` stands inside of the loop over the epochs, or `net = Net()` does. Each round starts at a random
point, makes its steps, and the next one throws the outcome away.

## Why it is wrong
What is learned in an epoch is lost at the start of the next; after a thousand epochs the network is as good as after
one. The loss jumps about its first value and never falls, though every gradient is right and a gradient check passes.

## Example
    for epoch in range(1000):
        W = rng.normal(size=(3, 1))
        W -= lr * X.T @ (X @ W - t)

## Use instead
    W = rng.normal(size=(3, 1))
    for epoch in range(1000):
        W -= lr * X.T @ (X @ W - t)

## How it is proved
All values that are moved by something computed from themselves were made within the iteration of the loop in which
they are moved, and again in the next one. The loop makes one step in each round, or one pass over the data, and its
variable tells only what is printed: a loop over seeds, folds, learning rates, or with a training of its own inside, is
an experiment that is repeated, and no finding.
"""

from __future__ import annotations

from collections.abc import Iterable

from bpdoctor.model.evidence import Evidence
from bpdoctor.model.examination import Examination
from bpdoctor.model.rule import Rule


def evidence(examination: Examination) -> Iterable[Evidence]:
    """Name the first place where parameters are made again, and the loop."""
    found = examination.measurements["remade"]
    for first in found[:1]:
        names = ", ".join(f"`{n}`" if n != "the parameters" else n for n in dict.fromkeys(x.name for x in found))
        yield Evidence(
            first.site,
            f"every round of the loop makes {names} anew, and what it learned is lost",
            label="made again in every round",
            facts=("no value that is trained persists from one round to the next",),
            related=((first.loop, "of this loop"), (first.update, "updated here, for nothing")),
        )


_BATCH = """\
import numpy as np

rng = np.random.default_rng(606)
X = rng.normal(size=(14, 3))
t = np.tanh(X[:, :1] - X[:, 1:2] * X[:, 2:])
{}
for epoch in range(60):
    {}
    h = np.tanh(X @ W1 + b1)
    y = h @ W2 + b2
    loss = np.mean((y - t) ** 2)
    d = 2 * (y - t) / len(X)
    dh = d @ W2.T * (1 - h**2)
    W2 -= 0.1 * h.T @ d
    b2 -= 0.1 * d.sum(axis=0)
    W1 -= 0.1 * X.T @ dh
    b1 -= 0.1 * dh.sum(axis=0)
    if epoch % 20 == 0:
        print(epoch, loss)
"""

_START = "W1, b1, W2, b2 = rng.normal(size=(3, 5)), 0.1 * rng.normal(size=5), rng.normal(size=(5, 1)), np.zeros(1)"

_SAMPLES = """\
import numpy as np

rng = np.random.default_rng(607)
X = rng.uniform(-1, 1, size=(8, 2))
t = (X[:, 0] * X[:, 1] > 0).astype(float)
{}
for epoch in range(100):
    {}
    total = 0.0
    for x, goal in zip(X, t):
        h = np.tanh(x @ W)
        p = 1 / (1 + np.exp(-h @ v))
        total -= np.log(p if goal else 1 - p)
        dh = (p - goal) * v * (1 - h**2)
        v -= 0.3 * (p - goal) * h
        W -= 0.3 * np.outer(x, dh)
print(total)
"""

_SEEDS = """\
import numpy as np

X = np.random.default_rng(608).normal(size=(14, 3))
t = np.tanh(X[:, :1] - X[:, 1:2])
for run in range(5):
    rng = np.random.default_rng(run)
    W, V = rng.normal(size=(3, 4)), rng.normal(size=(4, 1))
    for step in range(40):
        h = np.tanh(X @ W)
        y = h @ V
        loss = np.mean((y - t) ** 2)
        d = 2 * (y - t) / len(X)
        dW = X.T @ (d @ V.T * (1 - h**2))
        V -= 0.1 * h.T @ d
        W -= 0.1 * dW
    print(run, loss)
"""

VALID = (
    _BATCH.format(_START, "pass"),
    _SAMPLES.format("W, v = rng.normal(size=(2, 4)), rng.normal(size=4)", "pass"),
    _SEEDS,
)

INVALID = (
    _BATCH.format("", f"{_START}  # <- reinitialised-each-epoch"),
    _SAMPLES.format("", "W, v = rng.normal(size=(2, 4)), rng.normal(size=4)  # <- reinitialised-each-epoch"),
)

RULE = Rule(
    code="BP606",
    slug="reinitialised-each-epoch",
    title="parameters are made anew in every round of the training loop",
    severity="error",
    explanation=__doc__ or "",
    why="training goes on where the last step ended; parameters that are drawn again in the loop begin again",
    evidence=evidence,
    valid=VALID,
    invalid=INVALID,
)
