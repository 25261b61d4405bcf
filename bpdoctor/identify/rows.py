"""Rows of a parameter that are read by their numbers: an embedding, or weights of chosen units.

Notes
-----
A row that one step reads twice has two summands in its gradient. Whether both are counted shows in such a step
only, and there may be none among the first ones.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from bpdoctor.autodiff.ordered import levels
from bpdoctor.identify.step import Step
from bpdoctor.model.tape import CONST, Node, Tape


def repeats(tape: Tape, step: Step) -> bool:
    """Whether a step reads a row of a parameter more than once."""
    starts = {c.start for c in step.parameters}
    for n in range(step.lo, step.stop):
        rows = _rows(tape.nodes[n])
        if rows is not None and tape.nodes[n].inputs[0] in starts and len(levels(rows)) < rows.size:
            return True
    return False


def overwrites(tape: Tape, step: Step) -> bool:
    """Whether rows are assigned by the very numbers by which rows of a parameter are read.

    That is right as long as no number occurs twice.
    """
    starts = {c.start for c in step.parameters}
    read, written = [], []
    for n in range(step.lo, step.stop):
        node = tape.nodes[n]
        rows = _rows(node)
        if rows is not None and node.inputs[0] in starts:
            read.append(rows)
        elif node.prim == "setitem" and node.inputs[0] != CONST:
            own = numbers(node.static.get("key"))
            written.extend([] if own is None else [own])
    return any(np.array_equal(a, b) for a in read for b in written)


def _rows(node: Node) -> Any | None:
    """The numbers of the rows that a node reads."""
    if node.prim == "getitem":
        return numbers(node.static.get("key"))
    if node.prim == "take" and node.static.get("axis") == 0:
        return numbers(node.static.get("indices"))
    return None


def numbers(key: Any) -> Any | None:
    """The numbers of rows that an index holds; None where it is of another kind."""
    first = key[0] if isinstance(key, tuple) and key else key
    if not isinstance(first, list | np.ndarray):
        return None
    rows = np.asarray(first)
    return rows if rows.dtype.kind in "iu" and rows.size > 1 else None
