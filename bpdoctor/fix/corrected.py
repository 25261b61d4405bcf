"""Moments that an optimiser corrects for their start: the corrected ones are for this step only."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bpdoctor.fix.remedies import Change, Remedy, Trouble
from bpdoctor.fix.text import Text, plain
from bpdoctor.fix.zeros import last_name


def apart(trouble: Trouble) -> Iterator[Change]:
    """``self.m = self.m / (1 - b1 ** t)`` under a name of its own, which the rest of the step reads."""
    text, statement = trouble.text, trouble.statement
    if not isinstance(statement, ast.Assign | ast.AugAssign):
        return
    target = statement.target if isinstance(statement, ast.AugAssign) else statement.targets[0]
    block = text.block(statement)
    at = block.index(statement)
    if not plain(target) or not any(_writes(text, s, text.source(target)) for s in block[:at]):
        return
    name = f"{last_name(target)}_hat"
    if name in {n.id for n in ast.walk(text.tree) if isinstance(n, ast.Name)}:
        return
    own = text.source(target)
    read = [n for s in block[at + 1 :] for n in ast.walk(s) if plain(n) and text.source(n) == own]
    if isinstance(statement, ast.AugAssign) and isinstance(statement.op, ast.Div):
        edits = [text.replaced(statement, f"{name} = {own} / {_held(text.source(statement.value), statement.value)}")]
    elif isinstance(statement, ast.Assign) and own in {text.source(n) for n in ast.walk(statement.value) if plain(n)}:
        edits = [text.replaced(target, name)]
    else:
        return
    if read and all(isinstance(n.ctx, ast.Load) for n in read):
        yield Change(
            f"keep `{own}` as it is, and use `{name}` in this step", (*edits, *(text.replaced(n, name) for n in read))
        )


def _writes(text: Text, statement: ast.stmt, target: str) -> bool:
    found = [getattr(statement, "target", None), *getattr(statement, "targets", [])]
    return any(t is not None and text.source(t) == target for t in found)


def _held(source: str, node: ast.expr) -> str:
    return f"({source})" if isinstance(node, ast.BinOp) else source


REMEDIES = (Remedy(("optimizer-rule",), apart),)
