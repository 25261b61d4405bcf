"""Waiting for a step that tells more than the first ones: in which a row of a parameter is read twice."""

from __future__ import annotations

from collections.abc import Sequence

from bpdoctor.identify.rows import overwrites, repeats
from bpdoctor.measure.view import View
from bpdoctor.model.rule import Rule
from bpdoctor.observe.loops import Loops
from bpdoctor.observe.sites import Sites
from bpdoctor.pipeline.analysis import Analysis, again
from bpdoctor.pipeline.chosen import Chosen

# So many steps are recorded for it, one after another.
_MOST = 60


class Awaited:
    """What a later step has to show, and the step once it came."""

    def __init__(self, loops: Loops) -> None:
        self.loops = loops
        self.waiting = False
        self.views: tuple[View, ...] = ()

    def begin(self, a: Analysis) -> None:
        """Ask for the next steps, where they are worth recording; those that are recorded anyway are looked at too."""
        settled = a.assessment is not None and not a.faults and not any(repeats(v.tape, v.step) for v in a.views)
        self.waiting = settled and any(overwrites(v.tape, v.step) for v in a.views)
        self.loops.close = _MOST if self.waiting and self.loops.light else 0

    def seen(self, views: Sequence[View]) -> None:
        """Hear of a later step."""
        if self.waiting and any(repeats(v.tape, v.step) for v in views):
            self.views, self.waiting, self.loops.close = tuple(views), False, 0

    def judged(self, a: Analysis, sites: Sites, rules: Sequence[Rule], chosen: Chosen) -> Analysis:
        """What is known once the step has come: more where a gradient is wrong in it.

        Of the early steps the last is left out: what it left in place may have been overwritten since, unrecorded.
        """
        if not self.views:
            return a
        found = again(a, [*a.views[:-1], *self.views], sites, rules, chosen)
        tells = found.assessment is not None and any(o.status == "wrong" for o in found.assessment.outcomes)
        return found if tells else a
