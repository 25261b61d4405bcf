"""Expressions that the program writes nearby, with other arrays of the same shapes in them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from itertools import combinations, product

import numpy as np

from bpdoctor.fix.scope import Term, evaluated, is_numeric
from bpdoctor.fix.stretch import Scope, Stretch
from bpdoctor.fix.text import plain

_LONGEST = 60
_MOST = 400
_MOST_OTHERS = 6
_PURE = frozenset(
    {"dot", "matmul", "outer", "multiply", "sum", "mean", "reshape", "transpose", "where", "clip", "sign"}
)
Spot = tuple[int, int, str]


def analogous(stretch: Stretch, scope: Scope, terms: Sequence[Term], shape: tuple[int, ...]) -> Iterator[Term]:
    """``(Wz @ daz)[n:]`` where the function has ``(Wr @ dar)[n:]``: one or two names exchanged."""
    known = {t.text: t for t in terms}
    spent = 0
    for written, spots in _patterns(stretch, shape, scope):
        others = [(spot, _others(known, spot[2])) for spot in spots]
        for count in (1, 2):
            for chosen in combinations(others, count):
                for names in product(*(alike for _, alike in chosen)):
                    if spent >= _MOST:
                        return
                    spent += 1
                    new = _exchanged(written, [(spot, name) for (spot, _), name in zip(chosen, names, strict=True)])
                    value = evaluated(stretch, scope, new)
                    if is_numeric(value) and np.shape(value) == shape:
                        yield Term(new, value)


def _patterns(stretch: Stretch, shape: tuple[int, ...], scope: Scope) -> Iterator[tuple[str, list[Spot]]]:
    """Expressions of the function around a place that are of a shape, each with where it names an array."""
    text = stretch.text
    at = stretch.root if stretch.root is not None else stretch.before[-1]
    line, seen = at.lineno, set()
    found = [n for n in ast.walk(text.scope(at)) if isinstance(n, ast.BinOp | ast.Subscript | ast.Call) and _short(n)]
    for node in sorted(found, key=lambda n: (abs(n.lineno - line), n.col_offset)):
        written = text.of(node)
        if written in seen or (plain(node) and not any(isinstance(n, ast.BinOp) for n in ast.walk(node))):
            continue
        seen.add(written)
        value = evaluated(stretch, scope, written)
        if is_numeric(value) and np.shape(value) == shape:
            start = node.col_offset
            yield written, [(n.col_offset - start, (n.end_col_offset or 0) - start, text.of(n)) for n in _read(node)]


def _short(node: ast.expr) -> bool:
    if node.lineno != node.end_lineno or (node.end_col_offset or 0) - node.col_offset > _LONGEST:
        return False
    calls = [n.func for n in ast.walk(node) if isinstance(n, ast.Call)]
    return all(isinstance(f, ast.Attribute) and f.attr in _PURE for f in calls)


def _read(node: ast.AST) -> Iterator[ast.expr]:
    """The largest names, attributes and items of texts that an expression reads."""
    if isinstance(node, ast.Name | ast.Attribute) and not isinstance(
        getattr(node, "value", None), ast.Call | ast.BinOp
    ):
        yield node
        return
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        yield node
        return
    for child in ast.iter_child_nodes(node):
        yield from _read(child)


def _others(known: dict[str, Term], name: str) -> list[str]:
    own = known.get(name)
    if own is None or not own.shape:
        return []
    return [t.text for t in known.values() if t.shape == own.shape and t.text != name][:_MOST_OTHERS]


def _exchanged(written: str, changes: Sequence[tuple[Spot, str]]) -> str:
    for (start, end, _), name in sorted(changes, reverse=True):
        written = written[:start] + name + written[end:]
    return written
