"""The constant factors that an update statement spells out: learning rates, and averagings."""

from __future__ import annotations

from collections.abc import Container, Mapping

import numpy as np

from bpdoctor.model.record import record
from bpdoctor.model.tape import CONST, Handed, Store, Tape

_THROUGH = frozenset(
    {"matmul", "dot", "outer", "transpose", "sum", "copy", "reshape", "negative", "positive", "asarray"}
)
_DEPTH = 8


@record
class Rate:
    """A constant factor; `divided` where the program divides by its inverse."""

    factor: float
    divided: bool


def held_under_names(tape: Tape, lo: int, hi: int) -> frozenset[int]:
    """Values that the program stores or returns in this stretch: what was computed by another statement."""
    return frozenset(e.node for e in tape.events if isinstance(e, Store | Handed) and lo <= e.position <= hi)


def stated_rates(
    tape: Tape, masks: Mapping[int, int], root: int, named: Container[int], *, inside: bool, depth: int = _DEPTH
) -> list[Rate]:
    """Constant factors in the expression of `root`, down to what has a name of its own.

    With `inside`, a root that has a name is looked into: ``step = lr * dW; W -= step``.
    """
    if depth == 0 or (root in named and not inside):
        return []
    node = tape.nodes[root]
    out: list[Rate] = []
    if node.prim in ("multiply", "divide"):
        for i, (source, const) in enumerate(zip(node.inputs, node.consts, strict=True)):
            number = constant_number(tape, masks, source, const)
            if number and (node.prim == "multiply" or i == 1):
                out.extend(_spelled(tape, source, number, divided=node.prim == "divide"))
            elif source != CONST and number is None:
                out.extend(stated_rates(tape, masks, source, named, inside=False, depth=depth - 1))
    elif node.prim in _THROUGH:
        for source in node.inputs:
            if source != CONST:
                out.extend(stated_rates(tape, masks, source, named, inside=False, depth=depth - 1))
    return out


def _spelled(tape: Tape, source: int, number: float, *, divided: bool) -> list[Rate]:
    """A number with what it is the product or the quotient of: ``lr / n`` is two rates."""
    node = None if source == CONST else tape.nodes[source]
    if node is None or node.prim not in ("multiply", "divide") or not number:
        return [Rate(1 / number if divided else number, divided)]
    out = []
    for i, (inner, const) in enumerate(zip(node.inputs, node.consts, strict=True)):
        part = constant_number(tape, {}, inner, const)
        if not part:
            return [Rate(1 / number if divided else number, divided)]
        out.extend(_spelled(tape, inner, part, divided=divided != (node.prim == "divide" and i == 1)))
    return out


def constant_number(tape: Tape, masks: Mapping[int, int], source: int, const: object) -> float | None:
    """The number behind an operand that is a constant scalar of this step."""
    value = const if source == CONST else tape.values[source]
    if (source != CONST and masks.get(source, 0)) or np.size(value) != 1:  # type: ignore[arg-type]
        return None
    try:
        return float(np.asarray(value, dtype=np.float64).reshape(()))
    except (TypeError, ValueError):
        return None
