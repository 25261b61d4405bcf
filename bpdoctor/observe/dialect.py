"""What a program may rely on that its Python or its NumPy no longer does, put back where it is written.

Two operands are wrapped: the left one of ``/`` in Python 2, where integers divide with floor, and what is
made a number, where NumPy once took an array of one element. A wrapper hands back the very object it was
given in all other cases, so what is recorded does not change.
"""

from __future__ import annotations

import ast
import functools
from typing import Any, cast

import numpy as np

from bpdoctor.autodiff.binding import Call, register
from bpdoctor.observe.trees import clone, is_text

PYTHON2 = {
    "xrange": range, "unicode": str, "basestring": str, "long": int, "unichr": chr, "file": open,
    "reduce": functools.reduce, "cmp": lambda a, b: (a > b) - (a < b), "apply": lambda f, args=(): f(*args),
    "reload": lambda module: module, "raw_input": lambda prompt="": input(prompt),
}  # fmt: skip
"""Names that only Python 2 has."""

_TO_NUMBER = frozenset({"float", "int", "complex"})


class Single:
    """An array of one element as one number; anything else as it is."""

    used = False

    def __new__(cls, value: Any) -> Any:
        if type(value) is float:
            return value
        if isinstance(value, np.ndarray) and value.ndim and value.size == 1 and value.dtype.kind in "fiubc":
            Single.used = True
            return np.asarray(value).reshape(())
        return value


def _bind_single(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call | None:
    single = isinstance(args[0], np.ndarray) and args[0].ndim and args[0].size == 1
    return Call("reshape", (args[0],), {"shape": ()}) if single else None


register(Single, _bind_single)


class Whole(int):
    """An integer that divides as in Python 2."""

    def __truediv__(self, other: Any) -> Any:
        return int(self) // other if _whole(other) else int(self) / other

    def __rtruediv__(self, other: Any) -> Any:
        return other // int(self) if _whole(other) else other / int(self)


class WholeArray(np.ndarray):
    """An array of integers that divides as in Python 2."""

    def __truediv__(self, other: Any) -> Any:
        own = self.view(np.ndarray)
        return own // other if _whole(other) else own / other


def _whole(value: Any) -> bool:
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "iub"
    return isinstance(value, int | np.integer | np.bool_)


class Divided:
    """An operand of ``/``."""

    def __new__(cls, value: Any) -> Any:
        if type(value) is np.ndarray:
            return value.view(WholeArray) if value.dtype.kind in "iub" else value
        return Whole(value) if _whole(value) and not isinstance(value, np.ndarray) else value


WRAPPERS = {"__bp_single__": Single, "__bp_divided__": Divided}


def adapted(tree: ast.Module, *, floors: bool) -> ast.Module:
    """The tree with the operands wrapped; each node remembers the one it stands for."""
    return cast(ast.Module, _Adapting(floors).visit(clone(tree)))


class _Adapting(ast.NodeTransformer):
    def __init__(self, floors: bool) -> None:
        self.floors = floors

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        function = node.func
        number = isinstance(function, ast.Name) and function.id in _TO_NUMBER
        number = number or (
            isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id == "math"
        )
        if number and not any(isinstance(a, ast.Starred) for a in node.args):
            node.args = [_wrapped("__bp_single__", a) for a in node.args]
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.op, ast.Mod) and is_text(node.left):
            right = node.right
            if isinstance(right, ast.Tuple):
                right.elts = [e if isinstance(e, ast.Starred) else _wrapped("__bp_single__", e) for e in right.elts]
            elif not isinstance(right, ast.Dict):
                node.right = _wrapped("__bp_single__", right)
        if self.floors and isinstance(node.op, ast.Div):
            # A literal stays one; of two literals the left is wrapped.
            if isinstance(node.left, ast.Constant) and not isinstance(node.right, ast.Constant):
                node.right = _wrapped("__bp_divided__", node.right)
            else:
                node.left = _wrapped("__bp_divided__", node.left)
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.stmt:
        self.generic_visit(node)
        if self.floors and isinstance(node.op, ast.Div):
            node.value = _wrapped("__bp_divided__", node.value)
        return node


def _wrapped(name: str, node: ast.expr) -> ast.expr:
    if isinstance(node, ast.Constant) and not isinstance(node.value, int):
        return node
    function = ast.copy_location(ast.Name(name, ast.Load()), node)
    return ast.copy_location(ast.Call(function, [node], []), node)
