"""Which entries of an array a subscript reads or writes."""

from __future__ import annotations

from typing import Any

import numpy as np

from bpdoctor.model.tape import CONST, Node, Tape

# Larger arrays are not told entry from entry.
_MOST = 100_000


def apart(tape: Tape, read: Node, written: Node) -> bool:
    """Whether the entries that are read are others than those of the same array that are written."""
    found = _places(tape, read, written)
    return found is not None and not np.isin(*found).any()


def same(tape: Tape, read: Node, written: Node) -> bool:
    """Whether just those entries are read that are written, in one order."""
    found = _places(tape, read, written)
    return found is not None and np.array_equal(*found)


def _places(tape: Tape, read: Node, written: Node) -> tuple[Any, Any] | None:
    array = written.inputs[0]
    if array == CONST or read.inputs[0] != array or np.size(tape.values[array]) > _MOST:
        return None
    places = np.arange(np.size(tape.values[array])).reshape(np.shape(tape.values[array]))
    return places[read.static["key"]], places[written.static["key"]]
