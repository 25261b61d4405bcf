"""Check one file: examine it in a sealed child, then try each proposed fix the same way."""

from __future__ import annotations

import os
import pickle
import time
import traceback
from collections.abc import Sequence
from dataclasses import replace

from bpdoctor.load import Unreadable, load
from bpdoctor.measure import measurements
from bpdoctor.model.report import Applicability, Finding, Fix, Mark, Report
from bpdoctor.model.source import Source
from bpdoctor.observe.sealed import Say, run
from bpdoctor.pipeline.examine import Examiner
from bpdoctor.pipeline.judgement import TRAINING, better, consequences
from bpdoctor.pipeline.options import Options
from bpdoctor.pipeline.placing import at_repair
from bpdoctor.pipeline.program import Program
from bpdoctor.pipeline.repairs import Proposal
from bpdoctor.pipeline.selection import Selection
from bpdoctor.rules import all_rules

# Tries of one finding: a count, so that a busy machine does not change what is found. The time is processor
# time of the re-runs, for programs that take long.
_TRIES = {"error": 6, "warning": 2, "note": 0}
# What an update that is missing is made of has several names, and only a run tells which.
_PUT_TOGETHER = frozenset({"parameter-never-updated"})
_FIX_SECONDS = 30.0
# What an examination may take, in units of what the program may.
_MORE = 1.5
_RANK = {"error": 0, "warning": 1, "note": 2}


def check_path(path: str, options: Options | None = None) -> Report:
    """Examine one file and report what is wrong with its gradients.

    Parameters
    ----------
    path : str
        A Python file or a notebook; ``net.py:Layer`` for what is wrong in one class or function of it.
    options : Options, optional

    Returns
    -------
    Report
        Always one, whatever the file holds; `reason` says why it could not be examined.
    """
    options = options or Options()
    file, name = split(path)
    source = load(file)
    if isinstance(source, Unreadable):
        return unreadable(file, source)
    return check_program(Program(source), replace(options, name=name or options.name))


def split(path: str) -> tuple[str, str]:
    """``net.py:Layer`` as file and name; the name is empty where a whole file is meant."""
    file, colon, name = path.rpartition(":")
    return (file, name) if colon and name.isidentifier() and file.endswith((".py", ".ipynb")) else (path, "")


def unreadable(path: str, why: Unreadable) -> Report:
    """The report on a file that cannot be read."""
    at = Mark(why.span, "here") if why.span is not None else None
    return Report(path=path, kind="script", verdict="inconclusive", reason=why.reason, reason_at=at)


def check_program(program: Program, options: Options) -> Report:
    """Examine a program that was read."""
    started = time.perf_counter()
    if options.data_stub and not options.data:
        options = _supplied(program, options)
    report, proposals = examine(program, options)
    selection = Selection(program, report, options)
    if options.name and selection.lines is None:
        reason = f"{program.source.path} has no class or function called `{options.name}`"
        return Report(program.source.path, program.source.kind, "inconclusive", reason=reason)
    if options.fix:
        report = _with_fixes(program, report, proposals, options, selection)
    if not established(report):
        report = _of_definitions(program, report, options, selection)
    elif options.fix and report.verdict == "healthy":
        report = _with_latent(program, report, options)
    report = in_order(program.shown(selection.of(report)))
    return replace(report, cost={**report.cost, "seconds": round(time.perf_counter() - started, 4)})


def _supplied(program: Program, options: Options) -> Options:
    """The options with what stands for missing data; few programs need what this imports."""
    from bpdoctor.pipeline.stubbing import with_data

    preload()
    return with_data(program, options)


def _with_latent(program: Program, report: Report, options: Options) -> Report:
    """What is wrong with modes that are not in use; few programs have any."""
    from bpdoctor.pipeline.latent import with_latent

    return with_latent(program, report, options, lambda program, options: examine(program, options)[0])


def established(report: Report) -> bool:
    """Whether running the program told of its gradients what can be told: none is left wrong without a verdict."""
    doubtful = any(g.status in ("wrong", "not-finite") for g in report.gradients)
    return bool(report.gradients) and not (doubtful and report.verdict == "inconclusive")


def _of_definitions(program: Program, report: Report, options: Options, selection: Selection) -> Report:
    """What the program defines, examined with statements of our own after it; few programs need what this imports."""
    from bpdoctor.pipeline.modules import Engine, examine_definitions

    def driven(source: Source, options: Options) -> tuple[Report, dict[int, list[Proposal]]]:
        return examine(replace(program, source=source), options)

    def fixed(source: Source, report: Report, proposals: dict[int, list[Proposal]], options: Options) -> Report:
        return _with_fixes(replace(program, source=source), report, proposals, options, selection)

    return examine_definitions(program.source, report, options, Engine(program.read, driven, fixed))


