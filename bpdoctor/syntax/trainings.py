"""Where a text trains again: statements that move something by a rate, in loops of their own."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable

_HANDED_ON = 2  # as a fraction is from an argument to an attribute
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


def trained_lines(text: str, updates: Collection[int]) -> frozenset[int]:
    """All lines of the loops, or of the functions, in which these updates stand: what belongs to their training."""
    tree = ast.parse(text)
    out = set(updates)
    for outer in [tree, *(n for n in ast.walk(tree) if isinstance(n, _SCOPES[:2]))]:
        for line in updates:
            around = [s for s in _own(outer) if s.lineno <= line <= (s.end_lineno or s.lineno)]
            loops = [s for s in around if isinstance(s, ast.For | ast.While)]
            if loops:
                out |= set(range(loops[0].lineno, (loops[0].end_lineno or 0) + 1))
            elif around and isinstance(outer, _SCOPES[:2]):
                out |= set(range(outer.lineno, (outer.end_lineno or 0) + 1))
    return frozenset(out)


def trains_elsewhere(text: str, known: Collection[int]) -> bool:
    """Whether a loop that has none of these lines moves something by a rate."""
    tree = ast.parse(text)
    numbers = _numbers(tree)
    loops = (n for n in ast.walk(tree) if isinstance(n, ast.For | ast.While))
    return any(
        _moves(statement, numbers)
        for loop in loops
        if not set(range(loop.lineno, (loop.end_lineno or 0) + 1)) & set(known)
        for statement in _own(loop)
    )


def _own(outer: ast.AST) -> Iterable[ast.stmt]:
    """The statements of a scope, the outer ones first, without those of functions within it."""
    pending = list(getattr(outer, "body", [])) + list(getattr(outer, "orelse", []))
    while pending:
        statement = pending.pop(0)
        yield statement
        if not isinstance(statement, _SCOPES):
            inner = [n for n in ast.iter_child_nodes(statement) if isinstance(n, ast.stmt)]
            pending += inner


def _numbers(tree: ast.AST) -> frozenset[str]:
    """Names that are given a fraction somewhere: assigned, as a default or an argument, or by another such name."""
    given: dict[str, None] = {}
    pairs: list[tuple[str, ast.expr]] = []
    for n in ast.walk(tree):
        if isinstance(n, ast.Assign):
            pairs += [pair for target in n.targets for pair in _bound(target, n.value)]
        elif isinstance(n, ast.AnnAssign) and n.value is not None:
            pairs += _bound(n.target, n.value)
        elif isinstance(n, ast.arguments):
            named = [*n.posonlyargs, *n.args]
            pairs += [(a.arg, d) for a, d in zip(reversed(named), reversed(n.defaults), strict=False)]
            pairs += [(a.arg, d) for a, d in zip(n.kwonlyargs, n.kw_defaults, strict=True) if d is not None]
        elif isinstance(n, ast.keyword) and n.arg is not None:
            pairs.append((n.arg, n.value))
    for _ in range(_HANDED_ON):
        given.update((name, None) for name, value in pairs if _is_fraction(value) or _last(value) in given)
    return frozenset(given)


def _bound(target: ast.expr, value: ast.expr) -> list[tuple[str, ast.expr]]:
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
        return [(_last(t), v) for t, v in zip(target.elts, value.elts, strict=True)]
    return [(_last(target), value)]


def _is_fraction(value: ast.expr) -> bool:
    """Whether a number may be a rate; what begins at 0 adds up."""
    return isinstance(value, ast.Constant) and isinstance(value.value, float) and bool(value.value)


def _last(node: ast.expr) -> str:
    """The last part of a name: ``rate`` of ``self.rate``."""
    return ast.unparse(node).rpartition(".")[2]


def _moves(statement: ast.stmt, numbers: Collection[str]) -> bool:
    """``W -= rate * …`` or ``W = W - rate * …``."""
    if isinstance(statement, ast.AugAssign) and isinstance(statement.op, ast.Sub | ast.Add):
        return _rated(statement.value, numbers)
    if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.BinOp):
        value = statement.value
        same = ast.unparse(value.left) in map(ast.unparse, statement.targets)
        return same and isinstance(value.op, ast.Sub | ast.Add) and _rated(value.right, numbers)
    return False


def _rated(value: ast.expr, numbers: Collection[str]) -> bool:
    """Whether a product has a rate among its factors."""
    if not isinstance(value, ast.BinOp) or not isinstance(value.op, ast.Mult | ast.MatMult | ast.Div):
        return False
    factors: list[ast.expr] = [value]
    while any(isinstance(f, ast.BinOp) for f in factors):
        factors = [part for f in factors for part in ((f.left, f.right) if isinstance(f, ast.BinOp) else (f,))]
    return any(_is_fraction(f) or _last(f) in numbers for f in factors)
