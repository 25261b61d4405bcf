"""What a computed scalar is beside the loss that is descended: the same, a measure of the error, or another loss.

Notes
-----
A loss falls towards the target: its derivative at an output has the sign of ``output - target``. A mean absolute
error, an accuracy or a correlation is looked at and never descended by hand; a coefficient of determination or a
perplexity has the minima of the loss that it is made of. A function of the error alone that bends (Huber,
log-cosh, a fourth power) is nobody's measure.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection
from typing import Any, Literal

import numpy as np

from bpdoctor.autodiff.bounds import active, bounds_of, guards
from bpdoctor.autodiff.ordered import levels
from bpdoctor.identify.dependence import ancestors
from bpdoctor.identify.loss import implied_losses
from bpdoctor.identify.residuals import Residual, find_residuals
from bpdoctor.measure.assess import Assessment, Trial
from bpdoctor.measure.fit import precision
from bpdoctor.measure.weighed import smoothed, weighed
from bpdoctor.model.record import record

Beside = Literal["", "unlike", "loss"]
# So much of the largest entry may be the work of what is added inside a logarithm, away from its ends.
_ALIKE, _END = 0.15, 1e-2
_LEVEL = 1e-6
# Entries in which a function of the error is recognised, and different slopes in which it bends.
_FEWEST, _SLOPES = 8, 4


@record(eq=False)
class _Step:
    """Entries of all outputs of one step: the slope of the scalar, and those of the losses that are descended."""

    slope: Any
    output: Any
    target: Any
    descended: tuple[Any, ...]
    tolerance: float

    @property
    def error(self) -> Any:
        return self.output - self.target


def beside(assessment: Assessment, descended: Collection[str]) -> Beside:
    """What a computed scalar of no standard form is, where losses of these standard forms are descended."""
    trials = assessment.trials
    if trials and any(all(own(trial, descended) for trial in trials) for own in (weighed, smoothed)):
        return "loss"
    steps = [_step(trial, descended) for trial in assessment.trials if not _bounded(trial)]
    seen = [s for s in steps if s is not None and s.descended]
    if not seen or len(seen) < len(steps):
        return ""
    seen = _joined(seen)
    if all(_alike(s) for s in seen):
        return ""
    if all(_turned(s) for s in seen):
        return "unlike"
    if not all(_falls(s) for s in seen):
        return ""
    if all(_hinge(s) for s in seen):
        return "loss"
    if all(_measure(s) for s in seen):
        return ""
    return "loss" if _of_the_error(seen) else "unlike"


def bends(assessment: Assessment) -> bool:
    """Whether a computed scalar is a loss of its own: one function of the error alone, which bends, or a hinge."""
    seen = [s for trial in assessment.trials if (s := _step(trial)) is not None and _falls(s)]
    if not seen or len(seen) < len(assessment.trials) or any(_measure(s) for s in seen):
        return False
    return all(_hinge(s) for s in seen) or _of_the_error(seen)


def score(assessment: Assessment, node_of_site: Callable[[int], ast.AST]) -> bool:
    """Whether a computed scalar rises as the outputs come nearer to their targets: it is to be climbed."""
    if assessment.inferred or not assessment.trials:
        return False
    if not any(trial.candidate.pairs for trial in assessment.trials):
        return all(_linked(trial, node_of_site) for trial in assessment.trials)
    steps = [_step(trial) for trial in assessment.trials]
    return all(s is not None and _falls(s, -1.0) for s in steps)


def _linked(trial: Trial, node_of_site: Callable[[int], ast.AST]) -> bool:
    """Whether a scalar of logits, beside which outputs are made of them, has there the outputs' error for a slope."""
    view = trial.view
    for residual in find_residuals(view.tape, view.masks, view.claims, node_of_site):
        for output, target in residual.pairs:
            error = np.asarray(view.tape.values[output], dtype=np.float64) - target
            behind = ancestors(view.tape, [output], view.masks)
            slopes = [g for n in behind if (g := trial.adjoints.get(n)) is not None and np.shape(g) == error.shape]
            if any(_opposed(np.ravel(g), np.ravel(error)) for g in slopes):
                return True
    return False


def _opposed(slope: Any, error: Any) -> bool:
    """Whether a slope is a negative multiple of the error, over more than one entry."""
    known = slope.size > 1 and slope.any() and bool(np.isfinite(slope).all())
    return known and float(slope @ error) < 0 and _left(slope, error) <= _LEVEL


def _bounded(trial: Trial) -> bool:
    """Whether an output was moved to a bound, or a bound that is there for the numbers' sake was reached."""
    tape, outputs = trial.view.tape, {o for o, _ in trial.candidate.pairs}
    held = [n for n in trial.adjoints.values if guards(tape, n) or (outputs & set(tape.nodes[n].inputs))]
    return any(bounds_of(tape, n) and active(tape, n) for n in held)


