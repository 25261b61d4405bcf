"""Equal maxima: the derivative does not exist, and a program may give the error to the first of them or to all."""

from __future__ import annotations

import numpy as np

from bpdoctor.autodiff.registry import PRIMITIVES
from bpdoctor.model.tape import CONST, Tape


def tied(tape: Tape, n: int) -> bool:
    """Whether a largest or smallest entry has its equal in the row it is taken from; rows of zeros do not count."""
    node = tape.nodes[n]
    if node.prim not in ("max", "min") or node.inputs[0] == CONST or not set(node.static) <= {"axis", "keepdims"}:
        return False
    out = np.asarray(tape.values[n])
    kink = PRIMITIVES[node.prim].kink
    found = np.zeros(1) if kink is None else kink(out, tape.values[node.inputs[0]], **node.static)
    return bool(np.any(np.ravel(found) & (np.ravel(out) != 0)))
