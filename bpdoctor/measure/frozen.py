"""Updates that stand in the text under a condition which is never met: what they would train is frozen on purpose."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache

from bpdoctor.model.examination import Examination

_LOOPS = (ast.For, ast.While)
_STEPS = (ast.Add, ast.Sub)
Written = tuple[int, str, str]
"""The line of an update, what it updates as it is written, and the condition above it."""


def frozen(examination: Examination, site: int, name: str) -> str:
    """Where the text updates what a place calls `name`, and under which condition; empty where it does so nowhere.

    The condition is a setting, not what a loop counts: an update at every tenth step is made at some.
    """
    last = _last(name)
    for line, target, test in _conditional(examination.sites[site].source.text):
        if _last(target) == last:
            return f"line {line} updates `{target}` where `{test}`"
    return ""


def _last(name: str) -> str:
    """What a name ends with: its attribute, or its key."""
    return name.replace('"', "'").rpartition(".")[2]


@lru_cache(maxsize=16)
def _conditional(text: str) -> tuple[Written, ...]:
    try:
        return tuple(_within(ast.parse(text), "", frozenset()))
    except SyntaxError:
        return ()


def _within(node: ast.AST, test: str, counted: frozenset[str]) -> Iterator[Written]:
    if isinstance(node, _LOOPS):
        counted = _bound(node)
    target = _updated(node)
    if test and target is not None:
        yield getattr(node, "lineno", 0), ast.unparse(target), test
    for name, value in ast.iter_fields(node):
        inner = test
        if isinstance(node, ast.If) and name in ("body", "orelse"):
            inner = _setting(node.test, counted, negative=name == "orelse") or test
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _within(child, inner, counted)


def _setting(test: ast.expr, counted: frozenset[str], *, negative: bool) -> str:
    """A condition as it is written, where it is not about what changes in the loop; of a layer it asks an attribute."""
    owners = {id(n.value) for n in ast.walk(test) if isinstance(n, ast.Attribute)}
    plain = {n.id for n in ast.walk(test) if isinstance(n, ast.Name) and id(n) not in owners}
    called = any(isinstance(n, ast.Call) for n in ast.walk(test))
    if called or plain & counted:
        return ""
    written = ast.unparse(test)
    return f"not ({written})" if negative else written


def _bound(loop: ast.AST) -> frozenset[str]:
    """Names that are given values in a loop."""
    return frozenset(n.id for n in ast.walk(loop) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))


def _updated(node: ast.AST) -> ast.expr | None:
    """What a statement adds something to, or takes something from."""
    if isinstance(node, ast.AugAssign) and isinstance(node.op, _STEPS):
        return node.target
    if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.value, ast.BinOp):
        left, target = node.value.left, node.targets[0]
        if isinstance(node.value.op, _STEPS) and ast.unparse(left) == ast.unparse(target):
            return target
    return None
