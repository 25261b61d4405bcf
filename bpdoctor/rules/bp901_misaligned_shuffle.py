"""The inputs of a step and its targets are rows of different samples.

## What it does
X is shuffled and y is not, or each is shuffled by a permutation of its own, or a batch is taken with one
index from X and with another from y.

## Why it is wrong
The loss compares the answer for one sample with the label of another. Every gradient is the exact
gradient of that loss, and a gradient check passes. What can be learned is the average label: the loss
falls to the entropy of the labels, or to their variance, and stays there, and the accuracy is chance.

## Example
    order = rng.permutation(len(X))
    X = X[order]
    y = y[rng.permutation(len(y))]

## Use instead
    order = rng.permutation(len(X))
    X, y = X[order], y[order]

## How it is proved
Inputs and targets of the recorded steps are followed back through every selection and permutation of
rows to the arrays they come from, and the row numbers are compared; some of them are shown. Targets a
fixed number of rows away, as for the next value of a series, are left alone. Where one step sums the
gradients of several batches, each batch of inputs is compared with the targets used along with it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any

from bpdoctor.model.evidence import Evidence
from bpdoctor.model.examination import Examination
from bpdoctor.model.rule import Rule


def evidence(examination: Examination) -> Iterable[Evidence]:
    """Name where the rows part."""
    for found in examination.measurements["rows"]:
        pairs = ", ".join(f"{a} with {b}" for a, b in found.samples)
        shown = f": row {pairs}" if pairs else ""
        sides = [(found.taken, "the targets are taken here"), (found.inputs, "the inputs are taken here")]
        # Where the targets stand in their first order, it is the inputs that were moved.
        (site, label), other = sides if found.moved else sides[::-1]
        yield Evidence(
            site,
            "inputs and targets are rows of different samples",
            label=label,
            facts=(f"{found.share:.0%} of the samples of a step get another sample's target{shown}",),
            related=(other,) if other[0] != site else (),
            rewrites=_same_index(examination, found),
        )


def _same_index(examination: Examination, found: Any) -> tuple[tuple[int, Any, str], ...]:
    """The targets taken with the index of the inputs."""
    target, inputs = examination.sites[found.taken].node, examination.sites[found.inputs].node
    if not isinstance(target, ast.Subscript) or not isinstance(inputs, ast.Subscript):
        return ()
    return ((found.taken, target, f"{ast.unparse(target.value)}[{ast.unparse(inputs.slice)}]"),)


VALID = (
    """\
import numpy as np

rng = np.random.default_rng(311)
X = rng.normal(size=(40, 3))
t = (X[:, :1] - X[:, 1:2] > 0).astype(float)
W, b = rng.normal(size=(3, 5)), np.zeros(5)
V, c = rng.normal(size=(5, 1)), np.zeros(1)
for epoch in range(8):
    order = rng.permutation(40)
    for start in range(0, 40, 10):
        rows = order[start:start + 10]
        x, y = X[rows], t[rows]
        h = np.tanh(x @ W + b)
        p = 1 / (1 + np.exp(-(h @ V + c)))
        loss = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
        d = (p - y) / len(x)
        dh = d @ V.T * (1 - h**2)
        V -= 0.5 * h.T @ d
        c -= 0.5 * d.sum(axis=0)
        W -= 0.5 * x.T @ dh
        b -= 0.5 * dh.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

rng = np.random.default_rng(312)
series = np.sin(0.3 * np.arange(61)) + 0.05 * rng.normal(size=61)
now, following = series[:-1, None], series[1:, None]  # one step ahead, on purpose
W, b = rng.normal(size=(1, 6)), rng.normal(size=6)
V, c = 0.3 * rng.normal(size=(6, 1)), np.zeros(1)
for step in range(60):
    rows = rng.choice(60, size=12, replace=False)
    x, y = now[rows], following[rows]
    h = np.tanh(x @ W + b)
    out = h @ V + c
    loss = np.mean((out - y) ** 2)
    d = 2 * (out - y) / len(x)
    dh = d @ V.T * (1 - h**2)
    V -= 0.05 * h.T @ d
    c -= 0.05 * d.sum(axis=0)
    W -= 0.05 * x.T @ dh
    b -= 0.05 * dh.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

rng = np.random.default_rng(314)
X = rng.normal(size=(48, 4))
y = np.sin(X[:, :1]) - 0.5 * X[:, 1:2]
W, b = 0.5 * rng.normal(size=(4, 6)), np.zeros(6)
V, c = 0.5 * rng.normal(size=(6, 1)), np.zeros(1)


