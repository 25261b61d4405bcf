"""Parameters or data are integers: an update is refused or cut off, or a difference wraps around.

## What it does
Weights start as `np.array([[1, 2], [0, 1]])`, `np.zeros(n, dtype=int)` or `(3 * noise).astype(int)`, and an update
adds fractions to them. Or images and labels of type uint8 are subtracted from each other.

## Why it is wrong
An array keeps its type. `W -= lr * g` on integers raises `UFuncTypeError`; `W[i] -= lr * g[i]` and
`W[...] = W - lr * g` raise nothing and cut every fraction off, so that small steps change nothing and the others
go to the wrong place. In uint8 the difference 3 - 5 is 254.

## Example
    W = np.array([[1, 0], [0, 1]])
    W -= 0.1 * dW

## Use instead
    W = np.array([[1, 0], [0, 1]], dtype=float)
    W -= 0.1 * dW

## How it is proved
The parameter's array holds integers, and what the update writes into it is not whole: one entry is shown before
and after. Or outputs are written into such an array, and no gradient is made of the outputs themselves. Or NumPy's
own exception is traced to the array. A difference, sum or product of integers of 8 or 16
bits that the loss or a gradient is computed from is computed again in floating point and compared.
"""

from __future__ import annotations

from collections.abc import Iterable

from bpdoctor.model.evidence import Evidence
from bpdoctor.model.examination import Examination
from bpdoctor.model.rule import Rule

_SIGNS = {"subtract": "-", "add": "+", "multiply": "*"}


def evidence(examination: Examination) -> Iterable[Evidence]:
    """Name arrays of integers that cannot take their updates, and small integers that wrap around."""
    found = examination.measurements["integers"]
    for whole in found.refused:
        yield Evidence(
            whole.made,
            f"`{whole.name}` holds integers ({whole.dtype}) and cannot take its update",
            label=f"made here, of type {whole.dtype}",
            facts=("NumPy refuses to write the fractions of the update into it, and the program ends",),
            related=((whole.update, "the exception is raised here"),),
        )
    for whole in found.cut:
        lost = "what is written into it" if whole.families else "every update of it"
        yield Evidence(
            whole.made,
            f"`{whole.name}` holds integers ({whole.dtype}): {lost} loses its fraction",
            label=f"made here, of type {whole.dtype}",
            facts=(f"an entry that should become {whole.wanted:.6g} becomes {whole.kept:.6g}",),
            related=((whole.update, "cut off here"),),
            families=whole.families,
        )
    for wrapped in found.wrapped:
        shown = f" {_SIGNS.get(wrapped.operation, '')} ".join(f"{x:g}" for x in wrapped.operands)
        shown = f"-{shown}" if wrapped.operation == "negative" else shown
        yield Evidence(
            wrapped.site,
            f"this is computed in {wrapped.dtype} and wraps around",
            label=f"{wrapped.share:.0%} of the entries leave the range of {wrapped.dtype}",
            facts=(f"{shown} gives {wrapped.got:g}, not {wrapped.right:g}",),
        )


VALID = (
    """\
import numpy as np

rng = np.random.default_rng(701)
pixels = rng.integers(0, 256, size=(24, 6)).astype(np.uint8)
labels = rng.integers(0, 2, size=(24, 1))
X = (pixels.astype(float) - 128) / 64
W, b = np.array([[1, 0, 1], [0, 1, 1]] * 3, dtype=float), np.zeros(3)
V, c = rng.normal(size=(3, 1)), np.zeros(1)
for step in range(40):
    h = np.tanh(0.3 * (X @ W) + b)
    p = 1 / (1 + np.exp(-(h @ V + c)))
    loss = -np.mean(labels * np.log(p) + (1 - labels) * np.log(1 - p))
    d = (p - labels) / len(X)
    dh = d @ V.T * (1 - h**2)
    V -= 0.2 * h.T @ d
    c -= 0.2 * d.sum(axis=0)
    W -= 0.2 * 0.3 * X.T @ dh
    b -= 0.2 * dh.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

rng = np.random.default_rng(702)
x = np.arange(10)[:, None] / 5 - 1
t = np.array([[0], [1]] * 5)  # integers, and never written to
W, b = rng.normal(size=(1, 4)), np.zeros(4)
V, c = rng.normal(size=(4, 1)), np.zeros(1)
for step in range(40):
    h = np.tanh(x @ W + b)
    y = h @ V + c
    loss = np.mean((y - t) ** 2)
    d = 2 * (y - t) / len(x)
    dh = d @ V.T * (1 - h**2)
    V = V - 0.1 * h.T @ d
    c = c - 0.1 * d.sum(axis=0)
    W = W - 0.1 * x.T @ dh
    b = b - 0.1 * dh.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

rng = np.random.default_rng(708)
X = rng.normal(size=(16, 2))
t = 3 * np.tanh(X[:, :1] - X[:, 1:])
W, b = rng.normal(size=(2, 5)), np.zeros(5)
V, c = rng.normal(size=(5, 1)), np.zeros(1)
shown = np.zeros(len(X), dtype=int)
for step in range(40):
    h = np.tanh(X @ W + b)
    y = h @ V + c
    for i in range(len(X)):
        shown[i] = y[i, 0]  # for a picture, in whole steps
    loss = np.mean((y - t) ** 2)
    d = 2 * (y - t) / len(X)
    dh = d @ V.T * (1 - h**2)
    V -= 0.05 * h.T @ d
    c -= 0.05 * d.sum(axis=0)
    W -= 0.05 * X.T @ dh
    b -= 0.05 * dh.sum(axis=0)
print(loss, shown)
""",
)

