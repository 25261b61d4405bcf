"""What a report says of its own reach: how far the reference was confirmed, and what was not examined."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from bpdoctor import __version__
from bpdoctor.identify.errors import FUNCTION
from bpdoctor.measure.assess import Assessment
from bpdoctor.measure.confirm import Slope
from bpdoctor.measure.stepped import steps_before
from bpdoctor.model.report import GradientResult
from bpdoctor.observe.program import Session
from bpdoctor.observe.sites import Sites
from bpdoctor.pipeline.analysis import Analysis
from bpdoctor.pipeline.carried import carried_on
from bpdoctor.pipeline.naming import family_names

_EXACT = 1e-5


def assumed(a: Analysis, slopes: Sequence[Slope] | None, session: Session) -> list[str]:
    """What is taken for granted: the loss, the reference, steps that were not seen."""
    if a.assessment is None:
        return _left(session)
    form = a.assessment.form
    inferred = [f"no loss is computed that the gradient belongs to; it was compared with the {form}"]
    if form == FUNCTION:
        inferred = ["no loss is computed; what is made of the errors was taken for its derivative, as it stands"]
    if a.apart is not None and a.apart.form == form:
        line = session.sites[a.apart.site].line
        inferred = [f"the loss is the {form} that line {line} evaluates, apart from the training steps"]
    inferred = inferred if a.assessment.inferred and a.seldom is None else []
    several = _several(a, session) if a.objectives else []
    return [*inferred, *several, *_given(a.assessment, session), *_confirmed(slopes), *_left(session)]


def _several(a: Analysis, session: Session) -> list[str]:
    """Losses that parameters of their own descend, and parameters that climb one of them."""
    lines = ", ".join(str(line) for line in sorted({session.sites[site].line for site in a.objectives}))
    out = [f"several losses are descended (lines {lines}), each by parameters of its own"]
    if a.reversed:
        names = family_names(a.views[0], session.sites)
        turned = ", ".join(f"`{names[k]}`" for k in a.reversed)
        out.append(f"{turned}: one loss is descended and the other climbed, as behind a layer that reverses gradients")
    return out


def _given(assessment: Assessment, session: Session) -> list[str]:
    """What the network makes and no gradient is taken through: targets, moves of the parameters."""
    nodes = {t.view.tape.nodes[n].site for t in assessment.trials for n in t.candidate.given}
    sites = [session.sites[site] for site in sorted(nodes)]
    return [
        f"`{' '.join(site.text.split())}` (line {site.line}) is made by the network and counts as given: no gradient is"
        " taken through it, as with temporal differences or at parameters that were moved"
        for site in sites
    ]


def _left(session: Session) -> list[str]:
    cut = session.loops.cut
    if cut is None or (cut[2] is not None and cut[1] >= cut[2]):
        return []
    line = session.sites[cut[0]].line
    return [f"the training loop of line {line} was left after {cut[1]} iterations; its gradients are the same"]


def _confirmed(slopes: Sequence[Slope] | None) -> list[str]:
    """How far the reference was held against the program itself."""
    if not slopes:
        return ["the reference was not confirmed by running the program again at other parameters"]
    agreeing = [s for s in slopes if s.agrees]
    if not agreeing:
        return ["the reference differs from the directional derivatives of the program itself, run again"]
    count = f"{len(agreeing)} of {len(slopes)}" if len(agreeing) < len(slopes) else str(len(slopes))
    smooth = [s for s in agreeing if not s.between]
    gap = max((abs(s.swept - s.measured) / max(abs(s.measured), abs(s.swept), 1e-300) for s in smooth), default=0.0)
    within = ", no more than the error of measuring it" if gap > _EXACT else ""
    told = [f"largest difference {gap:.0e}{within}"] if smooth else []
    if len(smooth) < len(agreeing):
        told.append("at a corner of the loss it is between the slopes to both sides")
    return [
        f"the reference agrees with {count} directional derivatives of the program itself,"
        f" measured by running it again ({'; '.join(told)})"
    ]


def doubted(a: Analysis, slopes: Sequence[Slope], sites: Sites) -> str:
    """Why there is nothing to compare: no backward pass, other slopes when the program runs again, or a trace."""
    if a.difference is not None:
        line = sites[a.difference].line
        return f"the gradient is taken by differences of the loss (line {line}): there is no backward pass to check"
    if a.contrast is not None:
        line = sites[a.contrast].line
        return f"the update contrasts correlations of two phases (line {line}): there is no loss whose gradient it is"
    if a.assessment is None and a.alternatives and all(tried.inferred for tried in a.alternatives):
        return "no loss is computed in the training steps, and the gradients are of none that could be meant"
    off = [s for s in slopes if not s.agrees]
    if not off or len(off) < len(slopes):
        return carried_on(a, sites)
    return (
        "the gradient could not be established: along a random direction the program's loss has slope "
        f"{off[0].measured:.6g} by differences, {off[0].swept:.6g} by the chain rule"
    )


def unexamined(a: Analysis, sites: Sites, gradients: Sequence[GradientResult]) -> list[str]:
    """What no derivative is known for, and what is 0 whether its formula is right or not."""
    if a.difference is not None or a.contrast is not None:
        return []
    if a.assessment is None:
        return ["no loss was found to compare the gradients with; --loss NAME tells which number it is"]
    trial = a.assessment.trials[0]
    out = []
    for at in dict.fromkeys(trial.adjoints.tainted.values()):
        site = sites[trial.view.tape.nodes[at].site]
        out.append(f"line {site.line}: no derivative is known for `{' '.join(site.text.split())[:60]}`")
    for n in steps_before(trial)[:1]:
        site = sites[trial.view.tape.nodes[n].site]
        text = " ".join(site.text.split())[:60]
        out.append(f"line {site.line}: `{text}` changes by jumps alone; what is passed back through it is a surrogate")
    nothing = [f"`{g.parameter}`" for g in gradients if g.status == "vacuous"]
    if nothing:
        shown = ", ".join(nothing[:4]) + (f" and {len(nothing) - 4} more" if len(nothing) > 4 else "")
        out.append(f"{shown}: the gradient is 0, and should be, in all that was seen; its formula was not tested")
    return out[:8]


def environment(seed: int) -> dict[str, Any]:
    """With what the program was run."""
    python = ".".join(map(str, sys.version_info[:3]))
    return {"python": python, "numpy": np.__version__, "bpdoctor": __version__, "seed": seed}
