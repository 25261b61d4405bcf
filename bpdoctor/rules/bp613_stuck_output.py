"""The network answers the same to every sample, and does not get away from there.

## What it does
Whatever the input, the output is the same number: 0.5 for XOR, the mean of the targets for a regression.

## Why it is wrong
The best constant answer is the mean of the targets, and it is found within a few steps by the last bias alone.
From there on the loss only falls if the hidden layer tells the samples apart. This is a symptom with many causes:
where one is recognised (a wrong derivative, equal or tiny initial weights, dead or saturated units, steps of the
wrong length, a missing nonlinearity, inputs and targets that do not belong together), it is reported in place of
this.

## Example
    X = np.full((100, 2), 0.5)                     # all the same

## Use instead
    X = rng.normal(size=(100, 2))

## How it is proved
For the last nine tenths of at least a hundred steps on the same data the loss stays within one part in a hundred,
and the outputs vary over the samples by less than a fiftieth of what the targets do.
Every finding that explains it takes its place.
"""

from __future__ import annotations

from collections.abc import Iterable

from bpdoctor.model.evidence import Evidence
from bpdoctor.model.examination import Examination
from bpdoctor.model.rule import Rule


def evidence(examination: Examination) -> Iterable[Evidence]:
    """Name the output that is the same for every sample."""
    for found in examination.measurements["standstill"]:
        if not found.constant:
            continue
        yield Evidence(
            found.site,
            f"the output is the same for every sample, over {found.steps} steps: the loss stays at {found.loss:.4g}",
            label="the same for every sample",
            facts=(
                f"the outputs deviate by {found.outputs:.2g} from their mean, the targets by {found.targets:.2g}",
                "no cause was recognised: the gradients are right, no unit is dead, saturated or a copy",
            ),
            late=True,
        )


_NET = """\
import numpy as np

rng = np.random.default_rng(613)
t = rng.normal(size=(20, 1))
X = {X}
W, b = rng.normal(size=(2, 5)), rng.normal(size=5)
V, c = rng.normal(size=(5, 1)) / 5, np.zeros(1)
for step in range(200):
    h = np.tanh(X @ W + b)
    y = np.tanh(h @ V + c){mark}
    loss = np.mean((y - t) ** 2)
    d = 2 * (y - t) * (1 - y**2) / len(X)
    dh = d @ V.T * (1 - h**2)
    V -= 0.02 * h.T @ d
    c -= 0.02 * d.sum(axis=0)
    W -= 0.02 * X.T @ dh
    b -= 0.02 * dh.sum(axis=0)
print(loss)
"""

VALID = (
    _NET.format(X="np.column_stack([t, -t]) / 3 + 0.1 * rng.normal(size=(20, 2))", mark="").replace(
        "rng.normal(size=(20, 1))", "0.5 * rng.uniform(-1, 1, size=(20, 1))"
    ),
)

INVALID = (
    _NET.format(X="0.5 + 1e-4 * rng.normal(size=(20, 2))", mark="  # <- stuck-output").replace(
        "rng.normal(size=(20, 1))", "0.5 * rng.uniform(-1, 1, size=(20, 1))"
    ),
)

RULE = Rule(
    code="BP613",
    slug="stuck-output",
    title="output is the same for every sample",
    severity="warning",
    explanation=__doc__ or "",
    why="a network that does not tell its samples apart can only answer with the mean of the targets",
    evidence=evidence,
    valid=VALID,
    invalid=INVALID,
)
