"""A second name is given to an array or a list where a second array is meant.

## What it does
`v = m` makes one buffer of two; `best = W` keeps no copy, only another name of what goes on changing;
`[[0.0] * n] * m` holds the same row m times; a velocity that starts as `w` starts as the weights.

## Why it is wrong
Python's assignment binds names and copies nothing. What is written through one name is read through the other: the
second moment of Adam decays the first, the best weights are the last ones, `W − W_old` is 0 at every step so that a
test of convergence is passed at once, and all rows of a matrix are updated by the gradients of all rows, the units of
the layer remaining one unit. The gradients themselves may be right throughout.

## Example
    best = W
    W -= lr * dW

## Use instead
    best = W.copy()
    W -= lr * dW

## How it is proved
Objects are followed by their identity and arrays by their memory. One of these is seen in the recorded steps: two
statements decay one buffer under different names; the difference of two names is the difference of an array with
itself; a parameter that was kept under a condition is overwritten in place and what was kept is used after the loop;
a trained row was made by repeating a list. An alias by which nothing is lost (`params = [W, b]`, `W = params[0]`) is
no finding.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any

from bpdoctor.model.evidence import Evidence
from bpdoctor.model.examination import Examination
from bpdoctor.model.rule import Rule

_SAID = {
    "rows": ("the rows of `{}` are one and the same list", "repeats one row", "a change of one row changes all"),
    "decayed": ("this is the same memory as `{}`", "a second name, no second array", "decayed here a second time"),
    "velocity": ("the velocity starts as `{}` itself", "not zeros", "which is moved by it here"),
    "difference": ("this is the same array as `{}`", "a second name, no copy", "so this difference is always 0"),
    "snapshot": ("what is kept here goes on changing with `{}`", "a second name, no copy", "overwritten in place here"),
}


def evidence(examination: Examination) -> Iterable[Evidence]:
    """Name the statement that makes the alias, and where it is felt."""
    for found in examination.measurements["aliased"]:
        message, label, seen = _SAID[found.kind]
        here = examination.sites[found.seen].line == examination.sites[found.site].line
        yield Evidence(
            found.site,
            message.format(found.name),
            label=label,
            facts=("both names stand for one object wherever they are read in the recorded steps",),
            related=() if here else ((found.seen, seen),),
            families=tuple(range(len(examination.views[0].families))) if found.kind in ("decayed", "velocity") else (),
            rewrites=_copied(examination, found),
        )


def _of_each(value: ast.AST | None, path: str) -> str:
    """A copy of each array in what is kept; ``dict(params)`` and ``params[:]`` copy the container only."""
    if path.count("[") != 1:
        return ""
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "copy":
        value = value.args[0] if value.args else value.func.value
    elif isinstance(value, ast.Call) and len(value.args) == 1:
        value = value.args[0]
    elif isinstance(value, ast.Subscript) and isinstance(value.slice, ast.Slice):
        value = value.value
    if not isinstance(value, ast.Name | ast.Attribute | ast.Subscript):
        return ""
    held = ast.unparse(value)
    whole = path[1:-1].isdigit()
    return f"[v.copy() for v in {held}]" if whole else f"{{k: v.copy() for k, v in {held}.items()}}"


def _copied(examination: Examination, found: Any) -> tuple[tuple[int, ast.AST, str], ...]:
    """A copy in the place of the second name."""
    value = getattr(examination.sites[found.site].statement, "value", None)
    if found.path:
        text = _of_each(value, found.path)
        return ((found.site, value, text),) if value is not None and text else ()
    if found.kind in ("difference", "snapshot") and isinstance(value, ast.Name | ast.Attribute | ast.Subscript):
        return ((found.site, value, f"{ast.unparse(value)}.copy()"),)
    call = examination.sites[found.site].node
    if found.kind == "velocity" and isinstance(call, ast.Call) and len(call.args) == 1:
        return ((found.site, call.args[0], f"0 * {ast.unparse(call.args[0])}"),)
    if found.kind == "rows" and isinstance(value, ast.BinOp):
        row, times = (value.left, value.right) if isinstance(value.left, ast.List) else (value.right, value.left)
        if isinstance(row, ast.List) and len(row.elts) == 1:
            text = f"[{ast.unparse(row.elts[0])} for _ in range({ast.unparse(times)})]"
            return ((found.site, value, text),)
    return ()


_ADAM = """\
import numpy as np

class Adam:
    def __init__(self, params, rate):
        self.params, self.rate, self.t = params, rate, 0
        self.m = [np.zeros_like(p) for p in params]
        self.v = {}

    def update(self, grads):
        self.t += 1
        for k, g in enumerate(grads):
            self.m[k] = 0.9 * self.m[k] + 0.1 * g
            self.v[k] = 0.99 * self.v[k] + 0.01 * g**2
            m, v = self.m[k] / (1 - 0.9**self.t), self.v[k] / (1 - 0.99**self.t)
            self.params[k] -= self.rate * m / (np.sqrt(np.abs(v)) + 1e-8)

