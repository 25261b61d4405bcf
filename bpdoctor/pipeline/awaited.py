"""Waiting for a step that tells more than the first ones: a row that is read twice, a parameter that was idle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from bpdoctor.identify.rows import overwrites, repeats
from bpdoctor.measure.view import View
from bpdoctor.model.rule import Rule
from bpdoctor.observe.loops import Loops
from bpdoctor.observe.sites import Sites
from bpdoctor.pipeline.analysis import Analysis, again
from bpdoctor.pipeline.chosen import Chosen

# So many steps are recorded for it, one after another.
_MOST = 60
# So many that train more than the first ones are looked at.
_FEW = 3


class Awaited:
    """What a later step has to show, and the step once it came."""

    def __init__(self, loops: Loops) -> None:
        self.loops = loops
        self.waiting = False
        self.views: tuple[View, ...] = ()
        self.known: Counter[Any] = Counter()
        self.wider: list[View] = []

    def begin(self, a: Analysis) -> None:
        """Ask for the next steps, where they are worth recording; those that are recorded anyway are looked at too."""
        for view in a.views:
            self.known |= _trained(view)
        settled = a.assessment is not None and not a.faults and not any(repeats(v.tape, v.step) for v in a.views)
        self.waiting = settled and any(overwrites(v.tape, v.step) for v in a.views)
        self.loops.close = _MOST if self.waiting and self.loops.light else 0

    def seen(self, views: Sequence[View]) -> None:
        """Hear of a later step."""
        if self.known and len(self.wider) < _FEW:
            self.wider += [v for v in views if _trained(v) - self.known][: _FEW - len(self.wider)]
        if self.waiting and any(repeats(v.tape, v.step) for v in views):
            self.views, self.waiting, self.loops.close = tuple(views), False, 0

    def judged(self, a: Analysis, sites: Sites, rules: Sequence[Rule], chosen: Chosen) -> Analysis:
        """What is known once the step has come: more where a gradient is wrong in it.

        Of the early steps the last is left out: what it left in place may have been overwritten since, unrecorded.
        """
        if not self.views:
            return self.widened(a, sites, rules, chosen)
        found = again(a, [*a.views[:-1], *self.views], sites, rules, chosen)
        tells = found.assessment is not None and any(o.status == "wrong" for o in found.assessment.outcomes)
        return found if tells else a

    def widened(self, a: Analysis, sites: Sites, rules: Sequence[Rule], chosen: Chosen) -> Analysis:
        """What steps tell that train what no early one did, as the nodes of a tree that was a leaf at first."""
        asked = chosen.parameters or chosen.step or chosen.lines
        if asked or a.faults or a.others or len(self.wider) < 2:
            return a
        found = again(a, self.wider, sites, rules, chosen)
        if found.assessment is None or not found.views or self.known - _trained(found.views[0]):
            return a
        named = all(n.rule is not None for _, n in found.faults)
        return found if named and len(found.views) > 1 else a


def _trained(view: View) -> Counter[Any]:
    """The parameters of a step, by the statement that updates each and its shape."""
    return Counter((f.site, f.shape) for f in view.families)
