"""An array given another shape without its axes in the order of that shape: transposed before, or after."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from itertools import permutations

from bpdoctor.fix.writing import Text, atom

_MOST_AXES = 4


def laid_out(
    node: ast.Call, text: Text, shape: Callable[[ast.expr], tuple[int, ...] | None]
) -> Iterator[tuple[float, ast.expr, str]]:
    """``d.reshape(n, a, b)`` as ``d.reshape(n, b, a).transpose(0, 2, 1)``, or as ``d.T`` where that is the shape."""
    own = shape(node)
    if not isinstance(node.func, ast.Attribute) or node.func.attr != "reshape" or own is None or len(own) < 2:
        return
    array = atom(text.of(node.func.value))
    before = shape(node.func.value)
    if before is not None and len(before) == len(own) and before != own:
        for order in _orders(len(own)):
            if tuple(before[i] for i in order) == own:
                yield 0.9, node, f"{array}{transposed(order)}"
    sizes = _sizes(node, text, len(own))
    if sizes is not None:
        for order in _orders(len(own)):
            back = [order.index(i) for i in range(len(own))]
            yield 1.0, node, f"{array}.reshape({sizes(order)}){transposed(back)}"


def _orders(axes: int) -> list[tuple[int, ...]]:
    """Other orders of axes, those first that leave the first axis, of the samples, where it is."""
    found = [o for o in permutations(range(axes)) if list(o) != sorted(o)] if axes <= _MOST_AXES else []
    return sorted(found, key=lambda o: (o[0] != 0, sum(i != at for at, i in enumerate(o))))


def transposed(order: tuple[int, ...] | list[int]) -> str:
    return ".T" if len(order) == 2 else f".transpose({', '.join(map(str, order))})"


def _sizes(node: ast.Call, text: Text, axes: int) -> Callable[[tuple[int, ...]], str] | None:
    """How the new shape is written with its axes in another order."""
    if node.keywords or not node.args:
        return None
    first = node.args[0]
    if len(node.args) == 1 and isinstance(first, ast.Attribute) and first.attr == "shape":
        base = atom(text.of(first.value))
        return lambda order: f"{base}{transposed(order)}.shape"
    listed = isinstance(first, ast.Tuple | ast.List) and len(node.args) == 1
    given = first.elts if isinstance(first, ast.Tuple | ast.List) and listed else node.args
    if len(given) != axes or any(isinstance(size, ast.Starred) for size in given):
        return None
    said = [text.of(size) for size in given]
    return lambda order: f"({', '.join(said[i] for i in order)})" if listed else ", ".join(said[i] for i in order)
