"""Clipping of the gradient that does not limit it.

## What it does
The bounds are swapped (`np.clip(g, 5, -5)`), or the rescaling by norm is turned round: it is applied
when the norm is *below* the limit, or multiplies by `norm / limit`, or the sum of squares stands where
its root belongs.

## Why it is wrong
Clipping leaves a short gradient as it is and shortens a long one to the limit: `g · min(1, c/‖g‖)`, a
factor that is never above 1. With the bounds swapped NumPy answers the upper one for every entry,
whatever the gradient. With the condition or the quotient turned, a gradient becomes longer:
exactly where the steps were too long already, or where training was about to settle. With the square of
the norm, `g · c/‖g‖²`, a long gradient is left with the length `c/‖g‖`: the longer it was, the shorter.

## Example
    if norm < limit:
        g = g * (limit / norm)

## Use instead
    if norm > limit:
        g = g * (limit / norm)

## How it is proved
The factor and the bounds are read off the recorded steps, on the way from the gradient to the parameter.
A rescaling without a condition is taken for a normalisation and left alone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any

from bpdoctor.model.evidence import Evidence
from bpdoctor.model.examination import Examination
from bpdoctor.model.rule import Rule
from bpdoctor.syntax.variants import exchanged


def evidence(examination: Examination) -> Iterable[Evidence]:
    """Name clippings that clip nothing."""
    every = [examination.sites[found.site].node for found in examination.measurements["clipping"]]
    for found in examination.measurements["clipping"]:
        own = examination.sites[found.site].node
        if any(node is not own and any(part is own for part in ast.walk(node)) for node in every):
            continue  # a part of what is told as a whole
        if found.kind == "swapped":
            yield Evidence(
                found.site,
                f"clipped to at least {found.low:g} and at most {found.high:g}: every entry becomes {found.high:g}",
                label="the lower bound is above the upper one",
                facts=(f"every entry of the clipped gradient is {found.high:g}",),
                related=((found.update, "applied here"),),
                rewrites=_exchanged(examination.sites[found.site], found),
            )
        elif found.kind == "squared":
            site = examination.sites[found.site]
            rooted = f"{site.text} ** 0.5" if isinstance(site.node, ast.Call | ast.Name) else f"({site.text}) ** 0.5"
            yield Evidence(
                found.site,
                f"this clipping leaves a gradient of length {found.low:.4g} where the limit is {found.high:.4g}",
                label="the square of the length",
                facts=("the limit is divided by the sum of squares: the longer a gradient, the shorter it becomes",),
                related=((found.update, "shortened here"),),
                rewrites=((found.site, site.node, rooted),),
            )
        else:
            yield Evidence(
                found.site,
                f"this clipping makes the gradient {found.low:.4g} times as long",
                label="a factor above 1",
                facts=(f"at a recorded step the factor is {found.low:.6g}; a clipping's is never above 1",),
                related=((found.update, "applied here"),),
                rewrites=_inverted(examination.sites[found.site]),
            )


def _exchanged(site: Any, found: Any) -> tuple[tuple[int, Any, str], ...]:
    """The call with its bounds in order."""
    node = site.node
    if not isinstance(node, ast.Call):
        return ()
    args = [ast.unparse(a) for a in node.args]
    rest = [f"{k.arg}={ast.unparse(k.value)}" for k in node.keywords]
    at = len(args) - 2
    if at < 0 or any(k.arg in ("min", "max", "a_min", "a_max") for k in node.keywords):
        return ()
    args[at], args[at + 1] = args[at + 1], args[at]
    return ((site.index, node, f"{ast.unparse(node.func)}({', '.join([*args, *rest])})"),)


_TURNED = {ast.Lt: ">", ast.LtE: ">", ast.Gt: "<", ast.GtE: "<"}

_OTHER = {"max": "min", "min": "max", "maximum": "minimum", "minimum": "maximum"}


def _inverted(site: Any) -> tuple[tuple[int, Any, str], ...]:
    """The size and its limit exchanged, a choice of the larger for the smaller, or the comparison turned."""
    if isinstance(site.node, ast.Compare):
        return ((site.index, site.node, _turned(site.node)),) if type(site.node.ops[0]) in _TURNED else ()
    out: list[tuple[int, Any, str]] = []
    conditions = [n for n in ast.walk(ast.parse(site.source.text)) if isinstance(n, ast.If)]
    for branch in conditions:
        test, inside = branch.test, branch.lineno <= site.line <= (branch.body[-1].end_lineno or 0)
        if inside and isinstance(test, ast.Compare) and len(test.ops) == 1 and type(test.ops[0]) in _TURNED:
            size, limit = test.left, test.comparators[0]
            text = exchanged(site.node, size, limit)
            # Of a part of the quotient nothing can be told: the comparison may well be right.
            whole = {ast.unparse(n) for n in ast.walk(site.node)} >= {ast.unparse(size), ast.unparse(limit)}
            if text or whole:
                out.append((site.index, site.node, text) if text else (site.index, test, _turned(test)))
    for node in ast.walk(site.node):
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in _OTHER:
            prefix, dot, which = ast.unparse(node.func).rpartition(".")
            out.append((site.index, node.func, f"{prefix}{dot}{_OTHER[which]}"))
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            out.append((site.index, node, f"{ast.unparse(node.right)} / {ast.unparse(node.left)}"))
    return tuple(out)


def _turned(test: ast.Compare) -> str:
    return f"{ast.unparse(test.left)} {_TURNED[type(test.ops[0])]} {ast.unparse(test.comparators[0])}"


VALID = (
    """\
import numpy as np

