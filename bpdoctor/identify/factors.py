"""Constant factors of a recorded value: learning rates, averagings, the factor of a square."""

from __future__ import annotations

import numpy as np

from bpdoctor.identify.dependence import cuts
from bpdoctor.identify.rates import constant_number
from bpdoctor.model.tape import CONST, Tape

_DEEP = frozenset(
    {"multiply", "divide", "negative", "matmul", "dot", "outer", "transpose", "sum", "copy", "reshape", "mean"}
)
_PEELED = frozenset({"copy", "asarray", "astype", "float", "positive", "clip", "nan_to_num"})

Rates = frozenset[float] | None


def peel(tape: Tape, masks: dict[int, int], node: int, rates: Rates = None) -> tuple[int, float, list[float]]:
    """Strip constant factors off a node: ``lr * g / n`` is `g`, ``lr / n`` and the two numbers.

    `rates`, where given, are the only numbers that may be stripped.

    Returns
    -------
    tuple
        The inner node, the product of what was stripped, and each stripped number.
    """
    inner, factor, scalars = _stripped(tape, masks, node, rates)
    # The next node is the whole as it is written, minus included.
    return (inner + 1, -factor, scalars) if inner in tape.unwritten else (inner, factor, scalars)


def _stripped(tape: Tape, masks: dict[int, int], node: int, rates: Rates) -> tuple[int, float, list[float]]:
    factor = 1.0
    scalars: list[float] = []
    while True:
        entry = tape.nodes[node]
        if entry.prim == "negative":
            factor = -factor
        elif entry.prim in ("multiply", "divide"):
            sides = [constant_number(tape, masks, s, c) for s, c in zip(entry.inputs, entry.consts, strict=True)]
            which = 1 if sides[1] is not None else 0
            rate = sides[which]
            clipped = _rescaled(tape, masks, node) if rate is None else None
            if clipped is not None:
                node = clipped
                continue
            if rate is None or (entry.prim == "divide" and which == 0) or entry.inputs[1 - which] == CONST:
                return node, factor, scalars
            if not masks.get(entry.inputs[1 - which], 0):
                return node, factor, scalars
            if entry.prim == "divide":
                rate = 1.0 / rate if rate else 1.0
            if rates is not None and rate not in rates:
                return node, factor, scalars
            factor *= rate
            scalars.append(rate)
            node = entry.inputs[1 - which]
            continue
        elif entry.prim not in _PEELED:
            return node, factor, scalars
        node = entry.inputs[0]


def _rescaled(tape: Tape, masks: dict[int, int], node: int) -> int | None:
    """The array behind a clipping by norm: ``g * (limit / norm(g))`` is `g` rescaled by its own size."""
    entry = tape.nodes[node]
    for i in (0, 1):
        array, factor = entry.inputs[i], entry.inputs[1 - i]
        if CONST in (array, factor) or np.size(tape.values[factor]) != 1 or np.size(tape.values[array]) == 1:
            continue
        if (entry.prim == "multiply" or i == 0) and array in cuts(tape, factor, masks):
            return array
    return None


def deep_scalars(tape: Tape, masks: dict[int, int], node: int, depth: int = 10) -> list[float]:
    """Constant factors further inside a product (``lr * x.T @ d``, ``x.T @ (lr * d)``), or beside a constant."""
    entry = tape.nodes[node]
    ours = [s for s in entry.inputs if s != CONST and masks.get(s, 0)]
    if depth and entry.prim in ("add", "subtract") and len(ours) == 1:
        return deep_scalars(tape, masks, ours[0], depth - 1)
    if depth == 0 or entry.prim not in _DEEP:
        return []
    out: list[float] = []
    for i, (source, const) in enumerate(zip(entry.inputs, entry.consts, strict=True)):
        rate = constant_number(tape, masks, source, const)
        if rate is not None and entry.prim in ("multiply", "divide"):
            if entry.prim == "multiply" or i == 1:
                out.append(1.0 / rate if entry.prim == "divide" and rate else rate)
        elif source != CONST:
            out.extend(deep_scalars(tape, masks, source, depth - 1))
    if entry.prim == "mean":
        inner = np.size(tape.values[entry.inputs[0]])
        out.append(np.size(tape.values[node]) / inner if inner else 1.0)
    return out
