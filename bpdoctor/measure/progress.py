"""How far training comes: the loss of the first steps' samples, at the first parameters and at the last.

Notes
-----
The losses that a program prints are those of one batch after another; here the same samples are computed again,
at the last parameters that give a number.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from bpdoctor.autodiff.replay import NotReplayed, replay
from bpdoctor.measure.descent import StepLoss, like, loss_in
from bpdoctor.measure.view import View
from bpdoctor.model.examination import Examination, Measurement
from bpdoctor.model.record import record


@record
class Progress:
    """The mean loss of some samples before and after so many iterations."""

    first: float
    last: float
    iterations: int


def progress(examination: Examination) -> Progress | None:
    """None where the loss is not settled, or the forward pass cannot be computed again."""
    assessment = examination.assessment
    if assessment is None or not assessment.settled:
        return None
    trial = next((t for t in assessment.trials if t.view.tape is examination.tape), None)
    views = [view for view in examination.views if trial is not None and view.tape is trial.view.tape]
    if trial is None or not views:
        return None
    begin = [views[0].tape.values[c.start] for c in views[0].step.parameters]
    held = [(view, loss) for view in views if (loss := loss_in(examination, trial, view)) is not None]
    for end in reversed([*views, *examination.late]):
        final = [end.tape.values[c.end] for c in end.step.parameters]
        losses = [(_at(loss, view, begin), _at(loss, view, final)) for view, loss in held]
        known = [(a, b) for a, b in losses if a is not None and b is not None and np.isfinite([a, b]).all()]
        if known:
            first, last = (float(np.mean(side)) for side in zip(*known, strict=True))
            return Progress(first, last, end.step.iteration - views[0].step.iteration)
    return None


def _at(loss: StepLoss, view: View, parameters: list[Any]) -> float | None:
    """The loss of a step's samples at other parameters."""
    starts, tape = [c.start for c in view.step.parameters], view.tape
    shapes = [np.shape(tape.values[n]) for n in starts]
    if shapes != [np.shape(p) for p in parameters]:
        return None
    changed = {n: like(tape.values[n], np.asarray(p)) for n, p in zip(starts, parameters, strict=True)}
    try:
        with np.errstate(all="ignore"):
            values = replay(tape, changed, max(loss.nodes) + 1)
    except NotReplayed:
        return None
    return loss.value([values.get(n, tape.values[n]) for n in loss.nodes])


MEASURE = Measurement("progress", progress)
