"""Items beside those that a function reads: of the step before or after, and at the same index of another list."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any

_MOST = 16
_MOST_LISTS = 4
_NEXT = -0.15
_FIXED = 0.2


def items_beside(written: Sequence[str], scope: Mapping[str, Any]) -> dict[str, float]:
    """Texts and how much less likely than others they are.

    These are ``states[t]`` and ``states[t - 1]`` where ``states[t + 1]`` is read, and ``zs[-k]`` where ``hs[-k]`` is.
    At a fixed index of another list stands what is right in one round only.
    """
    out: dict[str, float] = {}
    read = [node for text in written if "[" in text for node in [_item(text)] if node is not None][:_MOST]
    for node in read:
        for index in _neighbours(node.slice):
            out.setdefault(f"{ast.unparse(node.value)}[{index}]", _NEXT)
    lists = [name for name, value in scope.items() if isinstance(value, list | tuple) and not name.startswith("_")]
    own = vars(scope["self"]) if hasattr(scope.get("self"), "__dict__") else {}
    lists += [f"self.{name}" for name, value in own.items() if isinstance(value, list | tuple)]
    for node in read:
        counted = any(isinstance(n, ast.Name) for n in ast.walk(node.slice))
        for name in lists[:_MOST] if ast.unparse(node.value) in lists else ():
            out.setdefault(f"{name}[{ast.unparse(node.slice)}]", 0.0 if counted else _FIXED)
    for item in _held(read, scope):
        out.setdefault(item, 0.0)
    return {text: cost for text, cost in out.items() if text not in written}


def _held(read: Sequence[ast.Subscript], scope: Mapping[str, Any]) -> Iterator[str]:
    """The numbers, at the place that is counted, of lists that a dictionary or an object at hand holds."""
    counters = {n.id for node in read for n in ast.walk(node.slice) if isinstance(n, ast.Name)}
    counted = [(name, scope[name]) for name in sorted(counters) if isinstance(scope.get(name), int)]
    for name, value in scope.items():
        own = value if isinstance(value, dict) else getattr(value, "__dict__", None)
        if name.startswith("_") or not isinstance(own, dict) or isinstance(value, ModuleType | type):
            continue
        lists = [(key, v) for key, v in own.items() if isinstance(key, str) and isinstance(v, list | tuple)]
        for key, v in lists[:_MOST_LISTS]:
            place = f'{name}["{key}"]' if own is value else f"{name}.{key}"
            yield from (f"{place}[{i}]" for i, at in counted if 0 <= at < len(v) and isinstance(v[at], float))


def _item(text: str) -> ast.Subscript | None:
    node = ast.parse(text, mode="eval").body
    plain = isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name | ast.Attribute)
    return node if plain and isinstance(node, ast.Subscript) else None


def _neighbours(index: ast.expr) -> Iterator[str]:
    """The numbers before and after one that is counted."""
    base, at = index, 0
    if isinstance(index, ast.BinOp) and isinstance(index.right, ast.Constant) and isinstance(index.right.value, int):
        if not isinstance(index.op, ast.Add | ast.Sub):
            return
        base, at = index.left, index.right.value if isinstance(index.op, ast.Add) else -index.right.value
    if not any(isinstance(n, ast.Name) for n in ast.walk(base)) or isinstance(base, ast.Tuple | ast.Slice):
        return
    for other in (at - 1, at + 1):
        written = ast.unparse(base)
        yield written if other == 0 else f"{written} {'-' if other < 0 else '+'} {abs(other)}"
