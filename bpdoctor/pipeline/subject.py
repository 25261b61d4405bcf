"""What in the program was examined: its parameters, its loss, how it is updated."""

from __future__ import annotations

from collections.abc import Sequence

from bpdoctor.model.report import Loss, Parameter, Subject
from bpdoctor.observe.sites import Sites
from bpdoctor.pipeline.analysis import Analysis


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
    form = " and ".join(f"`{' '.join(other.text.split())[:60]}` of line {other.line}" for other in others)
    form = f"plus {form}" if form else "computed"
    return Loss(" ".join(site.text.split())[:80], site.line, form, False)


def _optimizer(a: Analysis) -> str:
    plain = all(c.plain for c in a.views[0].claims)
    return "gradient descent" if plain else "a rule that keeps state from step to step"
