"""Gradients by differences of the loss: a number less the same number at shifted parameters, or several of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container

import numpy as np

from bpdoctor.identify.dependence import ancestors, bit, dependence
from bpdoctor.identify.step import Step
from bpdoctor.model.tape import CONST, Tape, Write


def difference_of(tape: Tape, step: Step) -> int | None:
    """The subtraction of two losses, or the shift of the parameters, that an update comes from; None without any.

    Notes
    -----
    Both numbers come from one expression; the second depends on an array that was written to after the first had
    been made of it.
    """
    here = range(step.lo, step.hi)
    written = {e.after: e.before for e in tape.events if isinstance(e, Write) and e.after in here}
    if not written:
        return _shifted(tape, step)
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
    return _shifted(tape, step)


def _shifted(tape: Tape, step: Step) -> int | None:
    """Where a parameter is shifted several times, when nothing but numbers of the shifted networks is learned from.

    Notes
    -----
    Evolution strategies: what was added to the parameters is weighed by how well they did.
    """
    masks = dependence(tape, {c.start: bit(k) for k, c in enumerate(step.parameters)}, step.lo, step.hi)
    starts = {c.start: np.size(tape.values[c.start]) for c in step.parameters}
    shifts = [n for n in masks if n not in starts and _shifts(tape, n, masks, starts)]
    runs = Counter(tape.nodes[n].site for n in shifts)
    shifts = [n for n in shifts if runs[tape.nodes[n].site] > 1]
    terms = [t.node for c in step.parameters for u in c.updates for t in u.terms]
    numbers = {n for n in masks if n not in starts and np.size(tape.values[n]) == 1}
    if not shifts or any(not starts.keys().isdisjoint(_above(tape, terms, masks, cut)) for cut in (shifts, numbers)):
        return None
    return min(shifts)


def _shifts(tape: Tape, n: int, masks: Container[int], starts: dict[int, int]) -> bool:
    """Whether a node adds an array that does not depend on the parameters to one of them."""
    node = tape.nodes[n]
    if node.prim not in ("add", "subtract") or CONST in node.inputs:
        return False
    known = [s for s in node.inputs if s in starts]
    other = [s for s in node.inputs if s not in masks]
    return len(known) == len(other) == 1 and np.size(tape.values[other[0]]) == starts[known[0]] > 1


def _above(tape: Tape, terms: list[int], masks: dict[int, int], cut: Container[int]) -> set[int]:
    """What the terms are computed from otherwise than through some nodes."""
    return ancestors(tape, terms, {n: m for n, m in masks.items() if n not in cut})
