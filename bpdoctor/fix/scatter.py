"""Rows of an embedding that come up twice: all of their gradients added."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bpdoctor.fix.indices import as_argument
from bpdoctor.fix.remedies import Change, Remedy, Trouble
from bpdoctor.fix.text import target_of
from bpdoctor.fix.zeros import numpy_name


def added_at(trouble: Trouble) -> Iterator[Change]:
    """``dE[rows] += g`` as ``np.add.at(dE, rows, g)``."""
    text, numpy = trouble.text, numpy_name(trouble.text)
    for statement in trouble.nearby():
        target = target_of(statement)
        if numpy and isinstance(target, ast.Subscript):
            value = text.source(statement.value)  # type: ignore[attr-defined]
            less = isinstance(statement, ast.AugAssign) and isinstance(statement.op, ast.Sub)
            move = "subtract" if less else "add"
            line = f"{numpy}.{move}.at({text.source(target.value)}, {as_argument(target.slice, text.source)}, {value})"
            yield Change(f"write `{line}`", (text.replaced(statement, line),))


REMEDIES = (Remedy(("embedding-gradient",), added_at),)
