"""A loss that is a sum, of which the program descends one term: the others were computed and overwritten."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from bpdoctor.autodiff.sweep import Adjoints
from bpdoctor.identify.loss import implied_losses
from bpdoctor.identify.residuals import Residual, find_residuals, residual_pair
from bpdoctor.measure.assess import Assessment, Trial
from bpdoctor.measure.fit import fit
from bpdoctor.measure.tolerance import tolerance_of
from bpdoctor.model.record import record
from bpdoctor.observe.sites import Sites
from bpdoctor.pipeline.choice import is_statement


@record
class Single:
    """Of `several` differences that are computed at `site`, the steps descend the last; `loss` is of all of them."""

    site: int
    loss: int
    several: int


def of_all_terms(tried: list[Assessment], descended: Collection[str], sites: Sites) -> Single | None:
    """Where only a term is descended: a computed loss is, of all the differences, what is descended of one."""
    for a in tried:
        node = a.trials[0].candidate.node
        if node is None or a.settled or not is_statement(sites[a.trials[0].view.tape.nodes[node].site]):
            continue
        found = [_single(t, descended, sites) for t in a.trials]
        if None not in found and len({f.site for f in found if f is not None}) == 1:
            return max((f for f in found if f is not None), key=lambda f: f.several)
    return None


def _single(trial: Trial, descended: Collection[str], sites: Sites) -> Single | None:
    view, tape = trial.view, trial.view.tape
    for residual in find_residuals(tape, view.masks, view.claims, lambda i: sites[i].node):
        executed = [view.by_key[key] for key in view.by_site.get(residual.site, ())]
        nodes = [n for n in executed if view.step.start <= n < view.step.stop]
        pairs = [residual_pair(tape, view.masks, n, lambda i: sites[i].node) for n in nodes]
        whole = Residual(residual.site, tuple(p for p in pairs if p is not None), tuple(nodes))
        if len(residual.pairs) > 1 or len(whole.pairs) < 2:
            continue
        for candidate in implied_losses(tape, whole):
            if candidate.form in descended and _alike(trial, view.sweep(candidate.seeds)):
                return Single(residual.site, tape.nodes[trial.candidate.node or 0].site, len(whole.pairs))
    return None


def _alike(trial: Trial, adjoints: Adjoints) -> bool:
    """Whether two losses have one gradient, but for a factor common to all parameters."""
    one, other = [], []
    tolerance = 0.0
    for family in trial.view.families:
        x, y = (family.reference(trial.view.step, a) for a in (trial.adjoints, adjoints))
        if x is None or y is None:
            return False
        one.append(np.ravel(x))
        other.append(np.ravel(y))
        tolerance = max(tolerance, tolerance_of(trial.view, family))
    return bool(one) and fit(np.concatenate(one), np.concatenate(other), tolerance).matches