INVALID = (
    """\
import numpy as np

rng = np.random.default_rng(703)
X = rng.normal(size=(20, 2))
t = X[:, :1] * 0.5 - X[:, 1:]
W = np.array([[1, 0, 1], [0, 1, 1]])  # <- integer-dtype
b = np.zeros(3)
V, c = rng.normal(size=(3, 1)), np.zeros(1)
for step in range(40):
    h = np.tanh(X @ W + b)
    y = h @ V + c
    loss = np.mean((y - t) ** 2)
    d = 2 * (y - t) / len(X)
    dh = d @ V.T * (1 - h**2)
    V -= 0.1 * h.T @ d
    c -= 0.1 * d.sum(axis=0)
    W -= 0.1 * X.T @ dh
    b -= 0.1 * dh.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

rng = np.random.default_rng(704)
X = rng.normal(size=(20, 2))
t = X[:, :1] * 0.5 - X[:, 1:]
W = np.array([[1, 0, 1], [0, 1, 1]])  # <- integer-dtype
b = np.zeros(3)
V, c = rng.normal(size=(3, 1)), np.zeros(1)
for step in range(40):
    h = np.tanh(X @ W + b)
    y = h @ V + c
    loss = np.mean((y - t) ** 2)
    d = 2 * (y - t) / len(X)
    dh = d @ V.T * (1 - h**2)
    V -= 0.1 * h.T @ d
    c -= 0.1 * d.sum(axis=0)
    W[:] = W - 0.1 * X.T @ dh
    b -= 0.1 * dh.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

rng = np.random.default_rng(705)
pixels = rng.integers(0, 256, size=(24, 6)).astype(np.uint8)
labels = rng.integers(0, 2, size=(24, 1))
X = (pixels - np.uint8(128)) / 64  # <- integer-dtype
W, b = rng.normal(size=(6, 3)), np.zeros(3)
V, c = rng.normal(size=(3, 1)), np.zeros(1)
for step in range(40):
    h = np.tanh(0.3 * (X @ W) + b)
    p = 1 / (1 + np.exp(-(h @ V + c)))
    loss = -np.mean(labels * np.log(p) + (1 - labels) * np.log(1 - p))
    d = (p - labels) / len(X)
    dh = d @ V.T * (1 - h**2)
    V -= 0.2 * h.T @ d
    c -= 0.2 * d.sum(axis=0)
    W -= 0.2 * 0.3 * X.T @ dh
    b -= 0.2 * dh.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

rng = np.random.default_rng(706)
X = rng.normal(size=(20, 2))
t = np.eye(2, dtype=int)[(X[:, 0] > X[:, 1]).astype(int)]
W, b = rng.normal(size=(2, 5)), np.zeros(5)
V, c = rng.normal(size=(5, 2)), np.zeros(2)
for step in range(40):
    h = np.tanh(X @ W + b)
    e = np.exp(h @ V + c)
    p = e / e.sum(axis=1, keepdims=True)
    loss = -np.sum(t * np.log(p)) / len(X)
    d = np.zeros_like(t)  # <- integer-dtype
    for i in range(len(X)):
        d[i] = p[i] - t[i]
    dh = d @ V.T * (1 - h**2)
    V = V - 0.5 * h.T @ d / len(X)
    c = c - 0.5 * d.sum(axis=0) / len(X)
    W = W - 0.5 * X.T @ dh / len(X)
    b = b - 0.5 * dh.sum(axis=0) / len(X)
print(loss)
""",
    """\
import numpy as np

rng = np.random.default_rng(707)
X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
t = np.array([[0], [1], [1], [0]])
W, b = rng.normal(size=(2, 4)), np.zeros(4)
V, c = rng.normal(size=(4, 1)), np.zeros(1)
for step in range(60):
    h = np.zeros((len(X), 4), dtype=int)  # <- integer-dtype
    for i, x in enumerate(X):
        h[i] = 2 * np.tanh(x @ W + b)
    y = h @ V + c
    loss = np.mean((y - t) ** 2)
    d = 2 * (y - t) / len(X)
    dh = d @ V.T * (4 - h**2) / 2
    V = V - 0.05 * h.T @ d
    c = c - 0.05 * d.sum(axis=0)
    W = W - 0.05 * X.T @ dh
    b = b - 0.05 * dh.sum(axis=0)
print(loss)
""",
)

RULE = Rule(
    code="BP706",
    slug="integer-dtype",
    title="integers where fractions are needed",
    severity="error",
    explanation=__doc__ or "",
    why="an array of integers keeps its type: it cannot hold the fractions that a gradient step adds to it",
    evidence=evidence,
    valid=VALID,
    invalid=INVALID,
)
