"""Logistic units through which no error comes back: tanh, whose derivative is 1 at 0 and not a quarter."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bpdoctor.fix.remedies import Change, Remedy, Trouble
from bpdoctor.fix.text import Text
from bpdoctor.fix.zeros import last_name, numpy_name


def tanh(trouble: Trouble) -> Iterator[Change]:
    """The formula at the place, or of the function called there, and every ``a * (1 - a)`` of the file with it."""
    text, numpy = trouble.text, numpy_name(trouble.text)
    made = next(((n, z) for n in _formulas(trouble) if (z := _argument(n)) is not None), None)
    derived = [n for n in ast.walk(text.tree) if isinstance(n, ast.BinOp) and _slope(text, n) is not None]
    if made is None or not derived or not numpy:
        return
    line = f"{numpy}.tanh({text.source(made[1])})"
    edits = [text.replaced(made[0], line)]
    edits += [text.replaced(n, _slope(text, n) or "") for n in derived]
    yield Change(f"write `{line}`, and its derivative", tuple(edits))


def _formulas(trouble: Trouble) -> Iterator[ast.BinOp]:
    text, statement = trouble.text, trouble.statement
    if statement is None:
        return
    called = {last_name(n.func) for n in ast.walk(statement) if isinstance(n, ast.Call)}
    homes = [n for n in ast.walk(text.tree) if isinstance(n, ast.FunctionDef) and n.name in called]
    for home in (statement, *homes):
        yield from (n for n in ast.walk(home) if isinstance(n, ast.BinOp))


def _argument(node: ast.BinOp) -> ast.expr | None:
    """``z`` of ``1 / (1 + np.exp(-z))``."""
    below = node.right
    if not isinstance(node.op, ast.Div) or not _one(node.left) or not isinstance(below, ast.BinOp):
        return None
    power = below.right if _one(below.left) else below.left
    if not isinstance(below.op, ast.Add) or not isinstance(power, ast.Call) or last_name(power.func) != "exp":
        return None
    inner = power.args[0] if len(power.args) == 1 else None
    return inner.operand if isinstance(inner, ast.UnaryOp) and isinstance(inner.op, ast.USub) else None


def _slope(text: Text, node: ast.BinOp) -> str | None:
    """``g * (1 - a ** 2)`` for ``g * a * (1 - a)``."""
    rest, left = node.right, node.left
    if not isinstance(node.op, ast.Mult) or not isinstance(rest, ast.BinOp) or not isinstance(rest.op, ast.Sub):
        return None
    if not _one(rest.left):
        return None
    a = text.source(rest.right)
    if text.source(left) == a:
        return f"(1 - {a} ** 2)"
    if isinstance(left, ast.BinOp) and isinstance(left.op, ast.Mult) and text.source(left.right) == a:
        return f"{text.source(left.left)} * (1 - {a} ** 2)"
    return None


def _one(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value == 1


REMEDIES = (Remedy(("vanishing-gradient",), tanh),)
