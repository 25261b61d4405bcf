"""What in the program was examined: its parameters, its loss, how it is updated."""

from __future__ import annotations

from collections.abc import Sequence

from bpdoctor.model.report import Loss, Parameter, Subject
from bpdoctor.observe.sites import Sites
from bpdoctor.pipeline.analysis import Analysis

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
    trial = a.assessment.trials[0]
    if not trial.candidate.scalars:
        return Loss(trial.candidate.form, None, trial.candidate.form, True)
    site, *others = (sites[trial.view.tape.nodes[n].site] for n in trial.candidate.scalars)
    factors = (f / trial.candidate.factors[0] for f in trial.candidate.factors[1:])
    parts = zip(others, ("" if abs(f - 1) < _SAME else f"{f:.6g} times " for f in factors), strict=True)
    form = " and ".join(f"{f}`{' '.join(o.text.split())[:60]}` of line {o.line}" for o, f in parts)
    form = f"plus {form}" if form else "computed" if trial.candidate.factors[0] > 0 else "climbed, as a likelihood is"
    return Loss(" ".join(site.text.split())[:80], site.line, form, False)


def _optimizer(a: Analysis) -> str:
    plain = all(c.plain for c in a.views[0].claims)
    return "gradient descent" if plain else "a rule that keeps state from step to step"
