"""What one recorded step does to the loss of its own data, and what smaller and larger steps would have done.

Notes
-----
The forward pass is computed again from the tape at ``θ + s (θ' - θ)``. A step along a right gradient that raises
the loss of the very samples it was computed from, where a hundredth of it lowers it, is longer than the curvature
allows: on a parabola the loss rises from twice the best length on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import Any

import numpy as np

from bpdoctor.autodiff.replay import NotReplayed, replay
from bpdoctor.identify.loss import FORMS, implied_value
from bpdoctor.identify.residuals import find_residuals
from bpdoctor.measure.view import View
from bpdoctor.model.examination import Examination, Measurement
from bpdoctor.model.record import record

_MOST_NODES = 20_000


@record(eq=False)
class Descent:
    """The loss before a step and after it; ``at(s)`` is what it would be after `s` times the step.

    `ratio` is the length of the change against that of the parameters, all arrays together.
    """

    iteration: int
    before: float
    after: float
    ratio: float
    at: Callable[[float], float]


def descents(examination: Examination) -> list[Descent]:
    """One for each recorded step that can be computed again, in order of execution."""
    return list(_descents(examination))


def _descents(examination: Examination) -> Iterator[Descent]:
    assessment = examination.assessment
    if assessment is None or not assessment.settled:
        return
    trial = next((t for t in assessment.trials if t.view.tape is examination.tape), None)
    if trial is None:
        return
    for view in [*examination.views, *examination.late]:
        if view.tape is trial.view.tape and view.step.lo < trial.view.step.lo:
            continue
        loss = loss_in(examination, trial, view)
        if loss is not None and view.step.hi - view.step.lo < _MOST_NODES:
            with np.errstate(all="ignore"):
                found = _descent(loss, view)
            if found is not None:
                yield found


@record(eq=False)
class StepLoss:
    """The loss of one step: numbers to be added up, or outputs with the targets of an implied loss."""

    form: str
    nodes: tuple[int, ...]
    targets: tuple[Any, ...]
    factors: tuple[float, ...] = ()

    def value(self, values: Sequence[Any]) -> float:
        """What the loss is where its nodes have these values."""
        held = [np.asarray(v, dtype=np.float64) for v in values]
        if not self.targets:
            return sum(factor * float(v.ravel()[0]) for factor, v in zip(self.factors, held, strict=True))
        return sum(implied_value(self.form, o, t) for o, t in zip(held, self.targets, strict=True))


def loss_in(examination: Examination, trial: Any, view: View) -> StepLoss | None:
    """The loss of this step; the targets are those of its own samples."""
    scalars, form = trial.candidate.scalars, trial.candidate.form
    keys = [trial.view.keys.get(n) for n in (scalars or [o for o, _ in trial.candidate.pairs])]
    nodes = tuple(view.by_key[k] for k in keys if k is not None and k in view.by_key)
    if not nodes or len(nodes) != len(keys):
        return None
    if scalars:
        return StepLoss(form, nodes, (), trial.candidate.factors)
    if form not in FORMS:
        return None
    sites = examination.sites
    found = find_residuals(view.tape, view.masks, view.claims, lambda site: sites[site].node)
    held = next((dict(r.pairs) for r in found if {o for o, _ in r.pairs} == set(nodes)), None)
    return None if held is None else StepLoss(form, nodes, tuple(held[n] for n in nodes))


def _descent(loss: StepLoss, view: View) -> Descent | None:
    tape, nodes = view.tape, loss.nodes
    moves = [(c.start, np.asarray(tape.values[c.start]), np.asarray(tape.values[c.end])) for c in view.step.parameters]
    if not moves or any(np.shape(a) != np.shape(b) for _, a, b in moves):
        return None

    @cache
    def at(scale: float) -> float:
        with np.errstate(all="ignore"):
            changed = {n: like(tape.values[n], b if scale == 1 else a + scale * (b - a)) for n, a, b in moves}
            values = replay(tape, changed, max(nodes) + 1)
            return loss.value([values.get(n, tape.values[n]) for n in nodes])

    try:
        after = at(1.0)
    except NotReplayed:
        return None
    length, size = _length(b - a for _, a, b in moves), _length(a for _, a, _ in moves)
    before = loss.value([tape.values[n] for n in nodes])
    return Descent(view.step.iteration, before, after, length / size if size else np.inf, at)


def _length(arrays: Iterable[Any]) -> float:
    """Root of the sum of squares over all arrays."""
    return float(np.sqrt(sum(np.vdot(x, x) for x in arrays)))


def like(old: Any, value: Any) -> Any:
    """A value in the type of the one that it stands in for."""
    return float(value) if np.ndim(old) == 0 else np.asarray(value, dtype=np.asarray(old).dtype)


MEASURE = Measurement("descent", descents)
