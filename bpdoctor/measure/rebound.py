"""Gradients that are given a name of which the update does not know: it holds the array that had the name before."""

from __future__ import annotations

import ast
from typing import Any

import numpy as np

from bpdoctor.measure.layers import above
from bpdoctor.measure.unapplied import like
from bpdoctor.measure.view import View
from bpdoctor.model.examination import Examination, Measurement
from bpdoctor.model.record import record
from bpdoctor.model.tape import Store

# Of fewer numbers being a multiple says little.
_TELLING = 2


@record
class Rebound:
    """At `site` something lasting is given the gradient of `name`; the update at `update` always takes zeros."""

    site: int
    update: int
    name: str


def rebound(examination: Examination) -> list[Rebound]:
    """Parameters that no step changes though their update runs, while their gradient is kept elsewhere."""
    trials = examination.assessment.trials if examination.assessment is not None else []
    trials = [t for t in trials if t.view.tape is examination.tape]
    out: dict[int, Rebound] = {}
    for k, family in enumerate(trials[0].view.families if len(trials) > 1 else ()):
        if any(np.any(t.view.changes[k]) for t in trials):
            continue
        sites = [_kept(t, k) for t in trials]
        for site in set.intersection(*map(set, sites)):
            if max(s[site] for s in sites) - min(s[site] for s in sites) < 1e-4:
                name = _target(examination.sites[family.site].node)
                out.setdefault(site, Rebound(site, family.site, name))
    return list(out.values())


def _kept(trial: Any, k: int) -> dict[int, float]:
    """Where something that outlasts a call is given a true gradient that the update does not take, with the factor."""
    view: View = trial.view
    family = view.families[k]
    reference = family.reference(view.step, trial.adjoints)
    if reference is None or not np.any(reference):
        return {}
    true = np.reshape(reference, family.shape)
    taken = above(view.tape, (t.node for c in family.claims for u in _updates(view, c) for t in u.terms))
    # The slots whose first array the update holds.
    slots = {e.slot for e in view.tape.events if isinstance(e, Store) and e.node in taken and e.slot[0] != "name"}
    out: dict[int, float] = {}
    for event in view.tape.events:
        if not isinstance(event, Store) or not view.step.start <= event.position <= view.step.stop:
            continue
        value = view.tape.values[event.node]
        if event.slot not in slots or event.node in taken or np.size(value) != np.size(true):
            continue
        found = like(value, true) if np.size(true) >= _TELLING or _same(value, true) else None
        if found is not None:
            out.setdefault(event.site, found)
    return out


def _updates(view: View, claim: Any) -> Any:
    return view.step.parameters[claim.parameter].updates


def _same(value: Any, true: Any) -> bool:
    return bool(np.allclose(np.ravel(value), np.ravel(true), rtol=1e-9, atol=0.0))


def _target(node: ast.AST) -> str:
    """What an update statement changes."""
    target = getattr(node, "target", node)
    return ast.unparse(target) if isinstance(target, ast.Name | ast.Attribute | ast.Subscript) else "a parameter"


MEASURE = Measurement("rebound", rebound)
