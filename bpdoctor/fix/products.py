"""Matrix products as programs write them: ``x @ W``, ``np.dot(x, W)``, ``x.dot(W)``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bpdoctor.fix.zeros import last_name
from bpdoctor.model.record import record


@record(eq=False)
class Product:
    """A product and its operands from the left."""

    node: ast.expr
    inputs: ast.expr
    weights: ast.expr


def products_in(node: ast.AST) -> Iterator[Product]:
    """Every product in a statement or an expression, the outermost first."""
    for n in ast.walk(node):
        if isinstance(n, ast.BinOp) and isinstance(n.op, ast.MatMult):
            yield Product(n, n.left, n.right)
        elif isinstance(n, ast.Call) and last_name(n.func) in ("dot", "matmul"):
            if len(n.args) == 2:
                yield Product(n, n.args[0], n.args[1])
            elif len(n.args) == 1 and isinstance(n.func, ast.Attribute):
                yield Product(n, n.func.value, n.args[0])
