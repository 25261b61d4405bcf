"""Running means: what is kept as ``m = 0.9 * m + 0.1 * x`` is moved towards a value, not down a slope."""

from __future__ import annotations

from typing import Any

import numpy as np

from bpdoctor.identify.updates import Update
from bpdoctor.model.tape import CONST, Tape

_SAME = 1e-9


def mean_of(tape: Tape, update: Update) -> int | None:
    """The node towards which an update moves what it replaces, in shares that add up to 1; None where it does not."""
    node = tape.nodes[update.after]
    if node.prim not in ("add", "subtract") or CONST in node.inputs:
        return None
    parts = [_share(tape, s) for s in node.inputs]
    left, right = parts
    if node.prim == "add" and left is not None and right is not None and abs(left[0] + right[0] - 1) <= _SAME:
        kept = [s for _, s in parts if s == update.before]  # type: ignore[misc]
        other = [s for _, s in parts if s != update.before]  # type: ignore[misc]
        return other[0] if len(kept) == len(other) == 1 else None
    for own, part in ((0, right), (1, left)):
        if node.inputs[own] == update.before and part is not None and not (own and node.prim == "subtract"):
            found = _difference(tape, part[1], update.before, turned=node.prim == "subtract")
            if found is not None:
                return found
    return None


def _share(tape: Tape, n: int) -> tuple[float, int] | None:
    """A number between 0 and 1, and what it is multiplied with."""
    node = tape.nodes[n]
    for i in (0, 1) if node.prim == "multiply" else ():
        number, other = _number(tape, node.inputs[i], node.consts[i]), node.inputs[1 - i]
        if number is not None and 0 < number < 1 and other != CONST:
            return number, other
    return None


def _number(tape: Tape, source: int, const: Any) -> float | None:
    value = const if source == CONST else tape.values[source]
    made = source != CONST and bool(tape.nodes[source].inputs)
    return None if made or np.ndim(value) or isinstance(value, str) else float(value)


def _difference(tape: Tape, n: int, before: int, *, turned: bool) -> int | None:
    """What ``x - m`` is taken from; of ``m - x`` where the whole is subtracted."""
    node = tape.nodes[n]
    if node.prim != "subtract" or CONST in node.inputs or node.inputs[0 if turned else 1] != before:
        return None
    return node.inputs[1 if turned else 0]
