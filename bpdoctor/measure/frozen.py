"""Updates that stand in the text under a condition which is never met: what they would train is frozen on purpose."""

from __future__ import annotations

import ast
from functools import lru_cache

from bpdoctor.model.examination import Examination

_LOOPS = (ast.For, ast.While)
_STEPS = (ast.Add, ast.Sub)
Written = tuple[int, str, str]
"""The line of an update, what it updates as it is written, and the condition above it; empty where there is none."""


def frozen(examination: Examination, site: int, name: str) -> str:
    """Where the text updates what a place calls `name`, and under which condition; empty where it does so nowhere.

    The condition is a setting, not what a loop counts: an update at every tenth step is made at some. A condition that
    was met for others froze nothing, but where it is one of the owner: ``if layer.trainable: layer.W -= …``.
    """
    source = examination.sites[site].source
    found = [w for w in _updates(source.text) if _last(w[1]) == _last(name)]
    if not all(test for _, _, test in found):
        return ""
    sites = (examination.sites[u.site] for v in examination.views for c in v.step.parameters for u in c.updates)
    made = {s.line for s in sites if s.source is source}
    for line, target, test in found:
        if line not in made or test.startswith(f"{target.rpartition('.')[0]}."):
            return f"line {line} updates `{target}` where `{test}`"
    return ""


def _last(name: str) -> str:
    """What a name ends with: its attribute, or its key."""
    return name.replace('"', "'").rpartition(".")[2]


@lru_cache(maxsize=16)
def _updates(text: str) -> tuple[Written, ...]:
    try:
        return tuple(_within(ast.parse(text), frozenset()))
    except SyntaxError:
        return ()


def _within(node: ast.AST, counted: frozenset[str]) -> list[Written]:
    if isinstance(node, _LOOPS):
        counted = _bound(node)
    target = _updated(node)
    if target is not None:
        return [(getattr(node, "lineno", 0), ast.unparse(target), "")]
    if not isinstance(node, ast.If):
        return [w for child in ast.iter_child_nodes(node) for w in _within(child, counted)]
    body, other = ([w for child in part for w in _within(child, counted)] for part in (node.body, node.orelse))
    # What either branch updates depends on no setting: one is that of another rule.
    both = {_last(t) for _, t, _ in body} & {_last(t) for _, t, _ in other}
    out: list[Written] = []
    for branch, negative in ((body, False), (other, True)):
        test = _setting(node.test, counted, negative=negative)
        out += [(line, t, own or ("" if _last(t) in both else test)) for line, t, own in branch]
    return out


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
