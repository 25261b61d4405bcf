"""Runs a program under the recorder and prepares the examination that measurements and rules receive."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from bpdoctor.identify.step import find_steps
from bpdoctor.measure import measurements
from bpdoctor.measure.hypotheses import assessments
from bpdoctor.measure.units import find_units
from bpdoctor.measure.view import View, view_of
from bpdoctor.model.evidence import Evidence
from bpdoctor.model.examination import Examination
from bpdoctor.model.source import Source
from bpdoctor.model.tape import Tape
from bpdoctor.observe.loops import Limits, Loop
from bpdoctor.observe.program import Session
from bpdoctor.rules import all_rules

RULES = (
    "broadcast-loss",
    "read-after-mutation",
    "stale-weights-in-backward",
    "parameter-never-updated",
    "dead-relu",
    "saturation",
    "symmetric-initialisation",
    "missing-bias",
    "overflow",
    "log-of-zero",
    "non-finite",
    "division-by-zero",
)


def examine(text: str, path: str = "program.py", follow: float = 1.5) -> Examination:
    """Run a program text and measure."""
    session = Session(path, Limits(follow=follow))
    found: list[Examination] = []
    late: list[View] = []

    def look(loop: Loop | None) -> int | None:
        tape = session.recorder.tape
        views = early_views(tape)
        if not views:
            return None
        found.append(Examination(tape, session.sites, views=views, assessment=chosen(views, session)))
        return views[0].step.loop

    def window(iteration: int) -> None:
        tape = session.recorder.tape
        late.extend(view_of(tape, replace(s, iteration=iteration)) for s in find_steps(tape)[-1:])

    session.loops.look = look
    session.loops.on_window = window
    first = session.recorder.tape
    session.run(Source(path, text))
    last = session.recorder.tape
    if not found:
        look(None)
    if not found:
        return measured(Examination(first, session.sites, after=last))
    out = found[-1]
    out.late, out.after, out.units = late, last, find_units(out.views)
    return measured(out)


def early_views(tape: Tape) -> list[View]:
    steps = find_steps(tape)
    views = [view_of(tape, s) for s in steps if s.loop == steps[0].loop][:3]
    return [v for v in views if len(v.families) == len(views[-1].families)]


def chosen(views: list[View], session: Session) -> Any:
    tried = assessments(views, lambda i: session.sites[i].node)
    return max(tried, key=lambda a: (a.settled, a.agreeing, not a.inferred, -tried.index(a)), default=None)


def measured(examination: Examination) -> Examination:
    examination.measurements = {name: function(examination) for name, function in measurements().items()}
    return examination


def findings(examination: Examination, slugs: Iterable[str] = RULES) -> list[tuple[str, str, int | None, Evidence]]:
    """(slug, severity, line, evidence) of every finding."""
    out = []
    for slug in slugs:
        rule = all_rules().get(slug)
        for e in rule.evidence(examination) if rule is not None and rule.evidence else ():
            line = None if e.site is None else examination.sites[e.site].line
            out.append((slug, e.severity or rule.severity, line, e))
    return out
