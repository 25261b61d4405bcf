"""Several losses in one step, each for parameters of its own: players that move at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bpdoctor.measure.assess import Assessment, Outcome
from bpdoctor.model.record import record
from bpdoctor.observe.sites import Sites
from bpdoctor.pipeline.choice import is_stated, rate_sign

_AGREES = ("ok", "vacuous")
_NEAR = 1e-6
_FEWEST = 4


@record
class Objectives:
    """Which loss each gradient belongs to: `assessment` of all of them, the `sites` of the losses.

    `reversed` are the families that descend one of the losses and climb the other at once.
    """

    assessment: Assessment
    sites: tuple[int, ...]
    reversed: tuple[int, ...] = ()


def of_objectives(tried: Sequence[Assessment], sites: Sites) -> Objectives | None:
    """The gradients, each under the one of several computed losses that it belongs to, and where these are computed.

    None where a gradient belongs to no loss, or where one is a term of another (a gradient that is that of a term
    only lacks the rest) or of the same outputs: two measures of one error are no two aims.
    """
    # A sum of several that nothing in the program adds up is no loss of its own here.
    whole = [a for a in tried if len(a.trials) == len(tried[0].trials)]
    single = [a for a in whole if len(a.trials[0].candidate.scalars) == 1]
    stated = [a for a in single if is_stated(a, sites) and a.agreeing]
    chosen, open_ = _divided(stated)
    if open_ and stated:
        chosen, open_ = _divided([*stated, *(a for a in whole if _of_its_own(a))])
    if len(chosen) < 2 or any(_is_term(a, b) or _alike(a, b) for a in chosen for b in chosen if a is not b):
        return None
    if open_ and (len(chosen) > 2 or any(_is_term(a, b) for a in chosen for b in single if b not in chosen)):
        return None
    if not all(_against(chosen, k) for k in open_):
        return None
    outcomes = [
        next((a.outcomes[k] for a in chosen if a.outcomes[k].status in _AGREES), Outcome("ok", 1.0, 0.0, _NEAR))
        for k in range(len(chosen[0].outcomes))
    ]
    firsts = [a.trials[0] for a in chosen]
    ends = ([*t.candidate.scalars, *(o for o, _ in t.candidate.pairs)][0] for t in firsts)
    where = tuple(t.view.tape.nodes[n].site for t, n in zip(firsts, ends, strict=True))
    return Objectives(Assessment(chosen[0].trials, outcomes), where, tuple(sorted(open_)))


def _divided(left: Sequence[Assessment]) -> tuple[list[Assessment], set[int]]:
    """Losses that explain one gradient after the other, and the gradients that belong to none of them."""
    left, chosen = list(left), list[Assessment]()
    open_ = set(range(len(left[0].outcomes))) if left else set[int]()
    while open_ and left:
        best = max(left, key=lambda a: sum(a.outcomes[k].status in _AGREES for k in open_))
        explained = {k for k in open_ if best.outcomes[k].status in _AGREES}
        if not any(best.outcomes[k].status == "ok" for k in explained):
            break
        chosen.append(best)
        left.remove(best)
        open_ -= explained
    return chosen, open_


def _against(chosen: Sequence[Assessment], k: int) -> bool:
    """Whether a gradient is one loss's less a multiple of the other's, the same at all steps.

    Notes
    -----
    What is shared is trained to be of use to one network and of none to the other: Ganin & Lempitsky 2015, gradient
    reversal. A sum of both would be descended as a sum; who computes it is held to it.
    """
    rows, claims = [], []
    for trials in zip(*(a.trials for a in chosen), strict=True):
        references = [t.references[k] for t in trials]
        rates = [t.rate[True] for t in trials]
        if any(r is None for r in references) or not all(rates):
            return False
        rows.append(np.stack([np.ravel(r) * rate for r, rate in zip(references, rates, strict=True)], axis=1))
        claims.append(np.ravel(trials[0].view.changes[k]))
    table, claim = np.concatenate(rows), np.concatenate(claims)
    shares, _, rank, _ = np.linalg.lstsq(table, claim, rcond=None)
    left = float(np.linalg.norm(table @ shares - claim))
    return bool(
        rank > 1 and len(claim) > _FEWEST and left <= _NEAR * np.linalg.norm(claim) and shares.min() < 0 < shares.max()
    )


def _is_term(one: Assessment, whole: Assessment) -> bool:
    """Whether a loss is computed from another."""
    for trial, other in zip(one.trials, whole.trials, strict=True):
        given = [other.adjoints.get(n) for n in trial.candidate.scalars]
        if any(g is not None and np.any(g) for g in given):
            return True
    return False


def _of_its_own(assessment: Assessment) -> bool:
    """Whether an inferred squared error explains all that it depends on: what a policy's baseline descends."""
    agreeing = [o.status == "ok" for o in assessment.outcomes]
    others = (k for k, agrees in enumerate(agreeing) if not agrees)
    descends = any(agreeing) and not rate_sign(assessment)
    return assessment.form == "squared error" and descends and not any(_reaches(assessment, k) for k in others)


def _reaches(assessment: Assessment, k: int) -> bool:
    """Whether a loss depends on a parameter."""
    return any(t.references[k] is None or bool(np.any(t.references[k])) for t in assessment.trials)


def _alike(one: Assessment, other: Assessment) -> bool:
    """Whether two losses are made of the same outputs, and neither trains what the other does not depend on.

    An advantage is in the loss of a policy, and its square is that of the baseline.
    """
    outputs = [{o for o, _ in a.trials[0].candidate.pairs} for a in (one, other)]
    apart = any(
        a.outcomes[k].status == "ok" and not _reaches(b, k)
        for a, b in ((one, other), (other, one))
        for k in range(len(one.outcomes))
    )
    return bool(outputs[0] & outputs[1]) and not apart
