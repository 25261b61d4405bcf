"""Check one file: examine it in a sealed child, then try each proposed fix the same way."""

from __future__ import annotations

import os
import pickle
import time
import traceback
from dataclasses import replace

from bpdoctor.load.script import Unreadable, load, parsed
from bpdoctor.model.report import Finding, Fix, Mark, Report
from bpdoctor.model.source import Edit, Source
from bpdoctor.observe.sealed import run
from bpdoctor.pipeline.examine import Examiner
from bpdoctor.pipeline.modules import Engine, examine_definitions
from bpdoctor.pipeline.options import Options
from bpdoctor.pipeline.repairs import Proposal
from bpdoctor.rules import all_rules
from bpdoctor.syntax.edits import apply, unified

# Processor time of the re-runs, so that a busy machine does not change what is found.
_FIX_SECONDS = 6.0
_RANK = {"error": 0, "warning": 1, "note": 2}


def check_path(path: str, options: Options | None = None) -> Report:
    """Examine one file and report what is wrong with its gradients.

    Parameters
    ----------
    path : str
        A Python file.
    options : Options, optional

    Returns
    -------
    Report
        Always one, whatever the file holds; `reason` says why it could not be examined.
    """
    options = options or Options()
    source = load(path)
    if isinstance(source, Unreadable):
        at = Mark(source.span, "here") if source.span is not None else None
        return Report(path=path, kind="script", verdict="inconclusive", reason=source.reason, reason_at=at)
    started = time.perf_counter()
    report, proposals = examine(source, options)
    if options.fix:
        report = with_fixes(source, report, proposals, options)
    if not report.gradients:
        report = examine_definitions(source, report, options, Engine(examine, with_fixes))
    report = _in_order(_selected(report, options))
    return replace(report, cost={**report.cost, "seconds": round(time.perf_counter() - started, 4)})


def examine(source: Source, options: Options) -> tuple[Report, dict[int, list[Proposal]]]:
    """Run one program in a sealed child."""
    # What is ignored in a program is reported as such; our own loop is examined without such rules.
    rules = {s: r for s, r in all_rules().items() if source.driver is None or s not in options.ignore}

    def task() -> bytes:
        try:
            return pickle.dumps(Examiner(source, options, rules).run())
        except Exception:
            return pickle.dumps(traceback.format_exc())

    reply = run(task, options.time_limit)
    if not reply.data:
        reason = reply.ended
        return Report(path=source.path, kind="script", verdict="inconclusive", reason=reason), {}
    answer = pickle.loads(reply.data)
    if isinstance(answer, str):
        raise RuntimeError(answer)
    report, proposals = answer
    return _relative(report, source.path), proposals


def _relative(report: Report, path: str) -> Report:
    """Spans name the file as the user typed it."""
    absolute = os.path.abspath(path)

    def mark(m: Mark | None) -> Mark | None:
        if m is None or m.span.file != absolute:
            return m
        return replace(m, span=replace(m.span, file=path))

    findings = tuple(
        replace(f, primary=mark(f.primary), related=tuple(r for r in map(mark, f.related) if r is not None))
        for f in report.findings
    )
    return replace(report, findings=findings, reason_at=mark(report.reason_at))


def _selected(report: Report, options: Options) -> Report:
    kept = tuple(
        f for f in report.findings if (not options.select or f.rule in options.select) and f.rule not in options.ignore
    )
    if len(kept) == len(report.findings):
        return report
    sick = any(f.severity == "error" for f in kept)
    verdict = "sick" if sick else ("healthy" if report.verdict == "sick" else report.verdict)
    return replace(report, findings=kept, verdict=verdict)


def _in_order(report: Report) -> Report:
    return replace(report, findings=tuple(sorted(report.findings, key=lambda f: _RANK[f.severity])))


# ---- fixes


def with_fixes(source: Source, report: Report, proposals: dict[int, list[Proposal]], options: Options) -> Report:
    """Try the proposals of each finding; the first that cures it without a new fault is the fix."""
    deadline = _spent() + _FIX_SECONDS
    findings = list(report.findings)
    for i, finding in enumerate(findings):
        offered = proposals.get(i, [])
        for proposal in offered:
            if _spent() > deadline:
                break
            fix = _tried(source, report, finding, proposal, options)
            if fix is not None:
                findings[i] = replace(finding, fix=fix)
                break
        else:
            if offered and findings[i].fix is None and findings[i].severity == "error":
                findings[i] = replace(finding, fix=_untried(source, offered[0]))
    return replace(report, findings=tuple(findings))


def _spent() -> float:
    """Processor time in seconds of the children that were waited for."""
    times = os.times()
    return times.children_user + times.children_system


def _edits(path: str, proposal: Proposal) -> tuple[Edit, ...]:
    return tuple(replace(e, span=replace(e.span, file=path)) for e in proposal.edits)


def _tried(source: Source, before: Report, finding: Finding, proposal: Proposal, options: Options) -> Fix | None:
    """Apply, examine again, and accept only what came out better with nothing new wrong."""
    if any(os.path.abspath(e.span.file) != os.path.abspath(source.path) for e in proposal.edits):
        return None
    edits = _edits(source.path, proposal)
    try:
        text = apply(source.text, edits)
    except ValueError:
        return None
    edited = parsed(replace(source, text=text))
    if isinstance(edited, Unreadable):
        return None
    # A finding about a run is judged on a run; one about a gradient already at the first steps.
    quick = finding.residual is not None or finding.rule == "wrong-gradient"
    after, _ = examine(edited, replace(options, quick=quick, fix=False))
    if not _better(before, after, finding):
        return None
    return Fix(proposal.title, "safe", True, edits, unified(source.path, source.text, text))


def _untried(source: Source, proposal: Proposal) -> Fix | None:
    edits = _edits(source.path, proposal)
    try:
        text = apply(source.text, edits)
    except ValueError:
        return None
    return Fix(proposal.title, "display-only", False, edits, unified(source.path, source.text, text))


def _better(before: Report, after: Report, finding: Finding) -> bool:
    """The finding is gone, no other kind appeared, and no gradient that was right went wrong."""
    if not after.gradients or len(after.gradients) < len(before.gradients):
        return False
    errors = [(f.rule, f.primary.span.line if f.primary else 0) for f in after.findings if f.severity == "error"]
    old = [(f.rule, f.primary.span.line if f.primary else 0) for f in before.findings if f.severity == "error"]
    same = (finding.rule, finding.primary.span.line if finding.primary else 0)
    if same in errors or any(rule not in {r for r, _ in old} for rule, _ in errors):
        return False
    right_before = {g.parameter for g in before.gradients if g.status == "ok"}
    wrong_after = {g.parameter for g in after.gradients if g.status in ("wrong", "not-finite", "not-examined")}
    if right_before & wrong_after:
        return False
    return len(errors) < len(old) or after.verdict == "healthy"
