"""A second call of the backward pass gives another gradient than the first.

## What it does
`backward` changes what it works on: it subtracts the target from the kept output in place, adds to a gradient that is
not set back, or takes its caches off a stack. It is called once to look at the gradient, and again for the update.

## Why it is wrong
The gradient of a step is a function of the parameters and the data; looking at it must not change it. After `out −= t`
the kept output is the error, and the next call subtracts the target from the error. What is printed or checked is
right, what is applied is not: a gradient check that calls `backward` passes and the training that follows fails.

## Example
    def backward(self, t):
        self.out -= t
        return self.x.T @ self.out

## Use instead
    def backward(self, t):
        return self.x.T @ (self.out - t)

## How it is proved
Within one step the same expression computes the gradient of the same parameter twice, with no forward pass in between.
The first value is the derivative to rounding error, the second is not, in every recorded step, and an array from which
the second is made was overwritten in between.
"""

from __future__ import annotations

from collections.abc import Iterable

from bpdoctor.model.evidence import Evidence
from bpdoctor.model.examination import Examination
from bpdoctor.model.rule import Rule


def evidence(examination: Examination) -> Iterable[Evidence]:
    """Name the write by which the second call differs from the first."""
    for found in examination.measurements["twice"]:
        line = examination.sites[found.site].line
        yield Evidence(
            found.change,
            "the backward pass runs twice in a step and changes here what its second run reads",
            label="changed by the first run",
            facts=(f"the gradient of line {line} equals the derivative the first time, and not the second time",),
            related=((found.site, "the gradient that is applied"),),
            families=found.families,
        )


_NET = """\
import numpy as np

class Net:
    def __init__(self, rng):
        self.W, self.V = rng.normal(size=(3, 5)), rng.normal(size=(5, 2))

    def forward(self, x):
        self.x, self.h = x, np.tanh(x @ self.W)
        self.out = self.h @ self.V
        return self.out

    def backward(self, t):
        {}
        d = {} / len(t)
        dh = d @ self.V.T * (1 - self.h**2)
        return self.x.T @ dh, self.h.T @ d

rng = np.random.default_rng(407)
X = rng.normal(size=(12, 3))
T = np.column_stack([np.sin(X[:, 0]), X[:, 1] * X[:, 2]])
net = Net(rng)
for epoch in range(40):
    y = net.forward(X)
    loss = 0.5 * np.sum((y - T) ** 2) / len(X)
    size = sum(np.sum(g**2) for g in net.backward(T))
    dW, dV = net.backward(T)
    net.W -= 0.1 * dW
    net.V -= 0.1 * dV
print(loss, size)
"""

VALID = (
    _NET.format("pass", "(self.out - t)"),
    _NET.format("error = self.out.copy(); error -= t", "error"),
)

INVALID = (_NET.format("self.out -= t  # <- not-idempotent", "self.out"),)

RULE = Rule(
    code="BP407",
    slug="not-idempotent",
    title="a second run of the backward pass gives another gradient",
    severity="error",
    explanation=__doc__ or "",
    why="a gradient depends on parameters and data alone; looking at it must not change it",
    evidence=evidence,
    valid=VALID,
    invalid=INVALID,
)
