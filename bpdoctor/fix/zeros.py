"""How this program writes zeros of the shape of something, and random numbers: its own way where it has one."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bpdoctor.fix.text import Text, plain


def numpy_name(text: Text) -> str:
    """What NumPy is called in a file; empty where it is not imported."""
    for node in ast.walk(text.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name == "numpy":
                    return alias.asname or alias.name
    return ""


def zeros_like(text: Text, source: str) -> str:
    """Zeros of the shape of an expression, or the number 0."""
    name = numpy_name(text)
    return f"{name}.zeros_like({source})" if name else "0.0"


def bindings(text: Text, target: str, within: ast.AST | None = None) -> Iterator[ast.Assign]:
    """Assignments to what is written `target`, also as one of several targets."""
    for node in ast.walk(within or text.tree):
        if isinstance(node, ast.Assign) and any(target in names(text, t) for t in node.targets):
            yield node


def names(text: Text, target: ast.expr) -> list[str]:
    """What an assignment binds, as it is written."""
    if isinstance(target, ast.Tuple | ast.List):
        return [name for part in target.elts for name in names(text, part)]
    return [text.source(target)]


def last_name(node: ast.AST) -> str:
    """The name that tells an array from its neighbours: ``dW`` of ``self.dW``, ``layer.dW`` and ``grads["dW"]``."""
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Subscript):
        words = [n.value for n in ast.walk(node.slice) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
        return words[0] if words else last_name(node.value)
    return ""


def read_in(node: ast.AST) -> list[ast.expr]:
    """The largest plain expressions that an expression reads, from the left."""
    if plain(node):
        return [node]
    if isinstance(node, ast.Call):
        called = read_in(node.func.value) if isinstance(node.func, ast.Attribute) else []
        parts = [*node.args, *(k.value for k in node.keywords)]
        return [*called, *(found for part in parts for found in read_in(part))]
    return [found for child in ast.iter_child_nodes(node) for found in read_in(child)]
