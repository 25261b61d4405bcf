"""Plant faults in the reference, to see whether the rubric notices them."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterable, Iterator

from bpdoctor.model.record import record

_SWAPS: dict[type[ast.operator], ast.operator] = {
    ast.Add: ast.Sub(), ast.Sub: ast.Add(), ast.Mult: ast.Add(), ast.Div: ast.Mult(),
}  # fmt: skip


@record
class Plant:
    """One changed reference."""

    function: str
    line: int
    what: str
    source: str


def plants(source: str, functions: Iterable[str]) -> Iterator[Plant]:
    """Yield the reference with one fault each, in the functions that the checks call."""
    tree, wanted = ast.parse(source), set(functions)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name in wanted:
            for number, what, line in _places(node):
                yield Plant(node.name, line, what, _changed(tree, node, number))


def _places(function: ast.FunctionDef) -> Iterator[tuple[int, str, int]]:
    for number, node in enumerate(ast.walk(function)):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.BinOp) and type(node.op) in _SWAPS:
            yield number, f"`{ast.unparse(node)}` with another operator", line
        elif isinstance(node, ast.Attribute) and node.attr in ("T", "sum"):
            yield number, f"`{ast.unparse(node)}` without `.{node.attr}`", line
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            yield number, f"`{ast.unparse(node)}` without its sign", line
        elif isinstance(node, ast.Return) and isinstance(node.value, ast.BinOp | ast.Call):
            yield number, "the result negated", line


def _changed(tree: ast.Module, function: ast.FunctionDef, number: int) -> str:
    changed = copy.deepcopy(tree)
    same = next(
        n for n in ast.walk(changed)
        if isinstance(n, ast.FunctionDef) and (n.name, n.lineno) == (function.name, function.lineno)
    )  # fmt: skip
    node = list(ast.walk(same))[number]
    if isinstance(node, ast.BinOp):
        node.op = _SWAPS[type(node.op)]
    elif isinstance(node, ast.Return) and node.value is not None:
        node.value = ast.UnaryOp(ast.USub(), node.value)
    elif isinstance(node, ast.Attribute) and node.attr == "sum":
        node.attr = "mean"
    else:
        inner = node.value if isinstance(node, ast.Attribute) else node.operand  # type: ignore[attr-defined]
        _replace(same, node, inner)
    return ast.unparse(ast.fix_missing_locations(changed))


def _replace(root: ast.AST, old: ast.AST, new: ast.AST) -> None:
    for parent in ast.walk(root):
        for name, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, name, new)
            elif isinstance(value, list):
                value[:] = [new if v is old else v for v in value]
