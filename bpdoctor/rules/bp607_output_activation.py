"""The network ends with a function that cannot give what the loss or the targets ask for.

## What it does
ReLU is applied at the output as in every other layer; or the cross-entropy is computed of the weighted sum itself,
without the sigmoid or softmax that makes a probability of it.

## Why it is wrong
An output unit of ReLU that is below 0 for every sample gives 0 for every sample and passes no gradient: the
network is dead from its last layer on. It never gives a negative number, whatever the target is. A weighted sum
is no probability: it leaves the range from 0 to 1, and the logarithm of a negative number is not a number.

## Example
    p = np.maximum(0, h @ W2 + b2)
    loss = np.mean((p - t) ** 2)

## Use instead
    p = h @ W2 + b2                                # regression
    p = 1 / (1 + np.exp(-(h @ W2 + b2)))           # two classes

## How it is proved
The function at the end is recognised from its values. Reported are a rectified output that is negative before
rectification for every sample of every sampled step, while targets are above 0; a rectified output with targets
below 0; and a logarithm taken of a weighted sum with values outside 0 to 1, while the targets are 0 and 1. ReLU
outputs that answer to some sample are left alone.
"""

from __future__ import annotations

from collections.abc import Iterable

from bpdoctor.model.evidence import Evidence
from bpdoctor.model.examination import Examination
from bpdoctor.model.rule import Rule


def evidence(examination: Examination) -> Iterable[Evidence]:
    """Name the output that does not fit its loss."""
    for head in examination.measurements["heads"]:
        text = " ".join(examination.sites[head.site].text.split())
        if head.kind == "silent":
            message = f"the output `{text}` is 0 for every sample: it is rectified, and never positive before"
            fact = f"before rectification it lies between {head.low:.4g} and {head.high:.4g} at all sampled steps"
        elif head.kind == "one-sided":
            message = f"the output `{text}` is rectified, but targets are negative"
            fact = f"{head.count} of {head.total} targets are below 0, which it never is"
        else:
            message = f"`{text}` is a weighted sum, and the loss takes its logarithm as if it were a probability"
            fact = f"it goes from {head.low:.4g} to {head.high:.4g}; {head.count} of {head.total} are outside 0 to 1"
        yield Evidence(head.site, message, label="the output", facts=(fact,))


_NET = """\
import numpy as np

rng = np.random.default_rng(607)
X = rng.normal(size=(16, 3))
t = {t}
W, b = rng.normal(size=(3, 5)) / 2, np.zeros(5)
V, c = rng.normal(size=(5, 1)) / 2, np.array([{c}])
for step in range(120):
    h = np.tanh(X @ W + b)
    z = h @ V + c
    y = {y}
    loss = np.mean((y - t) ** 2)
    d = 2 * (y - t) / len(X){slope}
    dh = d @ V.T * (1 - h**2)
    V -= 0.1 * h.T @ d
    c -= 0.1 * d.sum(axis=0)
    W -= 0.1 * X.T @ dh
    b -= 0.1 * dh.sum(axis=0)
print(loss)
"""

VALID = (
    _NET.format(t="np.abs(X[:, :1]) + 0.5", c="1.0", y="np.maximum(0, z)", slope=" * (z > 0)"),  # prices, say
    _NET.format(t="X[:, :1] - X[:, 1:2]", c="0.0", y="z", slope=""),
    _NET.format(t="(X[:, :1] > 0).astype(float)", c="0.0", y="1 / (1 + np.exp(-z))", slope=" * y * (1 - y)"),
)

INVALID = (
    _NET.format(
        t="(X[:, :1] > 0).astype(float)", c="-9.0", y="np.maximum(0, z)  # <- output-activation", slope=" * (z > 0)"
    ),
    _NET.format(t="X[:, :1] - X[:, 1:2]", c="0.5", y="np.maximum(0, z)  # <- output-activation", slope=" * (z > 0)"),
    """\
import numpy as np

rng = np.random.default_rng(611)
X = rng.normal(size=(16, 3))
t = (X[:, :1] > 0).astype(float)
W, b = rng.normal(size=(3, 5)) / 2, np.zeros(5)
V, c = rng.normal(size=(5, 1)) / 2, np.zeros(1)
for step in range(40):
    h = np.tanh(X @ W + b)
    p = h @ V + c  # <- output-activation
    q = np.clip(p, 1e-7, 1 - 1e-7)
    loss = -np.mean(t * np.log(q) + (1 - t) * np.log(1 - q))
    d = ((1 - t) / (1 - q) - t / q) / len(X) * ((p > 1e-7) & (p < 1 - 1e-7))
    dh = d @ V.T * (1 - h**2)
    V -= 0.01 * h.T @ d
    c -= 0.01 * d.sum(axis=0)
    W -= 0.01 * X.T @ dh
    b -= 0.01 * dh.sum(axis=0)
print(loss)
""",
)

RULE = Rule(
    code="BP607",
    slug="output-activation",
    title="output function does not fit the loss or the targets",
    severity="warning",
    explanation=__doc__ or "",
    why="what the last function cannot give, no weights can learn",
    evidence=evidence,
    valid=VALID,
    invalid=INVALID,
)
