"""Units that are off or at the end of their range because their biases begin far out: biases that begin at 0."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bpdoctor.fix.remedies import Change, Remedy, Trouble
from bpdoctor.fix.settings import values_of
from bpdoctor.fix.text import Text, plain
from bpdoctor.fix.zeros import bindings, last_name, numpy_name

_SIZE_AT = {"full": 0, "ones": 0, "empty": 0, "linspace": 2}
_NO_SIZE = frozenset({"zeros", "zeros_like"})


def at_zero(trouble: Trouble) -> Iterator[Change]:
    """The first values of what is added to the layer's product written as zeros."""
    text, numpy = trouble.text, numpy_name(trouble.text)
    for name in dict.fromkeys(_added(trouble)) if numpy else ():
        for value in values_of(text, name):
            if isinstance(value, ast.BinOp | ast.Call) and not _zeros(value) and not _read_in(value, name, text):
                line = f"{numpy}.zeros({_size(text, value)})" if _size(text, value) else ""
                line = line or f"{numpy}.zeros_like({text.source(value)})"
                yield Change(f"write `{line}`", (text.replaced(value, line),))


def _added(trouble: Trouble) -> Iterator[ast.expr]:
    """Names that a sum with a product reads, in the statement shown and in those that make what it reads."""
    text, statement = trouble.text, trouble.statement
    if statement is None:
        return
    home = text.function(statement)
    read = [text.source(n) for n in ast.walk(statement) if plain(n) and isinstance(n.ctx, ast.Load)]
    made = [s for name in read for s in bindings(text, name, home) if text.function(s) is home]
    for each in dict.fromkeys([statement, *made]):
        for node in ast.walk(each):
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
                yield from (side for side in (node.right, node.left) if plain(side))


def _read_in(value: ast.expr, name: ast.expr, text: Text) -> bool:
    """Whether a value is another one of the same name: an update."""
    return any(plain(n) and text.source(n) == text.source(name) for n in ast.walk(value))


def _zeros(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and last_name(value.func) in _NO_SIZE


def _size(text: Text, value: ast.expr) -> str:
    """The size that an array is made with: given by name, or where the function expects it."""
    for call in (n for n in ast.walk(value) if isinstance(n, ast.Call)):
        at = _SIZE_AT.get(last_name(call.func), len(call.args))
        named = [k.value for k in call.keywords if k.arg in ("size", "shape")]
        for size in (*named, *call.args[at : at + 1]):
            return text.source(size)
    return ""


REMEDIES = (Remedy(("dead-relu", "saturation"), at_zero),)
