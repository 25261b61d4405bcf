"""A loss hypothesis against the user's claims: which gradients agree, by what factor, over several steps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from bpdoctor.autodiff.sweep import Adjoints
from bpdoctor.identify.families import Family
from bpdoctor.identify.loss import Candidate
from bpdoctor.measure.averages import averaged_once
from bpdoctor.measure.base import explaining
from bpdoctor.measure.fit import SAME_SCALE, Fit, fit
from bpdoctor.measure.held import held, plain, rates
from bpdoctor.measure.negligible import lost, nothing
from bpdoctor.measure.rates import averaged_over, explained
from bpdoctor.measure.stale import later_passes
from bpdoctor.measure.steady import steady_rates, unsteady
from bpdoctor.measure.stepped import behind_steps
from bpdoctor.measure.tolerance import tolerance_of
from bpdoctor.measure.view import View
from bpdoctor.model.record import record
from bpdoctor.model.report import Status


@dataclass(slots=True, eq=False)
class Trial:
    """One step under one loss hypothesis: true adjoints, and every family's claim held against them.

    `references` and `fits` are None for a family whose true gradient was not established; `rate` is the
    step's common factor, for plain claims and for those behind an optimiser; `top` the largest entry of
    all references; `families` are those of the view, or what else their updates may be made from where that
    agrees; `surrogates` are the families that no derivative reaches; `overrides` what is believed in place of
    true adjoints; `structures` and `sweeps` keep what is looked up repeatedly.
    """

    view: View
    candidate: Candidate
    adjoints: Adjoints
    families: list[Family]
    references: list[Any | None]
    fits: list[Fit | None]
    rate: dict[bool, float]
    top: float
    overrides: dict[int, Any]
    surrogates: frozenset[int] = frozenset()
    structures: Any = None
    sweeps: dict[Any, Any] = field(default_factory=dict)

    @property
    def label(self) -> tuple[object, ...]:
        """The loss hypothesis, named the same way in every step."""
        nodes = self.candidate.scalars or (self.candidate.pairs[0][0],)
        return self.candidate.form, *map(self.view.keys.get, nodes)


@record
class Outcome:
    """State of one family over all trials. `scale` is relative to the common rate."""

    status: Status
    scale: float
    residual: float
    tolerance: float


@dataclass(slots=True, eq=False)
class Assessment:
    """A loss hypothesis with the outcome of every family of parameters."""

    trials: list[Trial]
    outcomes: list[Outcome]

    @property
    def form(self) -> str:
        return self.trials[0].candidate.form

    @property
    def inferred(self) -> bool:
        return self.trials[0].candidate.inferred

    @property
    def indirect(self) -> bool:
        """Whether some gradient agrees only as what its update may be made from, not as what is subtracted."""
        pairs = (pair for t in self.trials for pair in zip(t.view.families, t.families, strict=True))
        return any(own is not taken and not plain(taken) for own, taken in pairs)

    @property
    def agreeing(self) -> int:
        """How many families agree with the reference, by a common factor."""
        return sum(o.status == "ok" for o in self.outcomes)

    @property
    def settled(self) -> bool:
        """Whether every family that has a derivative was examined and agrees."""
        apart = frozenset.intersection(*(t.surrogates for t in self.trials))
        return self.agreeing > 0 and all(
            o.status in ("ok", "vacuous") or k in apart for k, o in enumerate(self.outcomes)
        )


def assess(
    views: Sequence[View],
    candidates: Sequence[Candidate],
    overrides: Sequence[dict[int, Any]] = (),
    known: Sequence[Adjoints] = (),
) -> Assessment:
    """Sweep each step from its candidate (or take the adjoints as known) and compare every family.

    Where more agrees without the numbers that keep a logarithm finite, it is compared with that: they are no part
    of what is meant.
    """
    found = _assessed(views, candidates, overrides, known)
    if found.settled or overrides or known or any(v.altered is None for v in views):
        return found
    without = _assessed(views, [replace(c, bare=True) for c in candidates], (), ())
    return without if without.agreeing > found.agreeing else found


def _assessed(
    views: Sequence[View],
    candidates: Sequence[Candidate],
    overrides: Sequence[dict[int, Any]],
    known: Sequence[Adjoints],
) -> Assessment:
    trials = []
    for i, (view, candidate) in enumerate(zip(views, candidates, strict=True)):
        held = overrides[i] if overrides else None
        adjoints = known[i] if known else view.under(candidate, held)
        trials.append(_trial(view, candidate, adjoints, overrides[i] if overrides else {}))
    if not (overrides or known):  # of adjoints that are believed for the time being the factors are their own
        _take_one_base(trials)
    changing = unsteady(trials)
    for trial, rate in zip(trials, steady_rates(trials) if changing else (), strict=False):
        trial.rate[True], changing = rate, False
    outcomes = [_outcome(trials, k) for k in range(len(views[0].families))]
    if changing:
        outcomes = [replace(o, status="wrong", residual=1.0) if o.status == "ok" else o for o in outcomes]
    return Assessment(trials, outcomes)


def _trial(view: View, candidate: Candidate, adjoints: Adjoints, overrides: dict[int, Any]) -> Trial:
    if view.elsewhere is None:
        view.elsewhere = later_passes(view)
    references = [
        None if k in view.elsewhere else family.reference(view.step, adjoints) for k, family in enumerate(view.families)
    ]
    surrogates = behind_steps(view, candidate, references)
    for k in surrogates:
        references[k] = None
    tolerances = [tolerance_of(view, family) for family in view.families]
    compared = zip(view.changes, references, tolerances, strict=True)
    fits = [None if r is None else fit(change, r, tolerance) for change, r, tolerance in compared]
    sizes = None if candidate.node is None else {d for n in view.forward for d in np.shape(view.tape.values[n])}
    found = held(view.families, references, fits, tolerances, sizes)
    taken, agreed = [family for family, _ in found], [fitted for _, fitted in found]
    tops = [float(np.abs(r).max()) for r in references if r is not None and r.size]
    top = max((t for t in tops if np.isfinite(t)), default=0.0)
    rate = rates(found, sizes)
    rate[True] = averaged_once(view, candidate, taken, agreed, rate[True])
    return Trial(view, candidate, adjoints, taken, references, agreed, rate, top, dict(overrides), surrogates)


def _take_one_base(trials: Sequence[Trial]) -> None:
    """Let the common factor be that beside which one mistake explains the other, if it is so in all steps alike."""
    found = []
    for trial in trials:
        view, rate = trial.view, trial.rate[True]
        shapes = (np.shape(view.tape.values[n]) for n in view.forward)
        sizes = None if trial.candidate.node is None else {d for shape in shapes for d in shape}
        found.append(explaining(view, trial.adjoints.values, trial.families, trial.fits, rate, sizes))
    times = [new / trial.rate[True] for new, trial in zip(found, trials, strict=True) if trial.rate[True]]
    if len(times) == len(trials) and max(times) - min(times) <= SAME_SCALE * abs(times[0]):
        for trial, rate in zip(trials, found, strict=True):
            trial.rate[True] = rate


def factor(trial: Trial, k: int, adjoints: Adjoints) -> float | None:
    """By what a family's claim is a multiple of its reference on one step, in units of the step's rate.

    None where it is no multiple. Not a number where that is all that can be told: of an array, of zeros, and
    where the rate is not known.
    """
    family = trial.view.families[k]
    reference = family.reference(trial.view.step, adjoints)
    if reference is None:
        return None
    found = fit(trial.view.changes[k], reference, tolerance_of(trial.view, family))
    if not (found.matches or found.zero):
        # A step by signs is no multiple; what the signs were taken of may be.
        made_from = (fit(other.change, reference, tolerance_of(trial.view, family)) for other in family.others)
        return np.nan if np.size(reference) > 1 and any(f.matches for f in made_from) else None
    rate = trial.rate[plain(family)]
    return found.scale / rate if rate and np.size(reference) == 1 and found.matches else np.nan


def _outcome(trials: list[Trial], k: int) -> Outcome:
    """Combine the steps: wrong in one is wrong; zero in all is vacuous; one factor in all is a scale."""
    seen: list[tuple[Fit, float]] = []
    rates: list[float] = []
    for trial in _telling(trials, k):
        family, reference, found = trial.families[k], trial.references[k], trial.fits[k]
        if reference is None or found is None:
            return Outcome("not-examined", np.nan, np.nan, 0.0)
        own = family is trial.view.families[k]
        change, rate = trial.view.changes[k] if own else family.change, trial.rate[plain(family)]
        if not (np.isfinite(reference).all() and np.isfinite(change).all()):
            if len(trials) > 1:
                continue
            return Outcome("not-finite", np.nan, np.nan, 0.0)
        relative = _relative(trial, family, found)
        off = not found.matches or not abs(relative - 1) <= SAME_SCALE
        if nothing(trial, reference, change, abs(rate or 1.0)) or (off and lost(trial, reference, change, rate)):
            continue
        seen.append((found, relative))
        rates.append(rate)
    if not seen:
        return Outcome("vacuous", np.nan, 0.0, 0.0)
    worst = max((f for f, _ in seen), key=lambda f: f.residual / f.tolerance)
    if not all(f.matches for f, _ in seen):
        return Outcome("wrong", worst.scale, worst.residual, worst.tolerance)
    near = max(SAME_SCALE, 10 * worst.tolerance)
    family = trials[0].families[k]
    if not all(rates) and int(np.prod(family.shape)) == 1:
        return _number(family, [f for f, _ in seen], worst, near, next(filter(None, rates), 0.0))
    scales = [s for _, s in seen]
    if all(abs(s - 1) <= near for s in scales):
        return Outcome("ok", 1.0, worst.residual, worst.tolerance)
    if max(scales) - min(scales) <= near * abs(scales[0]):
        # One number always fits some factor; only a family of several entries proves one.
        return Outcome("scaled", scales[0], worst.residual, worst.tolerance)
    return Outcome("wrong", worst.scale, 1.0, worst.tolerance)


def _number(family: Family, seen: list[Fit], worst: Fit, near: float, elsewhere: float) -> Outcome:
    """One number fits any rate: alone it is judged by the one that its update states, or that others have elsewhere."""
    factor = family.claims[0].factor
    rates = (factor, abs(factor), elsewhere)  # a minus may stand in the update
    if any(all(abs(f.scale - known) <= near * abs(f.scale) for f in seen) for known in rates):
        return Outcome("ok", 1.0, worst.residual, worst.tolerance)
    return Outcome("wrong", worst.scale, 1.0, worst.tolerance)


def _telling(trials: list[Trial], k: int) -> list[Trial]:
    """Without steps at which no error flows, if something beside the gradient moves the family: all that is left."""
    beside = any(t.families[k] is not t.view.families[k] for t in trials)
    return [t for t in trials if t.top or not beside]


def _relative(trial: Trial, family: Family, found: Fit) -> float:
    """Scale relative to the common rate, but for differences that the update statements alone spell out."""
    rate = trial.rate[plain(family)]
    if not rate:
        return found.scale
    scale = found.scale / rate
    if abs(scale - 1) <= SAME_SCALE:
        return scale
    own, theirs = family.claims[0].stated, []
    for other, fitted in zip(trial.families, trial.fits, strict=True):
        common = fitted is not None and fitted.matches and abs(fitted.scale - rate) <= SAME_SCALE * abs(rate)
        if common and plain(other) == plain(family):
            theirs.append(other.claims[0].stated)
    alike = Counter(own) in map(Counter, theirs)
    return 1.0 if not alike and any(explained(scale, own, stated, averaged_over(trial)) for stated in theirs) else scale
