"""What in the program was examined: its parameters, its loss, how it is updated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from bpdoctor.measure.assess import Trial
from bpdoctor.model.report import Loss, Parameter, Subject
from bpdoctor.observe.sites import Sites
from bpdoctor.pipeline.analysis import Analysis
from bpdoctor.pipeline.judgement import proportional

_DIRECTIONS = 3
_DRAWN = 10_000
_MOST_OTHERS = 12
_SAME = 1e-6


def subject_of(a: Analysis, names: Sequence[Sequence[str]], sites: Sites) -> Subject:
    """Return the subject of an analysis, in the user's names of each player's parameters."""
    parameters = tuple(
        Parameter(n, f.shape, sites[f.site].line)
        for own, player in zip(names, a.players, strict=True)
        for n, f in zip(own, player.views[0].families, strict=True)
    )
    return Subject(parameters, _loss(a, sites), _optimizer(a), a.steps_seen)


def _loss(a: Analysis, sites: Sites) -> Loss | None:
    if a.assessment is None:
        return None
    name, line, form = _called((a.seldom or a.assessment).trials[0], sites)
    inferred = line is None
    form = "computed now and then" if a.seldom is not None else form
    return Loss(name, line, form, inferred, slopes=_slopes(_earliest(a)), others=_others(a, sites))


def _called(trial: Trial, sites: Sites) -> tuple[str, int | None, str]:
    """How a loss is called, where it is computed, and how."""
    if not trial.candidate.scalars:
        return trial.candidate.form, None, trial.candidate.form
    site, *others = (sites[trial.view.tape.nodes[n].site] for n in trial.candidate.scalars)
    factors = (f / trial.candidate.factors[0] for f in trial.candidate.factors[1:])
    parts = zip(others, ("" if abs(f - 1) < _SAME else f"{f:.6g} times " for f in factors), strict=True)
    form = " and ".join(f"{f}`{' '.join(o.text.split())[:60]}` of line {o.line}" for o, f in parts)
    form = f"plus {form}" if form else "computed" if trial.candidate.factors[0] > 0 else "climbed, as a likelihood is"
    return " ".join(site.text.split())[:80], site.line, form


def _earliest(a: Analysis) -> Trial | None:
    recorded = [t for t in a.assessment.trials if t.view.tape is a.tape] if a.assessment is not None else []
    return min(recorded, key=lambda t: t.view.step.start, default=None)


def _slopes(trial: Trial | None) -> tuple[float, ...]:
    """Derivatives of the loss along drawn directions: they tell it from another."""
    if trial is None:
        return ()
    rng = np.random.default_rng(0)
    found = [trial.adjoints.get(c.start) for c in trial.view.step.parameters]
    along = ((g, _direction(rng, g)) for g in found if g is not None for _ in range(_DIRECTIONS))
    return tuple(float(np.sum(g * direction)) for g, direction in along)


def _direction(rng: np.random.Generator, g: Any) -> Any:
    """As many numbers as are needed to tell gradients apart; in a large one they come again and again."""
    return np.resize(rng.normal(size=min(np.size(g), _DRAWN)), np.shape(g))


def _others(a: Analysis, sites: Sites) -> tuple[str, ...]:
    """Other losses that were thought of and slope like the one that is differentiated, in the same step.

    And the one of which that is a term: it is the program's own.
    """
    own = {id(t.view): t for t in a.assessment.trials} if a.assessment is not None else {}
    out = [] if a.term is None else [" ".join(sites[a.term.loss].text.split())[:80]]
    for other in a.alternatives[:_MOST_OTHERS]:
        common = next((t for t in other.trials if id(t.view) in own), None)
        if (
            common is not None
            and not common.candidate.others
            and proportional(_slopes(common), _slopes(own[id(common.view)]))
        ):
            out.append(_called(common, sites)[0])
    return tuple(out)


def _optimizer(a: Analysis) -> str:
    plain = all(c.plain for c in a.views[0].claims)
    return "gradient descent" if plain else "a rule that keeps state from step to step"