def clipped(grads, limit):
    norm = np.sqrt(sum(float(np.sum(g * g)) for g in grads))
    if norm > limit:
        return [g * (limit / norm) for g in grads]
    return grads

rng = np.random.default_rng(321)
X = 3 * rng.normal(size=(12, 2))
t = X[:, :1] ** 2 - X[:, 1:]
W, b = rng.normal(size=(2, 6)), np.zeros(6)
V, c = rng.normal(size=(6, 1)), np.zeros(1)
for step in range(60):
    h = np.tanh(X @ W + b)
    y = h @ V + c
    loss = np.mean((y - t) ** 2)
    d = 2 * (y - t) / len(X)
    dh = d @ V.T * (1 - h**2)
    grads = clipped([X.T @ dh, dh.sum(axis=0), h.T @ d, d.sum(axis=0)], 2.0)
    for p, g in zip((W, b, V, c), grads):
        p -= 0.05 * g
print(loss)
""",
    """\
import numpy as np

rng = np.random.default_rng(324)
X = 3 * rng.normal(size=(12, 2))
t = X[:, :1] ** 2 - X[:, 1:]
p = {"W": rng.normal(size=(2, 6)), "V": rng.normal(size=(6, 1))}
most = 0.5
for step in range(60):
    h = np.tanh(X @ p["W"])
    y = h @ p["V"]
    loss = np.mean((y - t) ** 2)
    d = 2 * (y - t) / len(X)
    for name, g in {"W": X.T @ (d @ p["V"].T * (1 - h**2)), "V": h.T @ d}.items():
        length = np.linalg.norm(g)
        if length > most:
            g = most * g / length
        p[name] -= 0.05 * g
print(loss)
""",
    """\
import numpy as np

rng = np.random.default_rng(322)
X = rng.normal(size=(15, 3))
t = np.sin(X @ np.array([[1.0], [2.0], [-1.0]]))
W, V = rng.normal(size=(3, 5)), rng.normal(size=(5, 1))
for step in range(80):
    h = np.tanh(X @ W)
    y = h @ V
    loss = np.mean((y - t) ** 2)
    d = 2 * (y - t) / len(X)
    gV, gW = h.T @ d, X.T @ (d @ V.T * (1 - h**2))
    W -= 0.02 * np.clip(gW, -0.5, 0.5)
    V -= 0.02 * np.clip(gV, -0.5, 0.5)
print(loss)
""",
)

INVALID = (
    VALID[1].replace("most * g / length", "length * g / most  # <- gradient-clipping").replace("0.05 * g", "1e-4 * g"),
    """\
import numpy as np

rng = np.random.default_rng(323)
X = 3 * rng.normal(size=(12, 2))
t = X[:, :1] ** 2 - X[:, 1:]
p = {"W": rng.normal(size=(2, 6)), "b": np.zeros(6), "V": rng.normal(size=(6, 1)), "c": np.zeros(1)}
for step in range(60):
    h = np.tanh(X @ p["W"] + p["b"])
    y = h @ p["V"] + p["c"]
    loss = np.mean((y - t) ** 2)
    d = 2 * (y - t) / len(X)
    dh = d @ p["V"].T * (1 - h**2)
    g = {"W": X.T @ dh, "b": dh.sum(axis=0), "V": h.T @ d, "c": d.sum(axis=0)}
    length = sum(float(np.sum(x * x)) for x in g.values())  # <- gradient-clipping
    if length > 2.0:
        for x in g.values():
            x *= 2.0 / length
    for name in p:
        p[name] -= 0.05 * g[name]
print(loss)
""",
    """\
import numpy as np

def clipped(grads, limit):
    norm = np.sqrt(sum(float(np.sum(g * g)) for g in grads))
    if norm > limit:
        return [g * (norm / limit) for g in grads]  # <- gradient-clipping
    return grads

rng = np.random.default_rng(321)
X = 3 * rng.normal(size=(12, 2))
t = X[:, :1] ** 2 - X[:, 1:]
W, b = rng.normal(size=(2, 6)), np.zeros(6)
V, c = rng.normal(size=(6, 1)), np.zeros(1)
for step in range(60):
    h = np.tanh(X @ W + b)
    y = h @ V + c
    loss = np.mean((y - t) ** 2)
    d = 2 * (y - t) / len(X)
    dh = d @ V.T * (1 - h**2)
    grads = clipped([X.T @ dh, dh.sum(axis=0), h.T @ d, d.sum(axis=0)], 2.0)
    for p, g in zip((W, b, V, c), grads):
        p -= 0.0005 * g
print(loss)
""",
    """\
import numpy as np

rng = np.random.default_rng(322)
X = rng.normal(size=(15, 3))
t = np.sin(X @ np.array([[1.0], [2.0], [-1.0]]))
W, V = rng.normal(size=(3, 5)), rng.normal(size=(5, 1))
for step in range(80):
    h = np.tanh(X @ W)
    y = h @ V
    loss = np.mean((y - t) ** 2)
    d = 2 * (y - t) / len(X)
    gV, gW = h.T @ d, X.T @ (d @ V.T * (1 - h**2))
    W -= 0.02 * gW
    V -= 0.02 * np.clip(gV, 0.5, -0.5)  # <- gradient-clipping
print(loss)
""",
)

RULE = Rule(
    code="BP511",
    slug="gradient-clipping",
    title="clipping that does not limit the gradient",
    severity="error",
    explanation=__doc__ or "",
    why="clipping multiplies by min(1, limit/norm), which is never above 1, and keeps every entry between its bounds",
    evidence=evidence,
    valid=VALID,
    invalid=INVALID,
)
