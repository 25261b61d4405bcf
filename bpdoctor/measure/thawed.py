"""Whether an array that stays as it is for some steps changes later: frozen at first, or trained by another loop."""

from __future__ import annotations

import numpy as np

from bpdoctor.autodiff.replay import NotReplayed, recompute
from bpdoctor.measure.fit import precision
from bpdoctor.measure.layers import SHAPING
from bpdoctor.measure.view import View
from bpdoctor.model.examination import Examination
from bpdoctor.model.tape import CONST, Tape

_SAME = 1e-6


def thawed(examination: Examination, read: int, side: int) -> bool:
    """Whether what is read there is trained at a later step: layers that are frozen to begin with."""
    first = examination.views[0]
    known = _trained(first, read, side)
    return any(_trained(view, read, side) > known for view in examination.late) or _moved(first, read, side)


def _trained(view: View, read: int, side: int) -> int:
    """How many parameters one place reads: a function serves several layers."""
    nodes = (view.tape.nodes[n] for n in range(view.step.lo, view.step.hi))
    sources = {node.inputs[side] for node in nodes if node.site == read and side < len(node.inputs)}
    return len({shown(view.tape, s) for s in sources if s != CONST} & view.starts)


def _moved(view: View, read: int, side: int) -> bool:
    """Whether the array that is read has changed since: the tape holds the program's own, and copies of results.

    Another loop that trains it may follow, unrecorded. Rows that are drawn from a larger array are others each time.
    """
    nodes = view.tape.nodes
    n = next((n for n in range(view.step.lo, view.step.hi) if nodes[n].site == read), CONST)
    if n == CONST or nodes[n].inputs[side] == CONST:
        return False
    source = nodes[n].inputs[side]
    origin = view.tape.values[shown(view.tape, source)]
    if np.size(origin) != np.size(view.tape.values[source]):
        return True
    held = np.reshape(origin, np.shape(view.tape.values[source]))
    try:
        again = recompute(view.tape, n, {source: held})
    except NotReplayed:
        return False
    value = np.asarray(view.tape.values[n])
    top = float(np.abs(value).max(initial=0.0))
    return not np.allclose(again, value, rtol=0, atol=max(_SAME, precision(value)) * top)


def shown(tape: Tape, n: int) -> int:
    """What a value shows in another shape."""
    while tape.nodes[n].prim in SHAPING and len(tape.nodes[n].inputs) == 1 and tape.nodes[n].inputs[0] != CONST:
        n = tape.nodes[n].inputs[0]
    return n
