"""What can be written at a place: names, items and small expressions of the user's own, with their values there."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from types import FunctionType
from typing import Any

import numpy as np

from bpdoctor.fix.items import items_beside
from bpdoctor.fix.stretch import Scope, Stretch
from bpdoctor.model.record import record

Value = Any
_LONGEST = 48
_MOST = 80
_MOST_ITEMS = 12
_CHANCE = 0.2
_FORGOTTEN = -0.4
_READ = (ast.Name, ast.Attribute, ast.Subscript)


@record(eq=False)
class Term:
    """A text that can be written at the guilty place, and its value there.

    `chance` is what a whole number costs that may equal another by chance: a size, where nothing is counted by it;
    what the function computes and never reads is likelier than others.
    """

    text: str
    value: Value
    chance: float = 0.0

    @property
    def shape(self) -> tuple[int, ...]:
        return np.shape(self.value)


def terms_in_scope(stretch: Stretch, scope: Scope) -> list[Term]:
    """Numbers and arrays that the function names, nearest to the guilty expression first.

    Notes
    -----
    What the function itself writes comes first, in the user's own words; then its other names, and what the
    object or a dictionary at hand holds.
    """
    out: dict[str, Term] = {}
    counts = stretch.text.counts()
    written = list(_written(stretch))
    forgotten = _unread(stretch)
    beside = items_beside(written, scope)
    passing = _passing(stretch)
    bound = (text for text in _bound(scope) if text.partition("[")[0] not in passing)
    for text in dict.fromkeys([*written, *beside, *_beside(written, scope), *bound]):
        value = evaluated(stretch, scope, text)
        if is_numeric(value) and len(out) < _MOST:
            whole = not np.shape(value) and float(value).is_integer() and not text.startswith("len(")
            chance = _CHANCE if whole and text not in counts else 0.0
            chance += beside.get(text, 0.0)
            out[text] = Term(text, value, _FORGOTTEN if text in forgotten and np.shape(value) else chance)
    return list(out.values())


def _unread(stretch: Stretch) -> set[str]:
    """Names that the function around a place gives to something, and reads nowhere."""
    at = stretch.root if stretch.root is not None else stretch.before[-1]
    names = [n for n in ast.walk(stretch.text.scope(at)) if isinstance(n, ast.Name)]
    return {n.id for n in names if isinstance(n.ctx, ast.Store)} - {n.id for n in names if isinstance(n.ctx, ast.Load)}


def _passing(stretch: Stretch) -> set[str]:
    """Names that loops of the script around a function go through: what they hold by now is chance in there."""
    at = stretch.root if stretch.root is not None else stretch.before[-1]
    tree = stretch.text.tree
    if stretch.text.scope(at) is tree:
        return set()
    loops = [n for n in ast.walk(tree) if isinstance(n, ast.For) and stretch.text.scope(n) is tree]
    return {n.id for loop in loops for n in ast.walk(loop.target) if isinstance(n, ast.Name)}


def evaluated(stretch: Stretch, scope: Scope, text: str) -> Value:
    """The value of a text at a place, None where it has none."""
    try:
        return eval(stretch.compiled(f"({text})".encode(), "eval"), scope)
    except Exception:  # the user's own code is called, which may raise anything
        return None


def is_numeric(value: Value) -> bool:
    """Whether a value is a number or an array of numbers."""
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "fiub" and value.size > 0
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)


def _written(stretch: Stretch) -> Iterator[str]:
    """What the function around a place reads, and of its object what the class reads elsewhere."""
    text = stretch.text
    at = stretch.root if stretch.root is not None else stretch.before[-1]
    body = text.scope(at)
    line = at.lineno
    found = [n for n in ast.walk(body) if _simple(n)]
    # What is assigned after the place is there only from a round before.
    for node in sorted(found, key=lambda n: (n.lineno > line, abs(n.lineno - line), n.col_offset)):  # type: ignore[attr-defined]
        yield text.of(node)
    owner = next((n for n in text.above(at) if isinstance(n, ast.ClassDef)), None)
    for node in ast.walk(owner) if owner is not None else ():
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":
            yield text.of(node)


def _simple(node: ast.AST) -> bool:
    """A name, an attribute or an item, ``len(x)`` or a difference from 1; nothing that acts."""
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id == "len" and len(node.args) == 1
    if not isinstance(node, _READ) or (node.end_col_offset or 0) - node.col_offset > _LONGEST:
        return False
    if node.lineno != node.end_lineno or any(isinstance(n, ast.Call | ast.Lambda) for n in _inside(node)):
        return False
    return not (isinstance(node, ast.Subscript) and any(isinstance(n, ast.Slice) for n in ast.walk(node.slice)))


def _inside(node: ast.AST) -> Iterator[ast.AST]:
    """Nodes of an expression, but for ``str(i)`` in a key."""
    for n in ast.walk(node):
        if not (isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id == "str"):
            yield n


def _beside(written: Sequence[str], scope: Scope) -> Iterator[str]:
    """What the same dictionaries hold."""
    bases = dict.fromkeys(text.partition("[")[0] for text in written if "[" in text)
    for base in bases:
        held = scope.get(base)
        if isinstance(held, dict) and len(held) <= _MOST_ITEMS:
            yield from (f'{base}["{key}"]' for key, v in held.items() if isinstance(key, str) and is_numeric(v))


def _bound(scope: Scope) -> Iterator[str]:
    """Names, and the items that dictionaries of numbers hold under texts."""
    owned = [(f"self.{name}", value) for name, value in getattr(scope.get("self"), "__dict__", {}).items()]
    for name, value in [*owned, *scope.items()]:
        if name.startswith("__") or "._" in name:
            continue
        if isinstance(value, dict) and len(value) <= _MOST_ITEMS:
            yield from (f'{name}["{key}"]' for key, v in value.items() if isinstance(key, str) and is_numeric(v))
        elif is_numeric(value):
            yield name


def functions_in_scope(scope: Scope) -> list[tuple[str, FunctionType]]:
    """The user's own functions of one argument; what an object was given is called by the name that it has there."""
    held = getattr(scope.get("self"), "__dict__", {})
    named = [*((f"self.{name}", value) for name, value in held.items()), *scope.items()]
    out: dict[FunctionType, str] = {}
    for name, value in named:
        if isinstance(value, FunctionType) and "__bp__" in value.__globals__:
            code = value.__code__
            if code.co_argcount - len(value.__defaults__ or ()) <= 1 <= code.co_argcount:
                out.setdefault(value, name)
    return [(name, value) for value, name in out.items()]
