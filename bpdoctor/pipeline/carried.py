"""Gradients that may count earlier steps in: a network with a memory, trained while it runs.

Its state goes on from step to step, and beside it a derivative of that state, or a trace, is carried on. The
derivative of one step's loss, in which the state that came in is a constant, is then not what is meant.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from bpdoctor.identify.dependence import ancestors, bit, dependence
from bpdoctor.identify.updates import find_updates
from bpdoctor.measure.assess import Trial
from bpdoctor.measure.view import View
from bpdoctor.model.tape import CONST, Tape
from bpdoctor.observe.sites import Sites
from bpdoctor.pipeline.analysis import Analysis

if TYPE_CHECKING:
    from bpdoctor.diagnose.believed import Fault

_SUMS = frozenset({"add", "subtract", "multiply", "divide"})


def carried_on(a: Analysis, sites: Sites) -> str:
    """Why a wrong gradient that nothing explains may be right over several steps; empty where it may not."""
    for fault, named in a.faults:
        if named.rule is not None or named.cause is not None:
            continue
        for trial in fault.assessment.trials:
            found = _traced(trial, fault) if trial.view.tape is a.tape else None
            if found is not None:
                back, ahead = (sites[n] for n in found)
                return (
                    "the gradient could not be established: it may count earlier steps in, for "
                    f"line {back.line} goes on from what an earlier step left there, as line {ahead.line} does in the "
                    "forward pass"
                )
    return ""


def _traced(trial: Trial, fault: Fault) -> tuple[int, int] | None:
    """Sites that read what an earlier step made of the parameters: on the way back alone, in the forward pass."""
    view, tape = trial.view, trial.view.tape
    made = _of_earlier(view)
    forward = ancestors(tape, trial.candidate.seeds, view.masks)
    ahead = _readers(tape, forward - view.starts - _sums(tape, trial.candidate.seeds), made)
    if not ahead:
        return None
    way = set().union(*(view.backward(view.families[k]) for k in fault.families)) - forward
    known = {s for n in forward for s in tape.nodes[n].inputs}
    for n in sorted(made):
        sources = tape.nodes[n].inputs
        if len(sources) == 1 and sources[0] in known:
            known.add(n)  # the same, turned or taken apart
    back = _readers(tape, way, made - known)
    return (tape.nodes[min(back)].site, tape.nodes[min(ahead)].site) if back else None


def _sums(tape: Tape, loss: Iterable[int]) -> set[int]:
    """What a loss is added up or averaged in: that an earlier one is in the sum is no memory of the network."""
    out: set[int] = set()
    pending = [*loss]
    while pending:
        n = pending.pop()
        if n not in out and n != CONST and tape.nodes[n].prim in _SUMS and np.size(tape.values[n]) == 1:
            out.add(n)
            pending.extend(tape.nodes[n].inputs)
    return out


def _of_earlier(view: View) -> set[int]:
    """What was computed from versions that the parameters had before this step, those and their updates aside."""
    before = {u.after: u.before for u in find_updates(view.tape)}
    kept = {c.start for c in view.step.state}
    versions = set(view.starts)
    pending = list(view.starts)
    while pending:
        older = before.get(pending.pop(), CONST)
        if older != CONST and older not in versions:
            versions.add(older)
            pending.append(older)
    earlier = versions - view.starts
    reached = dependence(view.tape, dict.fromkeys(earlier, bit(0)), min(earlier, default=0), view.step.hi)
    return {n for n in reached if n not in versions and n not in kept and n not in view.masks}


def _readers(tape: Tape, nodes: Iterable[int], made: set[int]) -> list[int]:
    return [n for n in nodes if any(s in made for s in tape.nodes[n].inputs)]
