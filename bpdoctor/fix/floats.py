"""An array of integers that is to be trained: made of floating-point numbers."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bpdoctor.fix.remedies import Change, Remedy, Trouble
from bpdoctor.fix.text import Text
from bpdoctor.fix.zeros import last_name

_TYPED = frozenset({"zeros", "ones", "full", "array", "asarray", "arange", "zeros_like", "ones_like", "full_like"})


def floating(trouble: Trouble) -> Iterator[Change]:
    """The type that is asked for, or one where none is."""
    text, statement = trouble.text, trouble.statement
    value = getattr(statement, "value", None)
    if value is None:
        return
    yield from _asked(text, value)
    for call in ast.walk(value):
        if isinstance(call, ast.Call) and last_name(call.func) in _TYPED and call.args:
            last = call.keywords[-1].value if call.keywords else call.args[-1]
            if not any(k.arg == "dtype" for k in call.keywords):
                written = f"{text.source(last)}, dtype=float"
                yield Change(f"add `dtype=float` to `{text.source(call.func)}`", (text.replaced(last, written),))
    if isinstance(value, ast.Call | ast.Name | ast.Attribute | ast.Subscript):
        written = f"{text.source(value)}.astype(float)"
    else:
        written = f"({text.source(value)}).astype(float)"
    yield Change("make it `float`", (text.replaced(value, written),))


def _asked(text: Text, value: ast.expr) -> Iterator[Change]:
    for call in ast.walk(value):
        if not isinstance(call, ast.Call):
            continue
        types = [k.value for k in call.keywords if k.arg == "dtype"]
        types += call.args if last_name(call.func) == "astype" else []
        for node in types:
            yield Change(f"write `float` in place of `{text.source(node)}`", (text.replaced(node, "float"),))


REMEDIES = (Remedy(("integer-dtype",), floating),)