def accumulate(x, t, into):
    h = np.tanh(x @ W + b)
    r = h @ V + c - t
    d = r / len(X)
    dh = d @ V.T * (1 - h**2)
    for name, part in (("W", x.T @ dh), ("b", dh.sum(axis=0)), ("V", h.T @ d), ("c", d.sum(axis=0))):
        into[name] += part
    return 0.5 * np.sum(r**2) / len(X)


for step in range(30):
    order = rng.permutation(48)
    total = {"W": np.zeros_like(W), "b": np.zeros_like(b), "V": np.zeros_like(V), "c": np.zeros_like(c)}
    loss = 0.0
    for start in range(0, 48, 12):  # four batches to one update
        rows = order[start:start + 12]
        loss += accumulate(X[rows], y[rows], total)
    W -= 0.3 * total["W"]
    b -= 0.3 * total["b"]
    V -= 0.3 * total["V"]
    c -= 0.3 * total["c"]
print(loss)
""",
)

INVALID = (
    """\
import numpy as np

rng = np.random.default_rng(311)
X = rng.normal(size=(40, 3))
t = (X[:, :1] - X[:, 1:2] > 0).astype(float)
W, b = rng.normal(size=(3, 5)), np.zeros(5)
V, c = rng.normal(size=(5, 1)), np.zeros(1)
for epoch in range(8):
    order = rng.permutation(40)
    for start in range(0, 40, 10):
        rows = order[start:start + 10]
        x, y = X[rows], t[start:start + 10]  # <- misaligned-shuffle
        h = np.tanh(x @ W + b)
        p = 1 / (1 + np.exp(-(h @ V + c)))
        loss = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
        d = (p - y) / len(x)
        dh = d @ V.T * (1 - h**2)
        V -= 0.5 * h.T @ d
        c -= 0.5 * d.sum(axis=0)
        W -= 0.5 * x.T @ dh
        b -= 0.5 * dh.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

rng = np.random.default_rng(313)
X = rng.normal(size=(24, 2))
labels = (X[:, 0] > X[:, 1]).astype(int) + (X[:, 0] > 0.5)
rng.shuffle(X)
rng.shuffle(labels)  # <- misaligned-shuffle
W, b = 0.1 * rng.normal(size=(2, 3)), np.zeros(3)
rows = np.arange(len(X))
for epoch in range(60):
    z = X @ W + b
    e = np.exp(z - z.max(axis=1, keepdims=True))
    s = e / e.sum(axis=1, keepdims=True)
    loss = -np.mean(np.log(s[rows, labels]))
    d = s.copy()
    d[rows, labels] -= 1
    d /= len(X)
    W -= 0.3 * X.T @ d
    b -= 0.3 * d.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

rng = np.random.default_rng(314)
X = rng.normal(size=(48, 4))
y = np.sin(X[:, :1]) - 0.5 * X[:, 1:2]
W, b = 0.5 * rng.normal(size=(4, 6)), np.zeros(6)
V, c = 0.5 * rng.normal(size=(6, 1)), np.zeros(1)


def accumulate(x, t, into):
    h = np.tanh(x @ W + b)
    r = h @ V + c - t
    d = r / len(X)
    dh = d @ V.T * (1 - h**2)
    for name, part in (("W", x.T @ dh), ("b", dh.sum(axis=0)), ("V", h.T @ d), ("c", d.sum(axis=0))):
        into[name] += part
    return 0.5 * np.sum(r**2) / len(X)


for step in range(30):
    order = rng.permutation(48)
    total = {"W": np.zeros_like(W), "b": np.zeros_like(b), "V": np.zeros_like(V), "c": np.zeros_like(c)}
    loss = 0.0
    for start in range(0, 48, 12):
        rows = order[start:start + 12]
        loss += accumulate(X[rows], y[start:start + 12], total)  # <- misaligned-shuffle
    W -= 0.3 * total["W"]
    b -= 0.3 * total["b"]
    V -= 0.3 * total["V"]
    c -= 0.3 * total["c"]
print(loss)
""",
)

RULE = Rule(
    code="BP901",
    slug="misaligned-shuffle",
    title="inputs and targets are shuffled apart",
    severity="error",
    explanation=__doc__ or "",
    why="the loss sets the answer for one sample against the target of another, and only the average can be learned",
    evidence=evidence,
    valid=VALID,
    invalid=INVALID,
)
