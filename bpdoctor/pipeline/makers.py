"""The statement that all wrong gradients of a definition pass through, and none of the right ones."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from bpdoctor.probe.examined import Examined
from bpdoctor.probe.probe import Slot


def maker(definition: ast.FunctionDef, e: Examined) -> ast.AST:
    """The likeliest culprit by its text: what only wrong gradients are computed from; else what is returned."""
    bad = [c.slot for c in e.compared if c.status in ("wrong", "scaled", "not-finite")]
    good = [c.slot for c in e.compared if c.status == "ok"]
    if e.kind == "engine":
        return _closure(definition, {s.name for s in bad}) or definition
    found = [n for n in ast.walk(definition) if isinstance(n, ast.Return) and n.value is not None]
    found = [n for n in found if n.lineno <= e.ended <= (n.end_lineno or 0)] or found
    last = max((n.value for n in found if n.value is not None), key=lambda n: n.lineno, default=None)
    if bad:
        shared = set.intersection(*(_slice(definition, s, last) for s in bad))
        spared = set().union(*(_slice(definition, s, last) for s in good))
        left = sorted(shared - spared, key=lambda n: (_computes(n), n.lineno))
        if left and _computes(left[-1]):
            return left[-1]
    return last or definition


def _slice(definition: ast.FunctionDef, slot: Slot, last: ast.expr | None) -> set[ast.expr | ast.stmt]:
    """Statements from which the gradient of a slot is computed, by the names that they write and read."""
    pending: list[ast.expr | ast.stmt] = list(_makes(definition, slot.place if slot.moves else slot.gradient, last))
    out = set(pending)
    while pending:
        read = set(_read(pending.pop()))
        for statement in _assignments(definition):
            if statement not in out and read & {_base(t) for t in _targets(statement)}:
                out.add(statement)
                pending.append(statement)
    return out


def _read(node: ast.AST) -> Iterator[str]:
    value = node.value if isinstance(node, ast.Assign | ast.AugAssign) else node
    for n in ast.walk(value) if value is not None else ():
        if isinstance(n, ast.Name):
            yield n.id
        elif isinstance(n, ast.Attribute):
            yield ast.unparse(n)


def _computes(node: ast.AST) -> bool:
    """Whether a statement does more than name, slice or make zeros."""
    value = node.value if isinstance(node, ast.Assign) else node
    return isinstance(node, ast.AugAssign) or (
        any(
            isinstance(n, ast.BinOp | ast.Call | ast.UnaryOp) and not _blank(n)
            for n in ast.walk(value)
            if not isinstance(n, ast.Slice)
        )
        and not isinstance(value, ast.Subscript)
    )


def _blank(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and "zeros" in ast.unparse(node.func)


def _assignments(definition: ast.FunctionDef) -> Iterator[ast.Assign | ast.AugAssign]:
    for node in ast.walk(definition):
        if isinstance(node, ast.Assign | ast.AugAssign):
            yield node


def _targets(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.AugAssign):
        return [node.target]
    found = node.targets if isinstance(node, ast.Assign) else []
    return [e for t in found for e in (t.elts if isinstance(t, ast.Tuple | ast.List) else [t])]


def _makes(definition: ast.FunctionDef, text: str, last: ast.expr | None) -> Iterator[ast.expr | ast.stmt]:
    """Statements and dictionary entries that write what the text of a gradient reads."""
    position = re.search(r"_back\[(\d+)\]", text)
    key = re.search(r"\['(\w+)'\]\)?", text)
    attribute = re.search(r"_object((?:\.\w+|\['\w+'\])+)", text)
    target = ""
    if position and isinstance(last, ast.Tuple) and int(position.group(1)) < len(last.elts):
        element = last.elts[int(position.group(1))]
        target = ast.unparse(element)
        if not isinstance(element, ast.Name):
            yield element
    elif attribute:
        target = "self" + attribute.group(1)
    elif key:
        yield from _entries(definition, key.group(1))
        return
    elif last is not None:
        target = ast.unparse(last)
        if not isinstance(last, ast.Name):
            yield last
    for node in _assignments(definition):
        if any(_base(t) == target for t in _targets(node)):
            yield node


def _base(node: ast.expr) -> str:
    while isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Constant):
        node = node.value
    return ast.unparse(node)


def _entries(definition: ast.FunctionDef, key: str) -> Iterator[ast.expr | ast.stmt]:
    for node in ast.walk(definition):
        if isinstance(node, ast.Dict):
            for k, v in zip(node.keys, node.values, strict=True):
                if isinstance(k, ast.Constant) and k.value == key:
                    yield v


def _closure(definition: ast.FunctionDef, wrong: set[str]) -> ast.AST | None:
    """What the closure of an operator adds to the gradient of its operand; the loop of the sweep itself."""
    closures = [n for n in ast.walk(definition) if isinstance(n, ast.FunctionDef) and n is not definition]
    rows = [n for c in closures for n in ast.walk(c) if isinstance(n, ast.AugAssign | ast.Assign)]
    rows = [n for n in rows if "grad" in ast.unparse(n)]
    loops = [n for n in definition.body if isinstance(n, ast.For | ast.While)]
    return rows[-1 if wrong == {"y"} else 0] if rows else loops[-1] if loops else None
