"""Changes that are tried one after the other, by examining the changed program; the likeliest next one beside it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bpdoctor.model.report import Finding, Report
from bpdoctor.pipeline.child import Examination
from bpdoctor.pipeline.judgement import TRAINING, better
from bpdoctor.pipeline.options import Options
from bpdoctor.pipeline.program import Program
from bpdoctor.pipeline.repairs import Proposal

# Seconds that a program's examination took, at most, for the next change to be tried before it is known to be needed.
_SHORT = 2.0
Better = tuple[Program, Report]
"""A changed program that came out better, and the report on it."""


class Attempt:
    """One change of a program that is being examined."""

    def __init__(self, program: Program, finding: Finding, proposal: Proposal, options: Options) -> None:
        self.finding, self.edits = finding, proposal.edits
        # A finding about a run is judged on a run; one about a gradient already at the first steps.
        self.quick = finding.residual is not None or finding.rule == "wrong-gradient"
        # Ends of training are compared after runs of the same length.
        trial = finding.rule not in TRAINING
        self.quick = self.quick and trial
        self.edited = program.edited(proposal.edits)
        options = replace(options, trial=trial, quick=self.quick, fix=False)
        self.running = None if self.edited is None else Examination(self.edited, options)

    def outcome(self, before: Report) -> Better | None:
        """The changed program, only if it came out better with nothing new wrong."""
        if self.edited is None or self.running is None:
            return None
        after, _ = self.running.told()
        return (self.edited, after) if better(before, after, self.finding, self.edits, quick=self.quick) else None

    def dismiss(self) -> None:
        """It is not wanted any more."""
        if self.running is not None:
            self.running.dismiss()


class Attempts:
    """The changes offered for each finding of a report, in their order."""

    def __init__(
        self, program: Program, before: Report, offered: Mapping[int, Sequence[Proposal]], options: Options
    ) -> None:
        self.program, self.before, self.offered, self.options = program, before, offered, options
        self.begun: dict[tuple[int, int], Attempt] = {}
        short = before.cost.get("seconds", _SHORT) < _SHORT
        self.beside = short and _cores() > 1

    def __enter__(self) -> Attempts:
        return self

    def __exit__(self, *_: object) -> None:
        """End what was begun and is not needed."""
        for attempt in self.begun.values():
            attempt.dismiss()

    def outcome(self, i: int, k: int) -> Better | None:
        """What change number k for finding number i comes to."""
        attempt = self.begun.pop((i, k), None) or self._attempt(i, k)
        following = self._following(i, k) if self.beside else None
        if following is not None and not self.begun:
            self.begun[following] = self._attempt(*following)
        return attempt.outcome(self.before)

    def _attempt(self, i: int, k: int) -> Attempt:
        return Attempt(self.program, self.before.findings[i], self.offered[i][k], self.options)

    def _following(self, i: int, k: int) -> tuple[int, int] | None:
        """The change that is likeliest to come next: most first ones do, and of others the next often does."""
        others = [(j, 0) for j in sorted(self.offered) if j > i and self.offered[j]]
        same = [(i, k + 1)] if k + 1 < len(self.offered[i]) else []
        order = [*others, *same] if k == 0 else [*same, *others]
        return next((o for o in order if o not in self.begun), None)


def _cores() -> int:
    """How many processors this process may use; where the system does not tell, how many there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