rng = np.random.default_rng(406)
X = rng.normal(size=(16, 3))
t = np.tanh(X[:, :1] - X[:, 1:2] * X[:, 2:])
W, V = rng.normal(size=(3, 5)), rng.normal(size=(5, 1))
adam = Adam([W, V], 0.01)
for step in range(40):
    h = np.tanh(X @ W)
    y = h @ V
    loss = np.mean((y - t) ** 2)
    d = 2 * (y - t) / len(X)
    adam.update([X.T @ (d @ V.T * (1 - h**2)), h.T @ d])
print(loss)
"""

_BEST = """\
import numpy as np

rng = np.random.default_rng(407)
X = rng.normal(size=(16, 3))
t = np.tanh(X[:, :1] - X[:, 1:2])
W, V = rng.normal(size=(3, 5)), rng.normal(size=(5, 1))
params = [W, V]
least = np.inf
for step in range(60):
    W, V = params
    h = np.tanh(X @ W)
    y = h @ V
    loss = np.mean((y - t) ** 2)
    if loss < least:
        least = loss
        best = {}
    d = 2 * (y - t) / len(X)
    dV, dW = h.T @ d, X.T @ (d @ V.T * (1 - h**2))
    W -= 0.1 * dW
    V -= 0.1 * dV
print(least, np.mean((np.tanh(X @ best) @ V - t) ** 2))
"""

_ROWS = """\
import math
import random

random.seed(408)
data = [([0.2, 0.9], 1.0), ([0.8, 0.1], 0.0), ([0.5, 0.4], 1.0)]
W = {}
V = [0.4, -0.7, 0.3]
for epoch in range(50):
    for x, t in data:
        h = [math.tanh(sum(w * v for w, v in zip(row, x))) for row in W]
        y = sum(v * a for v, a in zip(V, h))
        loss = 0.5 * (y - t) ** 2
        d = y - t
        dh = [d * V[j] * (1 - h[j] ** 2) for j in range(3)]
        for j in range(3):
            V[j] -= 0.1 * d * h[j]
            for k in range(2):
                W[j][k] -= 0.1 * dh[j] * x[k]
print(loss)
"""

_OLD = """\
import numpy as np

rng = np.random.default_rng(409)
X = rng.normal(size=(20, 3))
t = X @ np.array([[1.0], [-2.0], [0.5]]) + 0.1 * rng.normal(size=(20, 1))
W = rng.normal(size=(3, 1))
for step in range(200):
    W_old = {}
    loss = np.mean((X @ W - t) ** 2)
    W -= 0.1 * 2 * X.T @ (X @ W - t) / len(X)
    if step > 1 and np.abs(W - W_old).max() < 1e-9:
        break
print(step, loss)
"""

_KEPT = """\
import numpy as np

rng = np.random.default_rng(410)
X, V = rng.normal(size=(40, 3)), rng.normal(size=(20, 3))
t, u = np.sin(X.sum(axis=1, keepdims=True)), np.sin(V.sum(axis=1, keepdims=True))
weights = [rng.normal(size=(3, 8)), np.zeros(8), rng.normal(size=(8, 1)) / 3, np.zeros(1)]

def run(x):
    h = np.tanh(x @ weights[0] + weights[1])
    return h, h @ weights[2] + weights[3]

least = np.inf
for epoch in range(40):
    for k in range(0, 40, 10):
        h, y = run(X[k:k + 10])
        e = (y - t[k:k + 10]) / 10
        loss = 5 * np.sum(e ** 2)
        d = e @ weights[2].T * (1 - h**2)
        for w, g in zip(weights, (X[k:k + 10].T @ d, d.sum(axis=0), h.T @ e, e.sum(axis=0))):
            w -= 0.1 * g
    error = np.mean((run(V)[1] - u) ** 2)
    if error < least:
        least = error
        best = {}
weights = best
print(least, np.mean((run(V)[1] - u) ** 2))
"""

_FRESH = "[[random.uniform(-1, 1) for _ in range(2)] for _ in range(3)]"

VALID = (
    _ADAM.format("[np.zeros_like(p) for p in params]"),
    _BEST.format("W.copy()"),
    _KEPT.format("[w.copy() for w in weights]"),
    _ROWS.format(_FRESH),
    _OLD.format("W.copy()"),
)

INVALID = (
    _ADAM.format("self.m  # <- aliased-state"),
    _BEST.format("W  # <- aliased-state"),
    _KEPT.format("list(weights)  # <- aliased-state"),
    _ROWS.format("[[random.uniform(-1, 1) for _ in range(2)]] * 3  # <- aliased-state"),
    _OLD.format("W  # <- aliased-state"),
)

RULE = Rule(
    code="BP406",
    slug="aliased-state",
    title="two names stand for one array where two arrays are meant",
    severity="error",
    explanation=__doc__ or "",
    why="an assignment copies nothing: what is written through one name is read through the other",
    evidence=evidence,
    valid=VALID,
    invalid=INVALID,
)
