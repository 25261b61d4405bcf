"""Small changes of how a statement assigns: each with what it costs in likeliness."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bpdoctor.fix.indices import as_argument
from bpdoctor.fix.writing import Text


def statement_changes(statement: ast.stmt, text: Text) -> Iterator[tuple[float, int, int, str]]:
    """What is added to instead of assigned, each entry of an array as often as it is named."""
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target, value = statement.targets[0], statement.value
        if isinstance(target, ast.Subscript):
            between = text.end(target), text.start(value)
            if text.data[between[0] : between[1]].strip() == b"=":
                yield 0.6, *between, " += "
    elif isinstance(statement, ast.AugAssign):
        target, value = statement.target, statement.value
        if isinstance(statement.op, ast.Add | ast.Sub):
            sign = " -= " if isinstance(statement.op, ast.Add) else " += "
            yield 0.8, text.end(target), text.start(value), sign
    else:
        return
    if isinstance(target, ast.Subscript):
        base, key = text.of(target.value), as_argument(target.slice, text.of)
        yield 0.9, text.start(statement), text.end(statement), f"np.add.at({base}, {key}, {text.of(value)})"
