"""Fixes: proposals that were tried by re-running, the first that cures each finding."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import replace

from bpdoctor.model.report import Applicability, Finding, Fix, Report
from bpdoctor.pipeline.child import examine, supplied
from bpdoctor.pipeline.judgement import consequences
from bpdoctor.pipeline.options import Options
from bpdoctor.pipeline.placing import at_repair
from bpdoctor.pipeline.program import Program
from bpdoctor.pipeline.repairs import Proposal
from bpdoctor.pipeline.selection import Selection
from bpdoctor.pipeline.trying import Attempt, Attempts

# Tries of one finding: a count, so that a busy machine does not change what is found. The time is processor
# time of the re-runs, for programs that take long.
_TRIES = {"error": 6, "warning": 2, "note": 0}
# What an update that is missing is made of has several names, and only a run tells which.
_PUT_TOGETHER = frozenset({"parameter-never-updated"})
_FIX_SECONDS = 30.0
RANK = {"error": 0, "warning": 1, "note": 2}


def with_fixes(
    program: Program, report: Report, proposals: dict[int, list[Proposal]], options: Options, selection: Selection
) -> Report:
    """Try the proposals of each finding; the first that cures it without a new fault is the fix.

    What was tried and cures nothing is not shown: it would mislead.
    """
    deadline = _spent() + _FIX_SECONDS
    findings = list(report.findings)
    verified: list[Proposal] = []
    cured: set[int] = set()
    offered = {
        i: proposals.get(i, [])[: _tries(f)] if selection.wants(f) else [] for i, f in enumerate(report.findings)
    }
    with Attempts(program, report, offered, options) as attempts:
        for i, finding in enumerate(report.findings):
            for k, proposal in enumerate(offered[i]):
                if i in cured or _spent() > deadline:
                    break
                found = attempts.outcome(i, k)
                if found is not None:
                    with_it = consequences(finding, findings, found[1])
                    cured |= {j for j, f in enumerate(findings) if f in with_it}
                    follows = (*finding.follows, *(name for f in with_it for name in f.follows))
                    fix = _fix(program, proposal, *found, report)
                    findings[i] = at_repair(replace(finding, fix=fix, follows=follows), program.source.text)
                    verified.append(proposal)
                    break
    left = [f for k, f in enumerate(findings) if k not in cured]
    return _with_cure(program, replace(report, findings=_united(left)), verified, options)


def _tries(finding: Finding) -> int:
    """How many changes are tried for one finding."""
    put_together = finding.rule in _PUT_TOGETHER and finding.severity == "warning"
    return _TRIES["error" if put_together else finding.severity]


def _with_cure(program: Program, report: Report, verified: Sequence[Proposal], options: Options) -> Report:
    """Where pictures are wanted: the run of the program with all verified fixes, or at least the first."""
    if report.pictures is None or not verified:
        return report
    edited = program.edited([e for p in verified for e in p.edits]) or program.edited(verified[0].edits)
    if edited is None:
        return report
    after, _ = examine(edited, replace(options, fix=False, pictures=False))
    return replace(report, pictures=replace(report.pictures, cured=after.health))


def first_fix(program: Program, options: Options, *, warnings: bool, unsafe: bool) -> tuple[Finding, Program] | None:
    """The most important finding that can be fixed, and the program with that done."""
    options = supplied(program, options)
    report, proposals = examine(program, options)
    selection = Selection(program, report, options)
    severities = ("error", "warning") if warnings else ("error",)
    wanted = [i for i, f in enumerate(report.findings) if f.severity in severities and selection.wants(f)]
    deadline = _spent() + _FIX_SECONDS
    for i in sorted(wanted, key=lambda i: RANK[report.findings[i].severity]):
        finding = report.findings[i]
        for proposal in proposals.get(i, [])[: _tries(finding)]:
            if _spent() > deadline:
                return None
            found = Attempt(program, finding, proposal, options).outcome(report)
            fix = None if found is None else _fix(program, proposal, *found, report)
            if found is not None and fix is not None and (unsafe or fix.applicability == "safe"):
                return program.finding(replace(finding, fix=fix)), found[0]
    return None


def _united(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Findings of one name that one change cures, as one: the layers of a network share their code."""
    out: dict[object, Finding] = {}
    for i, f in enumerate(findings):
        key = (f.rule, f.severity, f.fix.edits) if f.fix is not None and f.follows else i
        first = out.get(key)
        out[key] = f if first is None else replace(first, follows=tuple(dict.fromkeys((*first.follows, *f.follows))))
    return tuple(out.values())


def _spent() -> float:
    """Processor time in seconds of the children that were waited for."""
    times = os.times()
    return times.children_user + times.children_system


def _fix(program: Program, proposal: Proposal, edited: Program, after: Report, before: Report) -> Fix | None:
    """The proposal as it is reported, tried and found good.

    With the loss that training ends with, without the change and with it, where both were trained as long and the
    change is the better.
    """
    if not edited.changed_since(program):
        return None
    edits = tuple(replace(e, span=program.span(e.span)) for e in proposal.edits)
    grade: Applicability = "safe" if proposal.confined else "unsafe"
    compared = before.progress and before.progress["iterations"] == after.progress.get("iterations")
    ends = (before.progress["last"], after.progress["last"]) if compared else (0.0, 0.0)
    trained = ends if ends[1] < ends[0] or math.isnan(ends[0]) else None
    return Fix(program.told(proposal.title), grade, True, edits, program.diff(edited), trained)
