"""Predictions of shape (n, 1) meet targets of shape (n,), and NumPy makes an (n, n) array of them.

## What it does
A difference (or product) of outputs and targets pairs every prediction with every target, because
one of them is a column and the other a flat array.

## Why it is wrong
`diff[i, j] = ŷ_i − y_j`. The loss `mean(diff**2)` is `mean((ŷ_i − ȳ)²)` plus the variance of the
targets: its minimum is reached when every prediction is the mean `ȳ`. Nothing crashes, the
gradient of this loss may even be right to the last digit, and the network learns a constant.

## Example
    y = data[:, -1]             # (n,)
    out = h @ W2 + b2           # (n, 1)
    diff = out - y              # (n, n)

## Use instead
    y = data[:, -1:]            # (n, 1), or y.reshape(-1, 1)

## How it is proved
The array has n·n elements where there are n predictions and n targets. Then one target is changed
and the error of another sample moves, which may not be. A gradient check cannot find this fault,
since the gradient belongs to the loss that is computed; only the loss is not the one meant.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any

from bpdoctor.model.evidence import Evidence
from bpdoctor.model.examination import Examination
from bpdoctor.model.rule import Rule


def evidence(examination: Examination) -> Iterable[Evidence]:
    """Name each expression that pairs all outputs with all targets."""
    for pairing in examination.measurements["shapes"]:
        text = " ".join(examination.sites[pairing.site].text.split())
        n = max(pairing.output[0], pairing.target[0])
        yield Evidence(
            pairing.site,
            f"`{text}` broadcasts {n} outputs against {n} targets to an array of shape {pairing.result}",
            label=f"shape {pairing.output} against {pairing.target} gives {pairing.result}",
            facts=(
                f"{n} outputs and {n} targets make {n * n} pairs, {n * n - n} of them of different samples",
                "the gradient may be right for this loss; it is the loss that is not the one meant",
            ),
            rewrites=tuple(_reshaped(examination, pairing)),
        )


def _reshaped(examination: Examination, pairing: Any) -> Iterable[tuple[int, ast.expr, str]]:
    """The target in the shape of the output from where it has its name on."""
    shaping = ".reshape(-1, 1)" if len(pairing.output) > len(pairing.target) else ".ravel()"
    for site in pairing.made:
        statement, source = examination.sites[site].statement, examination.sites[site].source
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            value = statement.value
            text = source.segment(value)
            whole = isinstance(value, ast.Name | ast.Call | ast.Attribute | ast.Subscript)
            yield site, value, f"{text if whole else f'({text})'}{shaping}"


VALID = (
    """\
import numpy as np

rng = np.random.default_rng(32)
X = rng.normal(size=(9, 3))
y = X[:, 0] * X[:, 1] + X[:, 2]
W1, b1 = rng.normal(size=(3, 5)), 0.1 * rng.normal(size=5)
W2, b2 = rng.normal(size=(5, 1)), np.zeros(1)
for step in range(60):
    h = np.tanh(X @ W1 + b1)
    out = h @ W2 + b2
    diff = out - y.reshape(-1, 1)
    loss = np.mean(diff**2)
    d2 = 2 * diff.sum(axis=1, keepdims=True) / diff.size
    d1 = d2 @ W2.T * (1 - h**2)
    W2 -= 0.1 * h.T @ d2
    b2 -= 0.1 * d2.sum(axis=0)
    W1 -= 0.1 * X.T @ d1
    b1 -= 0.1 * d1.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

class LinearRegression:
    def __init__(self, n_features):
        self.w = np.zeros(n_features)
        self.b = np.zeros(1)

    def step(self, X, y, lr):
        pred = X @ self.w + self.b
        err = pred - y[:, 0]
        loss = 0.5 * np.mean(err**2)
        g = err / len(X)
        self.w -= lr * X.T @ g
        self.b -= lr * g.sum()
        return loss

rng = np.random.default_rng(33)
X = rng.normal(size=(10, 2))
y = (X @ np.array([1.5, -2.0]) + 0.7)[:, None]
reg = LinearRegression(2)
for step in range(100):
    loss = reg.step(X, y, 0.1)
print(loss)
""",
)

INVALID = (
    """\
import numpy as np

rng = np.random.default_rng(32)
X = rng.normal(size=(9, 3))
y = X[:, 0] * X[:, 1] + X[:, 2]
W1, b1 = rng.normal(size=(3, 5)), 0.1 * rng.normal(size=5)
W2, b2 = rng.normal(size=(5, 1)), np.zeros(1)
for step in range(60):
    h = np.tanh(X @ W1 + b1)
    out = h @ W2 + b2
    diff = out - y  # <- broadcast-loss
    loss = np.mean(diff**2)
    d2 = 2 * diff.sum(axis=1, keepdims=True) / diff.size
    d1 = d2 @ W2.T * (1 - h**2)
    W2 -= 0.1 * h.T @ d2
    b2 -= 0.1 * d2.sum(axis=0)
    W1 -= 0.1 * X.T @ d1
    b1 -= 0.1 * d1.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

class LinearRegression:
    def __init__(self, n_features):
        self.w = np.zeros(n_features)
        self.b = np.zeros(1)

    def step(self, X, y, lr):
        pred = X @ self.w + self.b
        err = pred - y  # <- broadcast-loss
        loss = 0.5 * np.mean(err**2)
        g = err.mean(axis=0) / len(X)
        self.w -= lr * X.T @ g
        self.b -= lr * g.sum()
        return loss

rng = np.random.default_rng(33)
X = rng.normal(size=(10, 2))
y = (X @ np.array([1.5, -2.0]) + 0.7)[:, None]
reg = LinearRegression(2)
for step in range(100):
    loss = reg.step(X, y, 0.1)
print(loss)
""",
)

RULE = Rule(
    code="BP106",
    slug="broadcast-loss",
    title="predictions and targets broadcast against each other",
    severity="error",
    explanation=__doc__ or "",
    why=(
        "(n,) against (n, 1) gives (n, n): every prediction is compared with every target, and the best "
        "answer is the mean of all targets"
    ),
    evidence=evidence,
    valid=VALID,
    invalid=INVALID,
)
