"""The data is changed in place at every step, so that no two steps see the same.

## What it does
A forward function scales or centres its argument with `x -= …` or `x /= …`. The argument is the array of the
caller, so the data set itself is changed, again with every call.

## Why it is wrong
`x /= 255` inside the function divides the data set by 255 with every step. After a few the inputs are practically
zero, and the network sees other numbers in every step than in the one before and than in the test. Each gradient
is right for what its own step saw, and a gradient check passes.

## Example
    def forward(x):
        x /= 255
        return sigmoid(x @ W)

## Use instead
    def forward(x):
        x = x / 255
        return sigmoid(x @ W)

## How it is proved
An array that was there before the step is overwritten by something computed from nothing but itself and numbers,
given or drawn at random, in two recorded steps or more, and the network reads the new version. What it read in two
steps is compared: a change that leaves the array as it is the second time (centred once, centred for ever) is left
alone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from bpdoctor.model.evidence import Evidence
from bpdoctor.model.examination import Examination
from bpdoctor.model.rule import Rule

_OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}


def evidence(examination: Examination) -> Iterable[Evidence]:
    """Name the statement that changes the data."""
    for found in examination.measurements["prepared"]:
        yield Evidence(
            found.site,
            f"`{found.name}` is changed in place here at every step, and so is the data itself",
            label="changes the array of the caller",
            facts=(f"mean size of what the network reads: {found.sizes[0]:.4g}, later {found.sizes[1]:.4g}",),
            rewrites=_rebound(examination, found.site),
        )


def _rebound(examination: Examination, site: int) -> tuple[tuple[int, ast.AST, str], ...]:
    """The statement with a new array in place of the old one."""
    statement = examination.sites[site].statement or examination.sites[site].node
    if not isinstance(statement, ast.AugAssign) or not isinstance(statement.target, ast.Name):
        return ()
    sign = _OPERATORS.get(type(statement.op))
    value = ast.unparse(statement.value)
    value = value if isinstance(statement.value, ast.Constant | ast.Name | ast.Call) else f"({value})"
    name = statement.target.id
    return ((site, statement, f"{name} = {name} {sign} {value}"),) if sign else ()


_NET = """\
import numpy as np

rng = np.random.default_rng(411)
X = rng.uniform(0, 6, size=(12, 3))
t = (X[:, :1] > 3).astype(float)
W, V = rng.normal(size=(3, 4)), rng.normal(size=(4, 1))

def forward(x):
    {}
    h = np.tanh(x @ W)
    return x, h, h @ V

for step in range(30):
    x, h, y = forward(X)
    loss = np.mean((y - t) ** 2)
    d = 2 * (y - t) / len(x)
    dh = d @ V.T * (1 - h**2)
    V -= 0.1 * h.T @ d
    W -= 0.1 * x.T @ dh
print(loss)
"""

VALID = (
    _NET.format("x = x / 3"),
    _NET.format("x = x / 3 + 0.3 * rng.normal(size=x.shape)"),
    _NET.format("x = x / 3; x += 0.3 * rng.normal(size=x.shape)"),
    _NET.format("x -= x.mean(axis=0)  # the second time there is nothing left to subtract"),
)

INVALID = (
    _NET.format("x /= 3  # <- input-mutated"),
    _NET.format("x *= 1.2  # <- input-mutated"),
    _NET.format("x += 0.3 * rng.normal(size=x.shape)  # <- input-mutated"),
)

RULE = Rule(
    code="BP403",
    slug="input-mutated",
    title="data is changed in place at every step",
    severity="error",
    explanation=__doc__ or "",
    why="`x /= 3` writes into the array that was passed in, as any in-place operator does; `x = x / 3` makes a new one",
    evidence=evidence,
    valid=VALID,
    invalid=INVALID,
)
