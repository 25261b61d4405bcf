"""Units of a ReLU that are 0 from the first step on: biases that start at zero."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bpdoctor.fix.remedies import Change, Remedy, Trouble
from bpdoctor.fix.settings import values_of
from bpdoctor.fix.text import Text, plain
from bpdoctor.fix.zeros import bindings, last_name, numpy_name

_SHAPED = frozenset({"full", "ones", "empty"})


def unbiased(trouble: Trouble) -> Iterator[Change]:
    """What is added to the products of the layer, set to zero where it is made."""
    text, statement, numpy = trouble.text, trouble.statement, numpy_name(trouble.text)
    if statement is None or not numpy:
        return
    home = text.function(statement)
    read = [text.source(n) for n in ast.walk(statement) if plain(n) and isinstance(n.ctx, ast.Load)]
    made = [s for name in read for s in bindings(text, name, home)]
    for summand in _summands([statement, *made]):
        for value in values_of(text, summand):
            if not _read_in(value, text.source(summand), text) and last_name(getattr(value, "func", value)) != "zeros":
                zeros = _zeros(text, value, numpy)
                yield Change(f"write `{zeros}`", (text.replaced(value, zeros),))


def _summands(statements: list[ast.stmt]) -> Iterator[ast.expr]:
    for statement in dict.fromkeys(statements):
        for node in ast.walk(statement):
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
                yield from (side for side in (node.right, node.left) if plain(side))


def _read_in(value: ast.expr, name: str, text: Text) -> bool:
    """Whether a value is another one of the same name: an update."""
    return any(plain(n) and text.source(n) == name for n in ast.walk(value))


def _zeros(text: Text, value: ast.expr, numpy: str) -> str:
    """Zeros as many as a value has entries, by the size that its own text gives."""
    if isinstance(value, ast.Call):
        called = last_name(value.func)
        sizes = [k.value for k in value.keywords if k.arg in ("size", "shape")]
        if not sizes and called in _SHAPED and value.args:
            sizes = value.args[:1]
        if not sizes and called == "linspace" and len(value.args) == 3:
            sizes = value.args[2:]
        if sizes:
            return f"{numpy}.zeros({text.source(sizes[0])})"
    return f"{numpy}.zeros_like({text.source(value)})"


REMEDIES = (Remedy(("dead-relu",), unbiased),)
