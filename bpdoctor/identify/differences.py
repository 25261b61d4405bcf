"""Gradients by differences of the loss: a number less the same number at shifted parameters."""

from __future__ import annotations

import numpy as np

from bpdoctor.identify.dependence import ancestors
from bpdoctor.identify.step import Step
from bpdoctor.model.tape import CONST, Tape, Write


def difference_of(tape: Tape, step: Step) -> int | None:
    """The subtraction of two losses that an update comes from, None where there is none.

    Notes
    -----
    Both numbers come from one expression; the second depends on an array that was written to after the first had
    been made of it.
    """
    here = range(step.lo, step.hi)
    written = {e.after: e.before for e in tape.events if isinstance(e, Write) and e.after in here}
    if not written:
        return None
    within = dict.fromkeys(here, 0)
    for n in sorted(ancestors(tape, [t.node for c in step.parameters for u in c.updates for t in u.terms], within)):
        node = tape.nodes[n]
        if node.prim != "subtract" or CONST in node.inputs or np.size(tape.values[n]) != 1:
            continue
        a, b = sorted(node.inputs)
        if a != b and tape.nodes[a].site == tape.nodes[b].site:
            between = ancestors(tape, [b], within) & {w for w in written if a < w < b}
            if between and ancestors(tape, [a], dict.fromkeys(range(a + 1), 0)) & {written[w] for w in between}:
                return n
    return None
