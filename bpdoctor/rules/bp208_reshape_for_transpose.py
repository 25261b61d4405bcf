"""A reshape stands where axes have to be exchanged.

## What it does
The error of a transposed array is brought back to the shape of before with `reshape`, or the data, one
sample a row, get one sample a column with it.

## Why it is wrong
`reshape` keeps the order in memory and draws the borders anew; `transpose` moves entries. Both give the
shape that is wanted, but after a reshape the entries belong to other samples or units.

## Example
    da = dturned.reshape(a.shape)

## Use instead
    da = dturned.transpose(0, 2, 1)

## How it is proved
The reverse sweep is run again with one of its steps left out or done wrongly; one of
these sweeps equals your gradient to rounding error at several points, and the right one does not. Of data it is
the shapes that tell: samples stand along the first axis before, along the last one in the product with the weights,
and nothing has exchanged the two.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from bpdoctor.autodiff.mistakes import along
from bpdoctor.model.evidence import Evidence, Local, Prediction
from bpdoctor.model.examination import Examination
from bpdoctor.model.rule import Rule

LAYERS = ("", "window", "columns", "attention", "time", "skip")


def predict(local: Local) -> Iterable[Prediction]:
    """The adjoint of this place after a sweep that makes one mistake inside the layer."""
    return along(local, LAYERS, "the axes exchanged back", ("reshaped",))


def evidence(examination: Examination) -> Iterable[Evidence]:
    """Name the reshape that mixes the samples of the data."""
    for found in examination.measurements["mixed"]:
        node = examination.sites[found.site].node
        text = _transposed(node, found.before, found.after)
        yield Evidence(
            found.site,
            f"the {found.samples} samples are mixed: the data are reshaped where their axes have to be exchanged",
            label=f"from {_shape(found.before)} to {_shape(found.after)}: the entries stay in their order",
            facts=(f"each of the {found.samples} samples now consists of entries of others, and keeps its own label",),
            rewrites=((found.site, node, text),) if text else (),
        )


def _transposed(node: ast.AST, before: tuple[int, ...], after: tuple[int, ...]) -> str:
    """The expression that exchanges the axes, in place of ``a.reshape(…)`` or ``np.reshape(a, …)``; else empty."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return ""
    own = node.args[0] if node.args and ast.unparse(node.func) in ("np.reshape", "numpy.reshape") else node.func.value
    text = ast.unparse(own) if isinstance(own, ast.Name | ast.Attribute | ast.Subscript | ast.Call) else ""
    if not text or len(before) == 2:
        return text and f"{text}.T"
    return f"{text}.reshape(len({text}), -1).T" if before[0] == after[1] else f"{text}.reshape(-1, {after[0]}).T"


def _shape(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape))


_COLUMNS = """\
import numpy as np

rng = np.random.default_rng(319)
images = rng.normal(size=(30, 2, 3))
images[:15, 0] += 2
t = (np.arange(30) < 15).astype(float)[None]
X = {}
A, a = rng.normal(size=(4, 6)), np.zeros((4, 1))
B, b = rng.normal(size=(1, 4)), np.zeros((1, 1))
for step in range(80):
    h = np.tanh(A @ X + a)
    p = 1 / (1 + np.exp(-(B @ h + b)))
    loss = -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))
    d = (p - t) / 30
    dh = B.T @ d * (1 - h**2)
    B -= 0.3 * d @ h.T
    b -= 0.3 * d.sum(axis=1, keepdims=True)
    A -= 0.3 * dh @ X.T
    a -= 0.3 * dh.sum(axis=1, keepdims=True)
print(loss)
"""

VALID = (
    """\
import numpy as np

rng = np.random.default_rng(318)
X = rng.normal(size=(6, 7, 3))
t = np.sin(X[:, :2, :].sum(axis=2))
W1, W2 = 0.7 * rng.normal(size=(3, 4)), 0.5 * rng.normal(size=(7, 1))
v = rng.normal(size=(4, 2))
for step in range(50):
    a = np.tanh(X @ W1)
    turned = a.transpose(0, 2, 1)
    h = np.tanh(turned @ W2)[:, :, 0]
    y = h @ v
    loss = 0.5 * np.mean(np.sum((y - t) ** 2, axis=1))
    dy = (y - t) / len(X)
    dh = (dy @ v.T * (1 - h**2))[:, :, None]
    dturned = dh @ W2.T
    dz = dturned.transpose(0, 2, 1) * (1 - a**2)
    v -= 0.1 * h.T @ dy
    W2 -= 0.1 * np.einsum("nij,nik->jk", turned, dh)
    W1 -= 0.1 * np.einsum("nij,nik->jk", X, dz)
print(loss)
""",
    _COLUMNS.format("images.reshape(30, -1).T"),
)


INVALID = (
    """\
import numpy as np

rng = np.random.default_rng(318)
X = rng.normal(size=(6, 7, 3))
t = np.sin(X[:, :2, :].sum(axis=2))
W1, W2 = 0.7 * rng.normal(size=(3, 4)), 0.5 * rng.normal(size=(7, 1))
v = rng.normal(size=(4, 2))
for step in range(50):
    a = np.tanh(X @ W1)
    turned = a.transpose(0, 2, 1)
    h = np.tanh(turned @ W2)[:, :, 0]
    y = h @ v
    loss = 0.5 * np.mean(np.sum((y - t) ** 2, axis=1))
    dy = (y - t) / len(X)
    dh = (dy @ v.T * (1 - h**2))[:, :, None]
    dturned = dh @ W2.T
    dz = dturned.reshape(a.shape) * (1 - a**2)  # <- reshape-for-transpose
    v -= 0.1 * h.T @ dy
    W2 -= 0.1 * np.einsum("nij,nik->jk", turned, dh)
    W1 -= 0.1 * np.einsum("nij,nik->jk", X, dz)
print(loss)
""",
    _COLUMNS.format("images.reshape(-1, 30)  # <- reshape-for-transpose"),
)

RULE = Rule(
    code="BP208",
    slug="reshape-for-transpose",
    title="a reshape stands where a transpose belongs",
    severity="error",
    explanation=__doc__ or "",
    why=("a reshape keeps the order of entries in memory: the shape is right and the entries are at wrong places"),
    predict=predict,
    evidence=evidence,
    valid=VALID,
    invalid=INVALID,
    layers=(),
)
