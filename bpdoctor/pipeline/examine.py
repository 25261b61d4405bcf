"""Examine one program in this process: run it observed, look, follow, and write the report."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bpdoctor.measure.assess import Trial
from bpdoctor.measure.confirm import Slopes, unmeasured
from bpdoctor.measure.view import View, settle
from bpdoctor.model.picture import Convergence, Pictures
from bpdoctor.model.report import Finding, Mark, Report, Verdict
from bpdoctor.model.rule import Rule
from bpdoctor.model.source import Source, Span
from bpdoctor.observe.checkpoint import Checkpoint
from bpdoctor.observe.loops import UNLIMITED, Limits, Loop
from bpdoctor.observe.modules import Read, as_written
from bpdoctor.observe.program import Ended, Outcome, Session
from bpdoctor.observe.rerun import leave
from bpdoctor.observe.sites import Sites
from bpdoctor.pipeline.analysis import Analysis, analyse, wants_probes
from bpdoctor.pipeline.awaited import Awaited
from bpdoctor.pipeline.chosen import Chosen
from bpdoctor.pipeline.clock import Clock
from bpdoctor.pipeline.ending import ending
from bpdoctor.pipeline.following import Following
from bpdoctor.pipeline.gradients import gradient_findings, gradient_results
from bpdoctor.pipeline.naming import names_of
from bpdoctor.pipeline.observations import examination_of, folded, late_views, observed_findings, thrown, troubled
from bpdoctor.pipeline.options import Options
from bpdoctor.pipeline.progress import progress_of
from bpdoctor.pipeline.repairing import Repairing
from bpdoctor.pipeline.repairs import Proposal
from bpdoctor.pipeline.reruns import confirm, converge, probe_views
from bpdoctor.pipeline.stated import assumed, doubted, environment, unexamined
from bpdoctor.pipeline.subject import subject_of

if TYPE_CHECKING:
    from bpdoctor.observe.absent import Absent

Say = Callable[[Report | None], None]
NO_TIME = "there was no time to look for repairs; more of it can be given with --time-limit"
NO_STEP = "no training step was found: nothing is updated by something computed from it"
QUICK = Limits(follow=0.0)
_MOST_LATE = 8
_FOLLOW_BRIEFLY = 0.1
# The part of the time that may be spent on looking for repairs.
_SEARCH = 0.35
# After this part of it, what is known is told before repairs are looked for.
_LONG = 0.3


def _nothing(report: Report | None) -> None:
    """Tell nobody."""


def _data(source: Source, options: Options) -> Absent:
    """What answers for files that are not there."""
    from bpdoctor.observe.absent import Absent

    return Absent(options.data, source.text)


class Examiner:
    """One run of one program with everything learned from it."""

    def __init__(
        self, source: Source, options: Options, rules: dict[str, Rule], read: Read = as_written, say: Say = _nothing
    ) -> None:
        self.source = source
        self.options = options
        self.rules = rules
        self.say = say
        self.clock = Clock(options.time_limit, lambda: say(None))
        self.repairing = options.fix and not options.quick
        sites = Sites()
        self.chosen = Chosen(options, sites)
        limits = QUICK if options.quick else Limits(follow=_FOLLOW_BRIEFLY) if options.trial else Limits()
        data = _data(source, options) if options.data_stub else None
        self.session = Session(source.path, limits, options.seed, sites, self.chosen.named, read, data)
        self.session.loops.look, self.session.loops.on_window = self.look, self.window
        self.checkpoint = Checkpoint(self.session.recorder)
        self.session.loops.before_outermost = self.checkpoint.fork
        self.checkpoint.on_worker = self.as_worker
        self.slopes: Slopes = unmeasured
        self.convergence: tuple[Convergence, ...] = ()
        self.first_trials: list[list[Trial]] = []
        self.started: dict[int, dict[int, Any]] = {}
        self.process = os.getpid()
        self.analysis: Analysis | None = None
        self.late: list[Any] = []
        self.following = Following(sites)
        self.awaited = Awaited(self.session.loops)
        self.progress: dict[str, float] = {}
        self.raised: tuple[BaseException, Span] | None = None

    def run(self) -> tuple[Report, dict[int, list[Proposal]]]:
        """Run the program to its end (or ours) and report."""
        started = time.perf_counter()
        self.clock.start()
        outcome = self.session.run(self.source, self.options.args)
        if self.checkpoint.worker or os.getpid() != self.process:
            leave(3)  # a re-run that went another way than the recorded one, or a child the program forked
        self.clock.stop()
        self.clock.working()
        recorder = self.session.recorder
        if self.analysis is None and len(recorder.tape):
            self.analysis = self.analysed()
            if self.analysis is not None:
                self.following.begin(self.analysis, self.analysis.views, 0)
        if self.analysis is not None:
            self.analysis = self.awaited.judged(
                self.analysis, self.session.sites, list(self.rules.values()), self.chosen
            )
        trained = self.analysis is not None and self.analysis.views
        if trained and self.repairing and time.perf_counter() - started > _LONG * self.options.time_limit:
            self.say(self.unrepaired(outcome))
        report, fixes = self.report(outcome)
        self.checkpoint.dismiss()
        cost = {"seconds": time.perf_counter() - started, "nodes": len(recorder.tape)}
        cost["forward_evaluations"] = self.checkpoint.evaluations
        assumptions = (*report.assumptions, *self.session.notes())
        return replace(report, assumptions=assumptions, cost=cost, pictures=self.pictures()), fixes

    def unrepaired(self, outcome: Outcome) -> Report:
        """The report as it stands before repairs are looked for, which may take longer than there is time."""
        self.repairing = False
        report, _ = self.report(outcome)
        self.repairing = True
        return replace(report, assumptions=(*report.assumptions, *self.session.notes(), NO_TIME))

    def analysed(self, probes: Sequence[View] = (), *, diagnose: bool = True) -> Analysis | None:
        tape, sites = self.session.recorder.tape, self.session.sites
        return analyse(tape, sites, list(self.rules.values()), self.chosen, probes, diagnose=diagnose)

    def look(self, loop: Loop) -> int | None:
        """Asked at loop boundaries: is this the training loop?"""
        with self.clock.examination():
            return self.looked(loop)

    def looked(self, loop: Loop) -> int | None:
        """The loop that trains, as far as can be told by now."""
        found = self.analysed(diagnose=False)
        if found is None or found.loop is None or not found.views:
            return None
        recorder, limits = self.session.recorder, self.session.loops.limits
        if found.aimless and len(recorder.tape) < limits.nodes and recorder.bytes < limits.large:
            return None
        self.first_trials = [a.trials for a in found.alternatives]
        settle(found.views[-1])
        self.analysis = self.probed(found)
        if not self.options.quick:
            counted = loop.iteration if loop.site == found.loop else 1
            self.session.loops.light = self.following.begin(self.analysis, found.views, counted)
            self.awaited.begin(self.analysis)
        self.checkpoint.keep()
        if not self.options.trial and self.analysis.assessment is not None:
            self.confirm(self.analysis)
        if self.options.quick:
            raise Ended("")
        if self.analysis.faults and not self.options.pictures:
            # What a run with wrong gradients comes to only follows from them.
            self.session.loops.limits = replace(self.session.loops.limits, follow=_FOLLOW_BRIEFLY)
        return found.loop

    def confirm(self, a: Analysis) -> None:
        """Directional derivatives at recorded steps; swept again there if only probes were compared."""
        assert a.assessment is not None
        recorded = [t for t in a.assessment.trials if t.view.tape is a.tape]
        if not recorded:
            label = a.assessment.trials[0].label
            recorded = [t for other in self.first_trials for t in other if t.label == label]
        self.slopes = confirm(self.checkpoint, recorded, self.options.seed)
        if self.options.pictures and a.rest is not None:
            self.convergence = converge(self.checkpoint, recorded, a.rest.trials[0], self.options.seed)

    def as_worker(self) -> None:
        """A re-run only has to reach the point it was sent to, all of it on the record."""
        self.session.loops.limits = UNLIMITED

    def probed(self, found: Analysis) -> Analysis:
        """The analysis with steps at random parameters added, where the recorded ones leave something open."""
        if not wants_probes(found):
            return found
        if not found.views[0].families or found.alternatives == []:
            return (self.analysed() if found.undecided else None) or found
        trials = found.alternatives[0].trials
        # A loss that is computed now and then needs the step that computes it.
        base = trials[0].view if len(trials) == 1 else found.views[min(1, len(found.views) - 1)]
        probes = probe_views(self.checkpoint, found.views[0], base, self.options.seed, self.chosen.steps())
        views = [view for view, _ in probes]
        self.started = {id(view): changes for view, changes in probes}
        again = self.analysed(views) if views else None
        if again is not None and again.assessment is not None:
            return again
        return (self.analysed() if found.undecided else None) or found

    def window(self, iteration: int) -> None:
        """A later step was recorded."""
        loops = self.session.loops
        trained = frozenset({loops.step_site}) if loops.step_site is not None else frozenset()
        views = late_views(self.session.recorder.tape, iteration, self.chosen.steps() or trained)
        self.awaited.seen(views)
        if loops.measured:
            self.following.sampled(views, loops.step_count)
        if loops.full and len(self.late) < _MOST_LATE:
            self.late.extend(views)

    def pictures(self) -> Pictures | None:
        """What is drawn of the steps that were compared, where pictures were asked for."""
        if not self.options.pictures or self.analysis is None:
            return None
        from bpdoctor.pipeline.pictures import pictures_of

        return pictures_of(self.analysis, self.session.sites, self.convergence)

    def report(self, outcome: Outcome) -> tuple[Report, dict[int, list[Proposal]]]:
        end = ending(outcome, self.session)
        a, reason, place, self.raised = self.analysis, end.reason, end.place, end.raised
        base = Report(
            path=self.source.path, kind="script", verdict="inconclusive", environment=environment(self.options.seed)
        )
        if refused := self.refused(outcome):
            return replace(base, reason=refused), {}
        if a is None or not a.views or not a.views[0].families:
            return self.untrained(base, reason or NO_STEP, place)
        players = names_of([player.views[0] for player in a.players], self.session.sites)
        if doubt := doubted(a, self.slopes() or (), self.session.sites):
            a.assessment, a.rest, a.faults = None, None, []
        findings, fixes = self.findings(a, players)
        named = zip(a.players, players, strict=True)
        gradients = tuple(g for player, names in named for g in gradient_results(player, names, self.session.sites))
        errors = any(f.severity == "error" for f in findings)
        known = a.assessment is not None and any(g.status in ("ok", "scaled", "wrong") for g in gradients)
        unsettled = [g.parameter for g in gradients if g.status in ("wrong", "not-examined", "not-finite")]
        verdict: Verdict = "sick" if errors else ("healthy" if known and not unsettled else "inconclusive")
        if verdict == "inconclusive" and doubt:
            reason, place = doubt, None
        elif verdict == "inconclusive" and not reason:
            reason = "the gradient could not be established" + (f" for {', '.join(unsettled[:4])}" if unsettled else "")
        stated = (*self.chosen.stated(), *assumed(a, self.slopes(), self.session), end.said)
        told = replace(
            base,
            verdict=verdict,
            subject=subject_of(a, players, self.session.sites),
            gradients=gradients,
            findings=tuple(findings),
            health=self.following.encoded(players[0]),
            progress=self.progress,
            assumptions=tuple(dict.fromkeys(x for x in stated if x)),
            not_examined=tuple(unexamined(a, self.session.sites, gradients)),
            reason=reason if verdict == "inconclusive" else "",
            reason_at=place if verdict == "inconclusive" else None,
        )
        return told, fixes

    def refused(self, outcome: Outcome) -> str:
        """Why what the user asked to be examined cannot be."""
        views = self.analysis.views if self.analysis is not None else []
        unusable = "" if outcome.error is not None else self.chosen.unusable(views)
        return self.chosen.unknown(self.session.files.values()) or unusable

    def untrained(self, base: Report, why: str, place: Mark | None) -> tuple[Report, dict[int, list[Proposal]]]:
        """A program in which no training step was found may still show what is wrong with it."""
        findings = tuple(f for f, _ in self.observed())
        if any(f.severity == "error" for f in findings):
            offered = self.repairs.remedied(self.analysis, findings) if self.repairing else {}
            return replace(base, verdict="sick", findings=findings), offered
        return replace(base, findings=findings, reason=why, reason_at=place), {}

    def findings(
        self, a: Analysis, players: Sequence[Sequence[str]]
    ) -> tuple[list[Finding], dict[int, list[Proposal]]]:
        """Every finding in order of importance, with the repairs to be tried for each."""
        names, named = players[0], zip(a.players, players, strict=True)
        known = self.session.sites, self.rules
        search = self.repairs.search if self.repairing else lambda a: None
        gradient = [found for player, own in named for found in gradient_findings(player, own, *known, search(player))]
        gradient, observed = thrown(gradient, self.observed(names, sick=troubled(f for f, _ in gradient)))
        updates = {self.session.sites[family.site].line for family in a.views[0].families}
        kept = folded([f for f, _ in gradient], [f for f, _ in observed], updates)
        offered = [*gradient, *observed]
        own = [next(p for f, p in offered if f is finding) for finding in kept]
        return kept, self.repairs.graded(a, kept, own, names) if self.repairing else {}

    @property
    def repairs(self) -> Repairing:
        """What offers repairs, where they are wanted."""
        return Repairing(self.session, self.checkpoint, self.started, _SEARCH * self.options.time_limit)

    def observed(self, names: Sequence[str] = (), *, sick: bool = False) -> list[tuple[Finding, list[Proposal]]]:
        """What the rules that judge measurements found."""
        tape = self.session.recorder.tape
        course = self.following.course()
        examination = examination_of(self.analysis, tape, self.session.sites, self.late, tape, self.raised, course)
        self.progress = progress_of(examination)
        return list(observed_findings(examination, names, self.session.sites, self.rules, sick=sick))
