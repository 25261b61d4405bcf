"""Several losses in one step, each for parameters of its own: players that move at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bpdoctor.measure.assess import Assessment
from bpdoctor.observe.sites import Sites
from bpdoctor.pipeline.choice import is_stated

_AGREES = ("ok", "vacuous")


def of_objectives(tried: Sequence[Assessment], sites: Sites) -> tuple[Assessment, tuple[int, ...]] | None:
    """The gradients, each under the one of several computed losses that it belongs to, and where these are computed.

    None where a gradient belongs to no loss, or where one is a term of another (a gradient that is that of a term
    only lacks the rest) or of the same outputs: two measures of one error are no two aims.
    """
    left = [a for a in tried if is_stated(a, sites) and a.agreeing and len(a.trials) == len(tried[0].trials)]
    if len(left) < 2:
        return None
    chosen: list[Assessment] = []
    open_ = set(range(len(left[0].outcomes)))
    while open_ and left:
        best = max(left, key=lambda a: sum(a.outcomes[k].status in _AGREES for k in open_))
        explained = {k for k in open_ if best.outcomes[k].status in _AGREES}
        if not any(best.outcomes[k].status == "ok" for k in explained):
            return None
        chosen.append(best)
        left.remove(best)
        open_ -= explained
    if open_ or len(chosen) < 2 or any(_is_term(a, b) or _alike(a, b) for a in chosen for b in chosen if a is not b):
        return None
    outcomes = [
        next(a.outcomes[k] for a in chosen if a.outcomes[k].status in _AGREES) for k in range(len(chosen[0].outcomes))
    ]
    firsts = (a.trials[0] for a in chosen)
    return Assessment(chosen[0].trials, outcomes), tuple(t.view.tape.nodes[t.candidate.scalars[0]].site for t in firsts)


def _is_term(one: Assessment, whole: Assessment) -> bool:
    """Whether a loss is computed from another."""
    for trial, other in zip(one.trials, whole.trials, strict=True):
        given = [other.adjoints.get(n) for n in trial.candidate.scalars]
        if any(g is not None and np.any(g) for g in given):
            return True
    return False


def _alike(one: Assessment, other: Assessment) -> bool:
    """Whether two losses are made of the same outputs."""
    outputs = [{o for o, _ in a.trials[0].candidate.pairs} for a in (one, other)]
    return bool(outputs[0] & outputs[1])
