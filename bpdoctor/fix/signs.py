"""Parameters that climb: the signs of their own updates turned."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bpdoctor.fix.remedies import Change, Remedy, Trouble
from bpdoctor.fix.text import Text, plain
from bpdoctor.model.source import Edit


def turned(trouble: Trouble) -> Iterator[Change]:
    """The updates of what climbs, all together and each sum in them by itself."""
    found = {u.statement: u.text for u in trouble.guilty}
    # Where all climb, it is one sign before the updates that is wrong, unless the updates are shown.
    theirs = trouble.statement in found or len(found) < len({u.statement for u in trouble.updates})
    if theirs:
        edits = [_sign(text, statement) for statement, text in found.items()]
        if all(edits):
            names = ", ".join(f"`{u.name}`" for u in trouble.guilty[:2])
            yield Change(f"turn the sign in the update of {names}", tuple(e for e in edits if e is not None))
    for node in ast.walk(trouble.place):
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and trouble.statement not in found:
            written = trouble.text.source(node.operand)
            yield Change(f"write `{written}`", (trouble.text.replaced(node, written),))
    for statement, text in found.items() if theirs else ():
        value = getattr(statement, "value", None)
        if isinstance(value, ast.ListComp | ast.Tuple | ast.DictComp | ast.Dict):
            for node in ast.walk(value):
                if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub) and plain(node.left):
                    sign = "-" if isinstance(node.op, ast.Add) else "+"
                    written = f"{text.source(node.left)} {sign} {text.source(node.right)}"
                    yield Change(f"write `{written}`", (text.between(node.left, node.right, f" {sign} "),))


def _sign(text: Text, statement: ast.stmt) -> Edit | None:
    if isinstance(statement, ast.AugAssign) and isinstance(statement.op, ast.Add | ast.Sub):
        return text.between(statement.target, statement.value, " -= " if isinstance(statement.op, ast.Add) else " += ")
    value = getattr(statement, "value", None)
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add | ast.Sub):
        return text.between(value.left, value.right, " - " if isinstance(value.op, ast.Add) else " + ")
    return None


def added(trouble: Trouble) -> Iterator[Change]:
    """The sums at a place with the other sign between their terms: a penalty added that was taken away."""
    for node in ast.walk(trouble.place):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
            sign = "-" if isinstance(node.op, ast.Add) else "+"
            written = f"{trouble.text.source(node.left)} {sign} {trouble.text.source(node.right)}"
            edit = trouble.text.between(node.left, node.right, f" {sign} ")
            if edit is not None:
                yield Change(f"write `{written}`", (edit,))


REMEDIES = (
    Remedy(("gradient-ascent",), turned),
    Remedy(("regularisation-gradient-sign",), added),
)
