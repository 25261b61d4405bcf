"""Products and powers of entries as they are written for matrices, where `*` and `**` mean something else."""

from __future__ import annotations

import ast
from typing import Any

import numpy as np

from bpdoctor.fix.writing import factor, held


def product(left: str, right: str, *values: Any) -> str:
    """The product of entries of two texts, one of which may give a matrix."""
    if any(isinstance(v, np.matrix) for v in values):
        return f"np.multiply({left}, {right})"
    return f"{held(left)} * {factor(right)}"


def of_matrix(formula: str) -> str:
    """A formula of numbers as one of the entries of a matrix: ``1 - a**2`` as ``1 - np.power(a, 2)``."""
    return ast.unparse(_Entries().visit(ast.parse(formula, mode="eval")))


class _Entries(ast.NodeTransformer):
    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        name = {ast.Mult: "multiply", ast.Pow: "power"}.get(type(node.op))
        left, right = self.visit(node.left), self.visit(node.right)
        if name is None or (name == "multiply" and any(isinstance(s, ast.Constant) for s in (left, right))):
            return ast.BinOp(left, node.op, right)
        function = ast.Attribute(ast.Name("np", ast.Load()), name, ast.Load())
        return ast.Call(function, [left, right], [])
