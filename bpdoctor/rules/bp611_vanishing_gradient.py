"""The error dies out on its way back through the layers, and the first ones do not learn.

## What it does
Many layers of logistic units stand on one another, or weights are much smaller than `1/√n`.

## Why it is wrong
Each layer multiplies the error with its weights and with f'. The derivative of σ is at most 1/4: through six layers
at most 1/4096 of the error passes, if the weights are of size 1. All gradients are right; those of the first layers
are so small that thousands of steps move them by nothing, and what the last layer is given is little more than
noise.

## Example
    for W, b in zip(weights, biases):          # eight of them
        a = sigmoid(a @ W + b)

## Use instead
    for W, b in zip(weights, biases):          # W = rng.normal(size=(m, n)) * np.sqrt(2 / m)
        a = np.maximum(0, a @ W + b)

## How it is proved
The error that arrives at each hidden layer is computed by the reverse sweep at the sampled steps. Reported is a
run whose loss does not move and whose output is the same for every sample, while at the first sampled step and at
the last the error falls by more than a thousand from the last hidden layer to the first; with f' saturated it is
another finding. Recurrences and networks
of fewer than three hidden layers are left alone, and so is every network that learns.
"""

from __future__ import annotations

from collections.abc import Iterable

from bpdoctor.model.evidence import Evidence
from bpdoctor.model.examination import Examination
from bpdoctor.model.rule import Rule

# Three orders of magnitude over all hidden layers: with the same rate the first one moves a thousand times less.
_RATIO = 1e-3


def evidence(examination: Examination) -> Iterable[Evidence]:
    """Name the first hidden layer of a deep network that stands still."""
    stuck = next((x for x in examination.measurements["standstill"] if x.constant), None)
    for flow in examination.measurements["flow"] if stuck is not None else ():
        small = all(0 < norms[0] < _RATIO * norms[-1] for norms in (flow.early, flow.late))
        if not small or stuck is None:
            continue
        yield Evidence(
            flow.sites[0],
            f"of the error at the last hidden layer {flow.early[0] / flow.early[-1]:.1g} arrives at the first one",
            label="hardly any gradient here",
            facts=(
                "norms from the last layer to the first: " + ", ".join(f"{n:.1e}" for n in flow.early[::-1]),
                f"over {stuck.steps} steps the loss stays at {stuck.loss:.4g}, with the same output for every sample",
            ),
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
_SIGMOID = {"act": "1 / (1 + np.exp(-z))", "slope": "a[i] * (1 - a[i])"}

VALID = (
    _NET.format(depth=3, scale="1.0", rate="0.05", mark="", act="np.tanh(z)", slope="(1 - a[i] ** 2)"),
    _NET.format(depth=1, scale="1.0", rate="0.05", mark="", **_SIGMOID),
)

INVALID = (_NET.format(depth=8, scale="1.0", rate="0.05", mark="  # <- vanishing-gradient", **_SIGMOID),)

RULE = Rule(
    code="BP611",
    slug="vanishing-gradient",
    title="error dies out on its way to the first layers",
    severity="warning",
    explanation=__doc__ or "",
    why="each layer multiplies the error with f' and its weights; a factor below 1 becomes a power of the depth",
    evidence=evidence,
    valid=VALID,
    invalid=INVALID,
)
