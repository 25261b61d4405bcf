"""Gradients that are right when the backward pass first runs, and wrong when it runs again in the same step."""

from __future__ import annotations

import numpy as np

from bpdoctor.measure.fit import fit
from bpdoctor.measure.layers import above
from bpdoctor.measure.view import View
from bpdoctor.model.examination import Examination, Measurement
from bpdoctor.model.record import record
from bpdoctor.model.tape import Tape, Write


@record
class Twice:
    """The gradient computed at `site` is right the first time; `change` is what the first time left changed.

    `families` are the gradients that are wrong by it.
    """

    site: int
    change: int
    families: tuple[int, ...]


def twice(examination: Examination) -> list[Twice]:
    """Wrong gradients whose expression gave the right one earlier in the step, in every step."""
    assessment = examination.assessment
    if assessment is None:
        return []
    found: dict[int, tuple[int, int]] = {}
    wrong = [k for k, o in enumerate(assessment.outcomes) if o.status == "wrong"]
    for k in wrong:
        seen = [_first_right(t, k) for t in assessment.trials]
        if seen and all(s is not None for s in seen) and seen[0] is not None:
            found[k] = seen[0]
    if not found or len(found) < len(wrong):
        return []  # what is wrong the first time as well is another fault
    site, change = next(iter(found.values()))
    return [Twice(site, change, tuple(found))]


def _first_right(trial: object, k: int) -> tuple[int, int] | None:
    """(site of the gradient, site of the write between its two computations) for one family on one step."""
    view: View = trial.view  # type: ignore[attr-defined]
    reference = trial.references[k]  # type: ignore[attr-defined]
    family = view.families[k]
    node = family.claims[0].node if len(family.claims) == 1 else None
    if node is None or reference is None or node not in view.keys or not np.any(reference):
        return None
    site, _ = view.keys[node]
    for key in view.by_site[site]:
        earlier = view.by_key[key]
        value = view.tape.values[earlier]
        if earlier < node and np.size(value) == np.size(reference) and np.size(value) > 1:
            same = fit(value, reference, 1e-9).matches
            change = _change(view.tape, earlier, node) if same else None
            if change is not None:
                return site, change
    return None


def _change(tape: Tape, first: int, second: int) -> int | None:
    """Where the first computation, or what came with it, wrote into what the second is made of."""
    made, own = above(tape, [second]), above(tape, [first])
    for event in (e for e in tape.events if isinstance(e, Write)):
        inside = min(own) < event.before and event.after in made and event.after < second
        if inside and (event.before in own or event.after in own or event.after > first):
            return event.site
    return None


MEASURE = Measurement("twice", twice)