def examine(program: Program, options: Options) -> tuple[Report, dict[int, list[Proposal]]]:
    """Run one program in a sealed child; places are still those of the text that was run."""
    source = program.source
    # What is ignored in a program is reported as such; our own loop is examined without such rules.
    preload()
    rules = {s: r for s, r in all_rules().items() if source.driver is None or s not in options.ignore}

    def task(say: Say) -> bytes:
        def told(report: Report | None) -> None:
            say(b"" if report is None else pickle.dumps((report, {})))

        try:
            return pickle.dumps(Examiner(source, options, rules, program.read, told).run())
        except MemoryError:
            reason = "the program's arrays leave no memory to examine them in"
            return pickle.dumps((Report(source.path, source.kind, "inconclusive", reason=reason), {}))
        except Exception:
            return pickle.dumps(traceback.format_exc())

    reply = run(task, options.time_limit, _MORE * options.time_limit)
    if not reply.data:
        reason = reply.ended
        return Report(path=source.path, kind="script", verdict="inconclusive", reason=reason), {}
    answer = pickle.loads(reply.data)
    if isinstance(answer, str):
        raise RuntimeError(answer)
    report, proposals = answer
    return report, proposals


def preload() -> None:
    """Import what every examination needs: once for all programs, and for all runs of each."""
    all_rules()
    measurements()


def in_order(report: Report) -> Report:
    return replace(report, findings=tuple(sorted(report.findings, key=lambda f: _RANK[f.severity])))


# ---- fixes


def _with_fixes(
    program: Program, report: Report, proposals: dict[int, list[Proposal]], options: Options, selection: Selection
) -> Report:
    """Try the proposals of each finding; the first that cures it without a new fault is the fix.

    What was tried and cures nothing is not shown: it would mislead.
    """
    deadline = _spent() + _FIX_SECONDS
    findings = list(report.findings)
    verified: list[Proposal] = []
    cured: set[int] = set()
    for i, finding in enumerate(findings):
        offered = proposals.get(i, []) if i not in cured and selection.wants(finding) else []
        for proposal in offered[: _tries(finding)]:
            if _spent() > deadline:
                break
            edited = tried(program, report, finding, proposal, options)
            if edited is not None:
                with_it = consequences(finding, findings, edited[1])
                cured |= {k for k in range(len(findings)) if findings[k] in with_it}
                follows = (*finding.follows, *(name for f in with_it for name in f.follows))
                fix = _fix(program, proposal, *edited, report)
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
    if options.data_stub and not options.data:
        options = _supplied(program, options)
    report, proposals = examine(program, options)
    selection = Selection(program, report, options)
    severities = ("error", "warning") if warnings else ("error",)
    wanted = [i for i, f in enumerate(report.findings) if f.severity in severities and selection.wants(f)]
    deadline = _spent() + _FIX_SECONDS
    for i in sorted(wanted, key=lambda i: _RANK[report.findings[i].severity]):
        finding = report.findings[i]
        for proposal in proposals.get(i, [])[: _tries(finding)]:
            if _spent() > deadline:
                return None
            edited = tried(program, report, finding, proposal, options)
            fix = None if edited is None else _fix(program, proposal, *edited, report)
            if edited is not None and fix is not None and (unsafe or fix.applicability == "safe"):
                return program.finding(replace(finding, fix=fix)), edited[0]
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


def tried(
    program: Program, before: Report, finding: Finding, proposal: Proposal, options: Options
) -> tuple[Program, Report] | None:
    """Apply, examine again, and accept only what came out better with nothing new wrong: the program and its report."""
    edited = program.edited(proposal.edits)
    if edited is None:
        return None
    # A finding about a run is judged on a run; one about a gradient already at the first steps.
    quick = finding.residual is not None or finding.rule == "wrong-gradient"
    # Ends of training are compared after runs of the same length.
    trial = finding.rule not in TRAINING
    quick = quick and trial
    after, _ = examine(edited, replace(options, trial=trial, quick=quick, fix=False))
    return (edited, after) if better(before, after, finding, proposal.edits, quick=quick) else None


def _fix(program: Program, proposal: Proposal, edited: Program, after: Report, before: Report) -> Fix | None:
    """The proposal as it is reported, tried and found good.

    With the loss that training ends with, without the change and with it, where both were trained as long.
    """
    if not edited.changed_since(program):
        return None
    edits = tuple(replace(e, span=program.span(e.span)) for e in proposal.edits)
    grade: Applicability = "safe" if proposal.confined else "unsafe"
    compared = before.progress and before.progress["iterations"] == after.progress.get("iterations")
    trained = (before.progress["last"], after.progress["last"]) if compared else None
    return Fix(program.told(proposal.title), grade, True, edits, program.diff(edited), trained)
