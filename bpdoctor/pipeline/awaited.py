"""Waiting for a step that tells more than the first ones: in which a row of a parameter is read twice."""

from __future__ import annotations

from collections.abc import Sequence

from bpdoctor.identify.rows import overwrites, repeats
from bpdoctor.measure.view import View
from bpdoctor.pipeline.analysis import Analysis

# So many steps are recorded for it, one after another.
_MOST = 60


class Awaited:
    """What a later step has to show, and the step once it came."""

    def __init__(self) -> None:
        self.waiting = False
        self.views: tuple[View, ...] = ()

    def begin(self, a: Analysis, *, light: bool) -> int:
        """How many of the next steps are worth recording; those that are recorded anyway are looked at too."""
        settled = a.assessment is not None and not a.faults and not any(repeats(v.tape, v.step) for v in a.views)
        self.waiting = settled and any(overwrites(v.tape, v.step) for v in a.views)
        return _MOST if self.waiting and light else 0

    def seen(self, views: Sequence[View]) -> bool:
        """Hear of a later step: whether it is the one."""
        if not self.waiting or not any(repeats(v.tape, v.step) for v in views):
            return False
        self.views, self.waiting = tuple(views), False
        return True

    def told(self, a: Analysis) -> list[View]:
        """Steps to judge the program by once more; none where nothing came.

        Of the early steps the last is left out: what it left in place may have been overwritten since, unrecorded.
        """
        return [*a.views[:-1], *self.views] if self.views else []

    @staticmethod
    def tells(found: Analysis) -> bool:
        """Whether there is more to say now: a gradient that is wrong in the step that came."""
        return found.assessment is not None and any(o.status == "wrong" for o in found.assessment.outcomes)
