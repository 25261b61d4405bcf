"""A step count that stands still: one more at every step."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bpdoctor.fix.remedies import Change, Remedy, Trouble
from bpdoctor.fix.text import Text, plain


def counted(trouble: Trouble) -> Iterator[Change]:
    """``self.t = 1`` as ``self.t += 1``."""
    text, statement = trouble.text, trouble.statement
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1 or not plain(statement.targets[0]):
        return
    if isinstance(statement.value, ast.Constant) and statement.value.value == 1:
        title = f"write `{text.source(statement.targets[0])} += 1`"
        yield Change(title, (text.between(statement.targets[0], statement.value, " += "),))


def by_a_count(trouble: Trouble) -> Iterator[Change]:
    """``1 - b1 ** 1`` with what counts the steps in place of the number."""
    text, statement = trouble.text, trouble.statement
    if statement is None:
        return
    still = {p.right.value for p in _corrections(trouble.place) if isinstance(p.right, ast.Constant)}
    alike = [p.right for s in text.block(statement) for p in _corrections(s)]
    numbers = [n for n in alike if isinstance(n, ast.Constant) and n.value in still]
    for count in dict.fromkeys(_counts(text, statement)) if numbers else ():
        yield Change(f"raise to `{count}`", tuple(text.replaced(n, count) for n in numbers))


def _corrections(node: ast.AST) -> list[ast.BinOp]:
    """The powers of all ``1 - decay ** t`` that a node holds."""
    taken = [n.right for n in ast.walk(node) if isinstance(n, ast.BinOp) and isinstance(n.op, ast.Sub)]
    return [p for p in taken if isinstance(p, ast.BinOp) and isinstance(p.op, ast.Pow)]


def _counts(text: Text, statement: ast.stmt) -> Iterator[str]:
    """What goes up by one with each step: a sum, or the variable of a loop."""
    for node in ast.walk(text.function(statement)):
        if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add) and text.source(node.value) == "1":
            yield text.source(node.target)
    for loop in text.loops(statement):
        called = loop.iter if isinstance(loop, ast.For) and isinstance(loop.target, ast.Name) else None
        if isinstance(called, ast.Call) and isinstance(loop, ast.For) and text.source(called.func) == "range":
            from_one = len(called.args) > 1 and text.source(called.args[0]) == "1"
            yield text.source(loop.target) if from_one else f"({text.source(loop.target)} + 1)"


REMEDIES = (Remedy(("optimizer-rule",), counted), Remedy(("optimizer-rule",), by_a_count))
