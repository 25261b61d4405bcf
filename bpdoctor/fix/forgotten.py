"""A memory that is set to zero at every step: left as the step before left it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bpdoctor.fix.remedies import Change, Remedy, Trouble
from bpdoctor.fix.text import plain, target_of
from bpdoctor.fix.zeros import last_name


def kept(trouble: Trouble) -> Iterator[Change]:
    """``v = 0`` taken out where it stands above the statement that goes on with ``v``."""
    text, statement = trouble.text, trouble.statement
    if statement is None:
        return
    block = text.block(statement)
    read = {text.source(n) for n in ast.walk(statement) if plain(n)}
    for cleared in block[: block.index(statement) + 1]:
        target = target_of(cleared)
        zero = isinstance(cleared, ast.Assign) and plain(target) and _zero(cleared.value)
        if zero and target is not None and (cleared is statement or text.source(target) in read):
            yield Change(f"take out `{text.source(cleared)}`", (text.removed(cleared),))


def _zero(value: ast.expr) -> bool:
    if isinstance(value, ast.Call):
        return last_name(value.func).startswith("zeros")
    return isinstance(value, ast.Constant) and value.value == 0


REMEDIES = (Remedy(("optimizer-state-reset",), kept),)
