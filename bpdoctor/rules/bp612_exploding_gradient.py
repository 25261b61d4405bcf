"""The error grows from layer to layer on its way back, and the first steps throw the weights away.

## What it does
Weights are drawn with a standard deviation that does not shrink with the number of inputs, in a network of several
layers that do not saturate.

## Why it is wrong
Each layer multiplies the error with its weights. Weights of gain g make it g times as large, and through L layers
g to the power L: the first layers get gradients thousands of times larger than the last, and no learning rate suits
both. The loss jumps up, or becomes NaN, although all gradients are right.

## Example
    W = rng.normal(size=(n_in, n_out))

## Use instead
    W = rng.normal(size=(n_in, n_out)) * np.sqrt(2 / n_in)      # and clip the norm of the gradient

## How it is proved
The error that arrives at each hidden layer is computed by the reverse sweep at the first step: it grows by more
than a thousand from the last hidden layer to the first. And the run fails: its loss becomes larger, or is no number.
A network that learns in spite of it is left alone.
"""

from __future__ import annotations

from collections.abc import Iterable

from bpdoctor.model.evidence import Evidence
from bpdoctor.model.examination import Examination
from bpdoctor.model.rule import Rule

_RATIO = 1e3


def evidence(examination: Examination) -> Iterable[Evidence]:
    """Name the first hidden layer of a network that is thrown away."""
    for flow in examination.measurements["flow"]:
        if flow.early[-1] <= 0 or flow.early[0] < _RATIO * flow.early[-1] or flow.course != "diverging":
            continue
        yield Evidence(
            flow.sites[0],
            f"the error grows {flow.early[0] / flow.early[-1]:.1g} times from the last hidden layer to the first",
            label="the largest gradient is here",
            facts=("norms from the last layer to the first: " + ", ".join(f"{n:.1e}" for n in flow.early[::-1]),),
            related=() if flow.sites[-1] == flow.sites[0] else ((flow.sites[-1], "the last hidden layer"),),
            late=True,
        )


_NET = """\
import numpy as np

rng = np.random.default_rng(611)
X = rng.normal(size=(30, 8))
t = X[:, :1] * X[:, 1:2]
sizes = [8] + [8] * {depth} + [1]
Ws = [{scale} * rng.normal(size=(m, n)) / np.sqrt(m) for m, n in zip(sizes, sizes[1:])]
bs = [np.zeros(n) for n in sizes[1:]]

for step in range(150):
    a = [X]
    for W, b in zip(Ws[:-1], bs[:-1]):
        z = a[-1] @ W + b
        a.append({act}){mark}
    y = a[-1] @ Ws[-1] + bs[-1]
    loss = np.mean((y - t) ** 2)
    d = 2 * (y - t) / len(X)
    for i in range(len(Ws) - 1, -1, -1):
        below = d @ Ws[i].T * {slope} if i else None
        Ws[i] = Ws[i] - {rate} * a[i].T @ d
        bs[i] = bs[i] - {rate} * d.sum(axis=0)
        d = below
print(loss)
"""
_RELU = {"act": "np.maximum(z, 0)", "slope": "(a[i] > 0)"}

VALID = (_NET.format(depth=3, scale="1.4", rate="0.01", mark="", **_RELU),)

INVALID = (_NET.format(depth=7, scale="6.0", rate="1e-6", mark="  # <- exploding-gradient", **_RELU),)

RULE = Rule(
    code="BP612",
    slug="exploding-gradient",
    title="error grows from layer to layer",
    severity="warning",
    explanation=__doc__ or "",
    why="each layer multiplies the error with its weights; a factor above 1 becomes a power of the depth",
    evidence=evidence,
    valid=VALID,
    invalid=INVALID,
)
