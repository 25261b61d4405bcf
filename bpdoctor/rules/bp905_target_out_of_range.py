"""The network ends with a sigmoid or tanh, and targets lie outside what that can give.

## What it does
A regression on prices, on degrees or on values around zero ends with the sigmoid that was right for a
classification.

## Why it is wrong
σ stays between 0 and 1, tanh between -1 and 1. No weights give a target of 3: the output is driven to its bound,
where the derivative vanishes, and learning stops there with a loss that cannot fall further. All gradients are
right.

## Example
    y = sigmoid(h @ W2 + b2)
    loss = np.mean((y - prices) ** 2)

## Use instead
    y = h @ W2 + b2
    loss = np.mean((y - prices) ** 2)

## How it is proved
The function that the outputs are computed with is recognised from its values, and the targets that the same
outputs are subtracted from are counted: how many lie outside its range by more than a twentieth of it.
"""

from __future__ import annotations

from collections.abc import Iterable

from bpdoctor.model.evidence import Evidence
from bpdoctor.model.examination import Examination
from bpdoctor.model.rule import Rule


def evidence(examination: Examination) -> Iterable[Evidence]:
    """Name the output that cannot reach its targets."""
    for found in examination.measurements["ranges"]:
        low, high = found.bounds
        yield Evidence(
            found.site,
            f"{found.share:.0%} of the targets lie outside the range of the output",
            label=f"{found.function}: between {low:g} and {high:g}",
            facts=(f"the targets go from {found.low:.4g} to {found.high:.4g}",),
        )


_NET = """\
import numpy as np

rng = np.random.default_rng(951)
X = rng.normal(size=(20, 2))
t = {}
W, b = rng.normal(size=(2, 5)), np.zeros(5)
V, c = rng.normal(size=(5, 1)), np.zeros(1)
for step in range(40):
    h = np.tanh(X @ W + b)
    y = {}
    loss = np.mean((y - t) ** 2)
    d = 2 * (y - t) / len(X){}
    dh = d @ V.T * (1 - h**2)
    V -= 0.1 * h.T @ d
    c -= 0.1 * d.sum(axis=0)
    W -= 0.1 * X.T @ dh
    b -= 0.1 * dh.sum(axis=0)
print(loss)
"""

VALID = (
    _NET.format("3 * X[:, :1] - X[:, 1:]", "h @ V + c", ""),
    _NET.format("(X[:, :1] > 0).astype(float)", "1 / (1 + np.exp(-(h @ V + c)))", " * y * (1 - y)"),
    _NET.format("np.sign(X[:, :1])", "np.tanh(h @ V + c)", " * (1 - y**2)"),
    # The derivative of the cross-entropy with its quotients written out: the numerator is not the target.
    _NET.format("(X[:, :1] > 0).astype(float)", "1 / (1 + np.exp(-(h @ V + c)))", "")
    .replace("np.mean((y - t) ** 2)", "-np.mean(t * np.log(y) + (1 - t) * np.log(1 - y))")
    .replace("2 * (y - t) / len(X)", "(-t / y + (1 - t) / (1 - y)) / len(X) * y * (1 - y)"),
)

INVALID = (
    _NET.format(
        "3 * X[:, :1] - X[:, 1:]", "1 / (1 + np.exp(-(h @ V + c)))  # <- target-out-of-range", " * y * (1 - y)"
    ),
    _NET.format("5 + X[:, :1]", "np.tanh(h @ V + c)  # <- target-out-of-range", " * (1 - y**2)"),
)

RULE = Rule(
    code="BP905",
    slug="target-out-of-range",
    title="targets outside the range of the output",
    severity="warning",
    explanation=__doc__ or "",
    why="an output of σ or tanh stays within its bounds whatever the weights are",
    evidence=evidence,
    valid=VALID,
    invalid=INVALID,
)
