"""A bias that is not moved by its own gradient: what the program computes for it, or what moves its weights."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bpdoctor.fix.remedies import Change, Remedy, Trouble
from bpdoctor.fix.text import Text, plain
from bpdoctor.fix.zeros import read_in


def by_its_gradient(trouble: Trouble) -> Iterator[Change]:
    """The factors of the other updates without their inputs, then names of the round that nothing reads."""
    for statement, text in {u.statement: u.text for u in trouble.guilty}.items():
        value = getattr(statement, "value", None)
        if value is None:
            continue
        for other in trouble.updates:
            factor = getattr(other.statement, "value", None)
            if other.text is text and isinstance(statement, ast.AugAssign) and other.statement is not statement:
                yield from _without_input(text, statement, factor)
        yield from _unread(text, statement, value)


def _unread(text: Text, statement: ast.stmt, value: ast.expr) -> Iterator[Change]:
    """A variable of the loop that is not used, in the place of each name that is used twice."""
    rounds = [n.target for n in ast.walk(value) if isinstance(n, ast.comprehension)]
    rounds += [loop.target for loop in text.loops(statement) if isinstance(loop, ast.For)]
    bound = [n.id for target in rounds for n in ast.walk(target) if isinstance(n, ast.Name)]
    read = [e for e in read_in(value) if isinstance(e, ast.Name) and isinstance(e.ctx, ast.Load)]
    unread = [name for name in bound if name not in [e.id for e in read]]
    for name in unread:
        for node in reversed(read):
            if [e.id for e in read].count(node.id) > 1 or isinstance(statement, ast.AugAssign):
                yield Change(f"write `{name}`", (text.replaced(node, name),))


def _without_input(text: Text, statement: ast.AugAssign, value: ast.expr | None) -> Iterator[Change]:
    """``rate * delta * x[j]`` without ``x[j]``, ``rate * x.T @ delta`` as the sum of ``delta``."""
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Mult) and plain(value.right):
        yield _valued(text, statement, text.source(value.left))
    product = next((n for n in ast.walk(value) if _is_product(n)), None) if value is not None else None
    if isinstance(product, ast.BinOp):
        rate = text.source(product.left.left) + " * " if isinstance(product.left, ast.BinOp) else ""
        yield _valued(text, statement, f"{rate}{text.source(product.right)}.sum(axis=0)")


def _is_product(node: ast.AST) -> bool:
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult) and plain(node.right)


def _valued(text: Text, statement: ast.AugAssign, value: str) -> Change:
    return Change(f"write `{value}`", (text.replaced(statement.value, value),))


REMEDIES = (Remedy(("bias-update",), by_its_gradient),)
