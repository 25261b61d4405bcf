"""Gradients that cancel to rounding: the errors of a softmax add up to 0, over its classes and so over everything."""

from __future__ import annotations

import numpy as np

from bpdoctor.model.examination import Examination, Measurement
from bpdoctor.model.record import record

# Beside the terms that it is the sum of, a sum below this is what rounding left.
_ROUNDING = 1e-6
_SUMS = ("sum", "mean")


@record
class Cancelled:
    """At `site` errors of shape `errors` are added up to one number for a parameter of shape `shape`: to nothing."""

    site: int
    parameter: int
    errors: tuple[int, ...]
    shape: tuple[int, ...]


def cancelled(examination: Examination) -> list[Cancelled]:
    """Gradients of one number that take nothing to parameters of several entries, which the loss depends on."""
    if examination.assessment is None:
        return []
    trial, outcomes = examination.assessment.trials[0], examination.assessment.outcomes
    tape, out = trial.view.tape, []
    for k, family in enumerate(trial.view.families):
        node = family.claims[0].node
        if outcomes[k].status != "wrong" or node is None or int(np.prod(family.shape)) == 1:
            continue
        summed = tape.nodes[node]
        terms = tape.values[summed.inputs[0]] if summed.prim in _SUMS and summed.inputs[0] >= 0 else None
        if terms is None or np.size(tape.values[node]) != 1 or np.ndim(terms) < 2:
            continue
        if np.abs(tape.values[node]).max() <= _ROUNDING * np.abs(terms).sum():
            out.append(Cancelled(summed.site, k, np.shape(terms), family.shape))
    return out


MEASURE = Measurement("cancelled", cancelled)
