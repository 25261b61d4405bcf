"""What an optimiser keeps, made anew in every round of an outer loop while the parameters go on.

Only what reaches back over a whole round is lost with it: a velocity that halves at each step is gone by itself.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

import numpy as np

from bpdoctor.identify.updates import Iteration
from bpdoctor.measure.recurrence import recurrence
from bpdoctor.measure.remade import called, homes, lexically, only_told, over_data, times
from bpdoctor.model.examination import Examination, Measurement
from bpdoctor.model.record import record
from bpdoctor.model.tape import Mark

# Fewer rounds may be stages of a training, each with an optimiser of its own.
_FEWEST = 3
_MOST_FAMILIES = 16
# A memory of so many steps is longer than what is seen of most rounds.
_LONG = 100.0


@record
class Restarted:
    """A memory that is made at `site`, in every round of `loop`, and read by the `update` of a parameter."""

    site: int
    update: int
    loop: int


def restarted(examination: Examination) -> list[Restarted]:
    """Memories that live for one pass over the data, once for each statement."""
    found = {r.site: r for r in _found(examination)} if examination.views else {}
    return list(found.values())


def _found(examination: Examination) -> Iterator[Restarted]:
    tape, view = examination.tape, examination.views[0]
    made = {u.after: (root, around) for root, u, around in homes(tape)}
    for family in view.families[:_MOST_FAMILIES]:
        for claim in family.claims[:1]:
            kept = recurrence(view, claim)
            updates = view.step.parameters[claim.parameter].updates
            if kept is None or any(made.get(u.after, (0, None))[1] is not None for u in updates):
                continue
            for memory in kept.kept:
                root, around = made.get(memory.chain.updates[0].after, (0, None))
                # A plain sum of gradients is no memory, but a larger batch.
                summed = abs(memory.decay) > 1 - 1e-6 and not memory.square
                if around is None or summed or _span(memory.decay) < min(_LONG, _steps(examination)):
                    continue
                site = _place(examination, tape.nodes[root].site, around)
                if site is not None:
                    yield Restarted(site, family.site, around.loop)


def _span(decay: float) -> float:
    """How many steps back a memory reaches: the sum of its weights."""
    return 0.0 if not np.isfinite(decay) else np.inf if abs(decay) >= 1 else 1 / (1 - abs(decay))


def _steps(examination: Examination) -> float:
    """How many steps a round has; infinity where none was seen to its end."""
    loop = examination.views[0].step.loop
    marks = [e for e in examination.tape.events if isinstance(e, Mark) and e.loop == loop]
    ended = {e.activation for e in marks if e.iteration < 0}
    return max((1.0 + e.iteration for e in marks if e.activation in ended), default=np.inf)


def _place(examination: Examination, site: int, around: Iteration) -> int | None:
    """Where a memory is made in a loop that goes over the data again and again, else None."""
    loop = examination.sites[around.loop].node
    if not isinstance(loop, ast.For) or not only_told(loop) or 0 < times(examination, around.loop, loop) < _FEWEST:
        return None
    steps = examination.sites[examination.views[0].step.loop].node
    if steps is loop or not isinstance(steps, ast.For) or not over_data(steps):
        return None
    place = called(examination, site, loop)
    return place if lexically(examination.sites[place].statement, loop) else None


MEASURE = Measurement("restarted", restarted)
