"""The search at one place: the runs in which changes are tried there, and what is left after all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from bpdoctor.fix.attempt import Attempt
from bpdoctor.fix.moment import Candidate, Moment

Visits = list[tuple[tuple[int, int], Moment]]
"""When a place is reached, as node and event, and what is wrong there then."""
Run = tuple[dict[int, Any], Visits]
"""The parameters that a run begins with, where they are not the recorded ones, and its visits."""


@dataclass(slots=True, eq=False)
class Hunt:
    """The search at one place: what was `found` by the first run that told, and the runs that are `left`."""

    attempt: Attempt
    left: list[Run]
    found: list[Candidate] | None = None


def in_all(found: Sequence[Candidate], runs: Sequence[list[Candidate] | None]) -> list[Candidate]:
    """What is left in every run, with how often it missed in all of them."""
    left = [{replace(c, missed=0): c.missed for c in run or ()} for run in runs]
    out: list[Candidate] = []
    for c in found:
        missed = [run.get(replace(c, missed=0)) for run in left]
        if None not in missed:
            out.append(replace(c, missed=c.missed + sum(m - c.missed for m in missed if m is not None)))
    return out
