"""Syntax trees: copies that know their originals, the nodes of one scope, and small pieces."""

from __future__ import annotations

import ast
from typing import Any, TypeVar, cast

N = TypeVar("N", bound=ast.AST)


def clone(node: N) -> N:
    """Copy a tree; each copy remembers the node it was first copied from, which stays untouched."""
    new = cast(Any, node.__class__())
    for name in node._fields:
        value = getattr(node, name, None)
        if isinstance(value, list):
            value = [clone(v) if isinstance(v, ast.AST) else v for v in value]
        elif isinstance(value, ast.AST):
            value = clone(value)
        setattr(new, name, value)
    ast.copy_location(new, node)
    new.original = original(node)
    return cast(N, new)


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
        return ast.copy_location(ast.Pass(), node)

    def visit_Nonlocal(self, node: ast.Nonlocal) -> ast.stmt:
        return ast.copy_location(ast.Pass(), node)

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


def owned(body: list[ast.stmt], declaration: ast.AST) -> bool:
    return any(n is declaration for n in walk_own(body))


def is_literal(node: ast.expr) -> bool:
    if isinstance(node, ast.UnaryOp):
        node = node.operand
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float)


def is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def load(name: str, at: ast.AST) -> ast.expr:
    return ast.copy_location(ast.Name(name, ast.Load()), at)


def assign(name: str, value: ast.expr, at: ast.AST) -> ast.stmt:
    target = ast.copy_location(ast.Name(name, ast.Store()), at)
    return ast.copy_location(ast.Assign([target], value), at)


def locate(node: N, at: ast.AST) -> N:
    for inner in ast.walk(node):
        ast.copy_location(inner, at)
    return node
