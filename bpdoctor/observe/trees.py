"""Syntax trees: copies that know their originals, the nodes of one scope, and small pieces."""

from __future__ import annotations

import ast
from typing import Any, TypeVar, cast

N = TypeVar("N", bound=ast.AST)
_POSITION = ("lineno", "col_offset", "end_lineno", "end_col_offset")


def clone(node: N) -> N:
    """Copy a tree; each copy remembers the node it was first copied from, which stays untouched."""
    held = node.__dict__
    new = cast(Any, node.__class__())
    own = new.__dict__
    own.update(held)
    for name in node._fields:
        value = held.get(name)
        if isinstance(value, list):
            own[name] = [clone(v) if isinstance(v, ast.AST) else v for v in value]
        elif isinstance(value, ast.AST):
            own[name] = clone(value) if value._fields or value._attributes else value
    own.setdefault("original", node)
    return cast(N, new)


def located(node: N, at: ast.AST) -> N:
    """Give a node the position of another, where that has one."""
    held = at.__dict__
    if "lineno" in held:
        node.__dict__.update({name: held[name] for name in _POSITION if name in held})
    return node


def placed(node: N, at: ast.AST | None = None) -> N:
    """Give every node without a position that of the node around it."""
    if node._attributes:
        if "lineno" in node.__dict__:
            at = node
        elif at is not None:
            located(node, at)
    for name in node._fields:
        value = node.__dict__.get(name)
        if isinstance(value, list):
            for inner in value:
                if isinstance(inner, ast.AST):
                    placed(inner, at)
        elif isinstance(value, ast.AST) and value.__dict__:
            placed(value, at)
    return node


def original(node: N) -> N:
    return cast(N, getattr(node, "original", node))


def split_head(body: list[ast.stmt]) -> tuple[list[ast.stmt], list[ast.stmt]]:
    """Separate the docstring and ``from __future__`` imports, which must stay first."""
    count = 0
    for statement in body:
        docstring = count == 0 and isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        future = isinstance(statement, ast.ImportFrom) and statement.module == "__future__"
        if not (docstring or future):
            break
        count += 1
    return body[:count], body[count:]


class Undeclare(ast.NodeTransformer):
    """Drops declarations that were hoisted; nested functions keep theirs."""

    def visit_Global(self, node: ast.Global) -> ast.stmt:
        return located(ast.Pass(), node)

    def visit_Nonlocal(self, node: ast.Nonlocal) -> ast.stmt:
        return located(ast.Pass(), node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.stmt:
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.stmt:
        return node


def walk_own(body: list[ast.stmt]) -> list[ast.AST]:
    """Nodes of this scope, without those of nested functions, classes and lambdas."""
    out: list[ast.AST] = []
    pending: list[ast.AST] = list(body)
    while pending:
        node = pending.pop()
        out.append(node)
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            pending.extend(ast.iter_child_nodes(node))
    return out


def yields(body: list[ast.stmt]) -> bool:
    return any(isinstance(n, ast.Yield | ast.YieldFrom) for n in walk_own(body))


def hoisted(body: list[ast.stmt]) -> tuple[list[ast.stmt], list[ast.stmt]]:
    """The declarations of this scope, and its statements without them: where code stands twice, they come once."""
    declared = [n for n in walk_own(body) if isinstance(n, ast.Global | ast.Nonlocal)]
    if not declared:
        return [], body
    return [clone(d) for d in declared], [Undeclare().visit(clone(s)) for s in body]


def is_literal(node: ast.expr) -> bool:
    if isinstance(node, ast.UnaryOp):
        node = node.operand
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float)


def is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def load(name: str, at: ast.AST) -> ast.expr:
    return located(ast.Name(name, ast.Load()), at)


def assign(name: str, value: ast.expr, at: ast.AST) -> ast.stmt:
    target = located(ast.Name(name, ast.Store()), at)
    return located(ast.Assign([target], value), at)


def locate(node: N, at: ast.AST) -> N:
    for inner in ast.walk(node):
        located(inner, at)
    return node