def _step(trial: Trial, descended: Collection[str] = ()) -> _Step | None:
    pairs = trial.candidate.pairs
    slopes = [trial.adjoints.get(o) for o, _ in pairs]
    values = [np.asarray(trial.view.tape.values[o]) for o, _ in pairs]
    if not pairs or any(s is None or np.shape(s) != v.shape for s, v in zip(slopes, values, strict=True)):
        return None
    slope = _flat(slopes)
    implied = implied_losses(trial.view.tape, Residual(0, pairs, ())) if descended else []
    standard = [c for c in implied if c.form in descended]
    others = tuple(_flat([c.seeds[o] for o, _ in pairs]) for c in standard)
    if not np.isfinite(slope).all() or not slope.any():
        return None
    output, target = _flat(values), _flat([t for _, t in pairs])
    kept = np.ones(output.shape, dtype=bool)
    if any("cross-entropy" in c.form for c in standard):
        kept = (output > _END) & (output < 1 - _END)
    found = _Step(
        slope[kept], output[kept], target[kept], tuple(d[kept] for d in others), max(map(precision, values))
    )  # fmt: skip
    return found if found.slope.any() else None


def _joined(steps: list[_Step]) -> list[_Step]:
    """Steps of one number each as one: a number alone is a multiple of every other."""
    if len(steps) < 2 or any(len(s.slope) > 1 for s in steps):
        return steps
    fewest = min(len(s.descended) for s in steps)
    descended = tuple(_flat([s.descended[i] for s in steps]) for i in range(fewest))
    slope, output, target = (_flat([getattr(s, x) for s in steps]) for x in ("slope", "output", "target"))
    return [_Step(slope, output, target, descended, max(s.tolerance for s in steps))]


def _flat(parts: list[Any]) -> Any:
    return np.concatenate([np.ravel(np.asarray(p, dtype=np.float64)) for p in parts])


def _alike(step: _Step) -> bool:
    """Whether the slope is that of a descended loss, but for its size and what keeps a logarithm finite."""
    return any(_left(step.slope, d) <= _ALIKE for d in step.descended)


def _left(slope: Any, other: Any) -> float:
    """What the multiple of another slope that fits best leaves over, relative to the largest entry."""
    scale = float(slope @ other / (other @ other)) if other.any() else 0.0
    return float(np.abs(slope - scale * other).max() / np.abs(slope).max())


def _falls(step: _Step, sign: float = 1.0) -> bool:
    """Whether a scalar, or its negative, falls wherever an output comes nearer to its target."""
    least = step.tolerance * np.abs(step.slope).max()
    return bool((sign * step.slope * np.sign(step.error) >= -least).all())


def _turned(step: _Step) -> bool:
    """Whether one of the two terms of a descended loss is missing, or has the wrong sign."""
    one = step.target == 1
    if not one.any() or not (step.target[~one] == 0).all() or one.all():
        return False
    for d in step.descended:
        mine = [_ratio(step.slope[part], d[part]) for part in (one, ~one)]
        if None not in mine and mine[0] != mine[1]:
            return True
    return False


def _ratio(slope: Any, other: Any) -> float | None:
    """The sign by which a slope is that of another loss: 1, -1, or 0 where it is flat."""
    if not slope.any():
        return 0.0
    close = _left(slope, other) <= _ALIKE
    return float(np.sign(slope @ other)) if close else None


def _hinge(step: _Step) -> bool:
    """Whether only what lies within a margin of its label counts, all of it alike."""
    if not (np.abs(step.target) == 1).all():
        return False
    within = step.target * step.output < 1
    size = np.abs(step.slope)
    return bool(within.any() and not size[~within].any() and np.ptp(size[within]) <= _LEVEL * size.max())


def _measure(step: _Step) -> bool:
    """Whether each error counts by its sign alone, or relative to its target, or a few of many count."""
    counted = step.slope != 0
    if counted.sum() <= 2 < len(counted):
        return True
    size = np.abs(step.slope[counted])
    relative = size * np.abs(step.target[counted])
    return any(bool(np.ptp(x) <= _LEVEL * x.max()) for x in (size, relative))


def _of_the_error(steps: list[_Step]) -> bool:
    """Whether the slope is one increasing function of the error alone, and bends."""
    several = [s for s in steps if len(s.slope) >= _FEWEST]
    columns = [(s.error, s.slope) for s in several] or [
        (np.concatenate([s.error for s in steps]), np.concatenate([s.slope for s in steps]))
    ]
    # A small batch in which all errors are large tells no more than their signs.
    slopes = np.concatenate([slope / np.abs(slope).max() for _, slope in columns])
    bent = len(levels(np.round(slopes / _LEVEL))) >= _SLOPES
    return bent and all(_rises(*column) for column in columns)


def _rises(error: Any, slope: Any) -> bool:
    """Whether the slope never falls as the error grows, over enough entries."""
    rises = np.diff(slope[np.argsort(error, kind="stable")])
    return len(slope) >= _FEWEST and bool((rises >= -_LEVEL * np.abs(slope).max()).all())
