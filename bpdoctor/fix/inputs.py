"""Units that are driven to the ends of their range by what they are given: inputs of a usual size."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bpdoctor.fix.products import products_in
from bpdoctor.fix.remedies import Change, Remedy, Trouble
from bpdoctor.fix.settings import bound
from bpdoctor.fix.text import Text
from bpdoctor.fix.zeros import bindings


def standardised(trouble: Trouble) -> Iterator[Change]:
    """The data that the layer is given, with mean 0 and deviation 1 for each input."""
    text, statement = trouble.text, trouble.statement
    if statement is None:
        return
    home = text.function(statement)
    read = [n.id for n in ast.walk(statement) if isinstance(n, ast.Name)]
    made = [s for name in read for s in bindings(text, name, home) if text.function(s) is home]
    given = [p.inputs for s in dict.fromkeys([statement, *made]) for p in products_in(s)]
    for name in dict.fromkeys(n for operand in given for n in _data(text, operand)):
        first = [b for b in bindings(text, name) if text.function(b) is text.tree and not text.loops(b)]
        if first:
            line = f"{name} = ({name} - {name}.mean(axis=0)) / {name}.std(axis=0)"
            yield Change(f"add `{line}`", (text.after(first[-1], line),))


def _data(text: Text, operand: ast.expr, depth: int = 0) -> Iterator[str]:
    """Names of the module that reach an operand through arguments."""
    if isinstance(operand, ast.Name) and depth < 4:
        if text.function(operand) is text.tree:
            yield operand.id
        else:
            for value in bound(text, operand):
                yield from _data(text, value, depth + 1)


REMEDIES = (Remedy(("saturation", "dead-relu"), standardised),)
