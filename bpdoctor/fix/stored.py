"""Functions that a program keeps in data: a place that calls one serves whatever is put there."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from types import FunctionType, ModuleType
from typing import Any

from bpdoctor.fix.scope import evaluated
from bpdoctor.fix.stretch import Scope, Stretch


def stored_calls(stretch: Stretch, scope: Scope) -> list[str]:
    """Calls of what is held under a name, in an attribute or in a table, each up to its bracket.

    Notes
    -----
    A formula in the place of ``self.slope(z)`` is right for one activation and wrong for the others.
    """
    parts = [*stretch.before, *([stretch.root] if stretch.root is not None else [])]
    calls = [n for part in parts for n in ast.walk(part) if isinstance(n, ast.Call)]
    return [f"{stretch.text.of(n.func)}(" for n in calls if _stored(n.func, stretch, scope)]


def replaces(stored: Sequence[str], stretch: Stretch, change: tuple[int, int, str]) -> bool:
    """Whether a change writes something new in the place of such a call; it may be left out."""
    start, end, new = change
    if new.strip("() ") in stretch.text.data[start:end].decode():
        return False
    return bool(stored) and not all(call in stretch.written(change) for call in stored)


def _stored(called: ast.expr, stretch: Stretch, scope: Scope) -> bool:
    value = evaluated(stretch, scope, stretch.text.of(called))
    inner = getattr(value, "__func__", value)
    if not isinstance(inner, FunctionType) or "__bp__" not in inner.__globals__:
        return False
    if isinstance(called, ast.Name):
        return called.id not in set(_defined(stretch))
    if isinstance(called, ast.Attribute):
        owner = evaluated(stretch, scope, stretch.text.of(called.value))
        if isinstance(owner, ModuleType | type):
            return False
        own = isinstance(called.value, ast.Name) and called.value.id in ("self", "cls")
        return not own or called.attr in _held(owner)
    return isinstance(called, ast.Subscript)


def _held(owner: Any) -> dict[str, Any]:
    return getattr(owner, "__dict__", {})


def _defined(stretch: Stretch) -> Iterator[str]:
    """Names of the file's own functions: defined, imported, or once set to a lambda."""
    for node in ast.walk(stretch.text.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name for alias in node.names)
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
            yield from (t.id for t in node.targets if isinstance(t, ast.Name))
