"""A column against a row: one of the two in the shape of the other, where they meet or where it is made."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from bpdoctor.fix.remedies import Change, Remedy, Trouble
from bpdoctor.fix.text import Function, Text, plain
from bpdoctor.fix.zeros import bindings

_SHAPES = re.compile(r"shape \(([\d, ]*)\) against \(([\d, ]*)\)")


def in_one_shape(trouble: Trouble) -> Iterator[Change]:
    """The targets in the shape of the outputs."""
    text, statement = trouble.text, trouble.statement
    found = next((f for fact in trouble.facts if (f := _SHAPES.search(fact))), None)
    if statement is None or found is None:
        return
    outputs, targets = (len([n for n in part.split(",") if n.strip()]) for part in found.groups())
    shaping = ".reshape(-1, 1)" if outputs > targets else ".ravel()"
    pairs = [(n.left, n.right) for n in ast.walk(statement) if isinstance(n, ast.BinOp)]
    operands = list(dict.fromkeys(side for pair in pairs for side in reversed(pair) if plain(side)))
    if _serves_all(text.function(statement)):
        return
    for operand in operands:
        yield from _where_made(text, operand, shaping)
    for operand in operands:
        written = f"{text.source(operand)}{shaping}"
        yield Change(f"write `{written}`", (text.replaced(operand, written),))


def _serves_all(home: ast.AST) -> bool:
    """Whether a function is an operator of a class: what enters it, and in which shape, is its callers' matter."""
    return isinstance(home, Function) and home.name.startswith("__") and home.name not in ("__init__", "__call__")


def _where_made(text: Text, operand: ast.expr, shaping: str) -> Iterator[Change]:
    """At the assignment of a name, or at the beginning of the function that is given it."""
    home, name = text.function(operand), text.source(operand)
    if not isinstance(operand, ast.Name):
        return
    for made in bindings(text, name, home):
        if len(made.targets) == 1 and isinstance(made.targets[0], ast.Name) and text.function(made) is home:
            value = text.source(made.value)
            whole = isinstance(made.value, ast.Name | ast.Call | ast.Attribute | ast.Subscript)
            written = f"{value if whole else f'({value})'}{shaping}"
            yield Change(f"write `{name} = {written}`", (text.replaced(made.value, written),))
    if isinstance(home, Function) and name in [a.arg for a in home.args.args]:
        line = f"{name} = {name}{shaping}"
        yield Change(f"begin with `{line}`", (text.before(home.body[0], line),))


REMEDIES = (Remedy(("broadcast-loss",), in_one_shape),)
