"""Forward replay: what recorded values would have been, had some of them been others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from bpdoctor.autodiff.registry import PRIMITIVES
from bpdoctor.model.tape import CONST, Tape


class NotReplayed(Exception):
    """An operation on the way cannot be computed again from the tape."""


def replay(tape: Tape, replaced: Mapping[int, Any], stop: int) -> dict[int, Any]:
    """Values of all nodes before `stop` that are computed from a replaced one.

    Parameters
    ----------
    tape : Tape
    replaced : mapping of node to value
        Values to use in place of the recorded ones.
    stop : int
        First node that is not of interest.

    Raises
    ------
    NotReplayed
        When an operation that is no row of the derivative table lies on the way.
    """
    out = dict(replaced)
    if not out:
        return out
    with np.errstate(all="ignore"):
        for n in range(min(out) + 1, stop):
            if n not in replaced and any(s in out for s in tape.nodes[n].inputs if s != CONST):
                out[n] = recompute(tape, n, out)
    return out


def recompute(tape: Tape, n: int, values: Mapping[int, Any]) -> Any:
    """Value of one node with operands from `values` where they are given there."""
    node = tape.nodes[n]
    operands = [
        c if s == CONST else values[s] if s in values else tape.filled(s)
        for s, c in zip(node.inputs, node.consts, strict=True)
    ]
    if node.prim in ("view", "overlay"):
        return _shared(node.prim, operands, node.static["index"])
    row = PRIMITIVES.get(node.prim)
    if row is None:
        raise NotReplayed(node.prim)
    try:
        return row.function(*operands, **node.static)
    except Exception as error:
        raise NotReplayed(node.prim) from error


def _shared(prim: str, operands: list[Any], index: Any) -> Any:
    """A view of memory, or an array after a write through another view of its memory."""
    source = np.ravel(operands[-1])
    if prim == "view":
        return source[index]
    return np.where(index >= 0, source[np.maximum(index, 0)], operands[0])
