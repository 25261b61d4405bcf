"""A softmax that adds up over the wrong axis: the axis of its sum."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from bpdoctor.fix.remedies import Change, Remedy, Trouble
from bpdoctor.fix.text import Text
from bpdoctor.fix.zeros import bindings, last_name

_WANTED = re.compile(r"of shape \(([\d, ]*)\) is .* not over axis (\d+)")


def over_classes(trouble: Trouble) -> Iterator[Change]:
    """Sums of the quotient, or of the names in it, over the axis that is needed, which is kept."""
    text, statement, found = trouble.text, trouble.statement, _WANTED.search(trouble.message)
    if statement is None or found is None:
        return
    dimensions, axis = len([n for n in found[1].split(",") if n.strip()]), int(found[2])
    named = [n.id for n in ast.walk(statement) if isinstance(n, ast.Name)]
    made = [b for name in named for b in bindings(text, name, text.function(statement))]
    for place in (trouble.place, statement, *made):
        sums = [c for c in ast.walk(place) if isinstance(c, ast.Call) and last_name(c.func) == "sum"]
        for call in sums:
            written = _over(text, call, axis, dimensions)
            if written != text.source(call):
                yield Change(f"write `{written}`", (text.replaced(call, written),))


def _over(text: Text, call: ast.Call, axis: int, dimensions: int) -> str:
    """The sum over an axis, counted from the end where the program does so."""
    method = isinstance(call.func, ast.Attribute) and not _is_module(text, call.func.value)
    operands = [] if method else [text.source(call.args[0])]
    given = [text.source(k.value) for k in call.keywords if k.arg == "axis"]
    given += [text.source(a) for a in call.args[len(operands) :][:1]]
    shown = axis - dimensions if any(g.startswith("-") for g in given) else axis
    arguments = [*operands, f"axis={shown}", "keepdims=True"]
    return f"{text.source(call.func)}({', '.join(arguments)})"


def _is_module(text: Text, node: ast.expr) -> bool:
    modules = {a.asname or a.name for n in ast.walk(text.tree) if isinstance(n, ast.Import) for a in n.names}
    return isinstance(node, ast.Name) and node.id in modules


REMEDIES = (Remedy(("softmax-axis",), over_classes),)
