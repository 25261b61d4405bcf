"""Values held between fixed bounds: `clip`, and the larger or smaller of a value and a number."""

from __future__ import annotations

from typing import Any

import numpy as np

from bpdoctor.model.tape import CONST, Tape

_EXTREMES = frozenset({"maximum", "minimum", "fmax", "fmin"})
# A bound so near to 0 or 1 keeps a logarithm finite, one so far away an exponential.
_NEAR, _FAR = 1e-2, 20.0


def bounds_of(tape: Tape, n: int) -> tuple[float, ...]:
    """The numbers that a node holds an array between; empty where it does no such thing."""
    node = tape.nodes[n]
    if node.prim not in _EXTREMES and node.prim != "clip":
        return ()
    operands = [(s, c if s == CONST else tape.values[s]) for s, c in zip(node.inputs, node.consts, strict=True)]
    fixed = [x for s, x in operands if x is not None and np.size(x) == 1 and _fixed(tape, s)]
    if len(fixed) + sum(x is None for _, x in operands) != len(operands) - 1:
        return ()
    return tuple(_number(x) for x in fixed)


def _fixed(tape: Tape, s: int, depth: int = 3) -> bool:
    """Whether an operand is a number of the program, or worked out from such."""
    return s == CONST or (depth > 0 and all(_fixed(tape, i, depth - 1) for i in tape.nodes[s].inputs))


def _number(x: Any) -> float:
    return float(np.asarray(x, dtype=np.float64).reshape(()))


def guards(tape: Tape, n: int) -> bool:
    """Whether bounds are there for the numbers' sake alone: just off 0 and 1, or where an exponential ends."""
    bounds = bounds_of(tape, n)
    near = [0 < b <= _NEAR or 0 < 1 - b <= _NEAR for b in bounds]
    return bool(bounds) and (all(near) or all(abs(b) >= _FAR for b in bounds))


def active(tape: Tape, n: int) -> bool:
    """Whether any entry was moved to its bound."""
    values = [np.asarray(tape.values[s]) for s in tape.nodes[n].inputs if s != CONST]
    whole = max(values, key=np.size)
    return whole.shape == np.shape(tape.values[n]) and not np.array_equal(whole, np.asarray(tape.values[n]))
