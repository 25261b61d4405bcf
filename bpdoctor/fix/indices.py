"""Parts of arrays: the window that another line takes, and an index as a function takes it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from bpdoctor.fix.writing import Text

_MOST_WINDOWS = 8


def windows(node: ast.Subscript, text: Text) -> Iterator[tuple[float, ast.expr, str]]:
    """What a line takes a window of, with the window of another line: the nearest of its function first."""
    own = parts(node.slice)
    if not any(isinstance(part, ast.Slice) for part in own):
        return
    home = text.scope(node)
    near = _taken(home, node.lineno)
    far = (n for n in _taken(text.tree, node.lineno) if text.scope(n) is not home)
    found: dict[str, float] = {}
    for other, cost in (*((n, 1.0) for n in near), *((n, 1.25) for n in far)):
        if len(parts(other.slice)) == len(own) and any(isinstance(part, ast.Slice) for part in parts(other.slice)):
            found.setdefault(text.of(other.slice), cost)
    found.pop(text.of(node.slice), None)
    for rank, (window, cost) in enumerate(list(found.items())[:_MOST_WINDOWS]):
        yield cost + 0.01 * rank, node, f"{text.of(node.value)}[{window}]"


def _taken(home: ast.AST, line: int) -> list[ast.Subscript]:
    return sorted((n for n in ast.walk(home) if isinstance(n, ast.Subscript)), key=lambda n: abs(n.lineno - line))


def parts(index: ast.expr) -> list[ast.expr]:
    """The axes that an index tells of."""
    return index.elts if isinstance(index, ast.Tuple) else [index]


def as_argument(index: ast.expr, of: Callable[[ast.expr], str]) -> str:
    """What stands between brackets as an argument: ``:, k, i`` as ``(slice(None), k, i)``.

    Examples
    --------
    >>> index = ast.parse("a[:, k, 2:n]", mode="eval").body.slice
    >>> as_argument(index, ast.unparse)
    '(slice(None), k, slice(2, n))'
    """
    if not isinstance(index, ast.Tuple):
        return _axis(index, of)
    return f"({', '.join(_axis(part, of) for part in index.elts)}{',' if len(index.elts) == 1 else ''})"


def _axis(part: ast.expr, of: Callable[[ast.expr], str]) -> str:
    if not isinstance(part, ast.Slice):
        return of(part)
    bounds = [part.lower, part.upper, *([part.step] if part.step is not None else [])]
    said = ["None" if bound is None else of(bound) for bound in bounds]
    return f"slice({', '.join(said if part.lower is not None or part.step is not None else said[1:])})"
