"""A module that defines layers, cells, losses or networks and trains nothing: examine what it defines."""

from __future__ import annotations

import ast
import pickle
import traceback
import types
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from bpdoctor.model.record import record
from bpdoctor.model.report import Finding, Report, Verdict
from bpdoctor.model.source import Driver, Source, Span
from bpdoctor.observe.loops import Limits
from bpdoctor.observe.modules import home_of
from bpdoctor.observe.program import Session
from bpdoctor.observe.sealed import Say, run
from bpdoctor.pipeline.defined import reported, unclear_of
from bpdoctor.pipeline.localising import guarded, localised, scaled, spoken
from bpdoctor.pipeline.options import Options
from bpdoctor.pipeline.repairs import Proposal
from bpdoctor.probe.examine import examine_module
from bpdoctor.probe.examined import Examined
from bpdoctor.probe.judge import Compared
from bpdoctor.probe.module import Module
from bpdoctor.probe.probe import Slot

_MOST_LOCALISED = 8
_SECONDS = 60.0
_AGAIN = 0.25
Proposals = dict[int, list[Proposal]]
_OF_DATA = frozenset(
    {
        "overflow", "log-of-zero", "division-by-zero", "non-finite", "unscaled-inputs", "target-out-of-range",
        "label-mismatch", "output-activation", "missing-bias", "dead-relu", "saturation", "vanishing-gradient",
        "exploding-gradient", "stuck-output", "plateau", "learning-rate-too-high", "learning-rate-too-low",
        "initialisation-scale",
    }
)  # fmt: skip


@record
class Engine:
    """How the program's files are read, a driven module is examined and fixes are tried."""

    read: Callable[[str], Source]
    examine: Callable[[Source, Options], tuple[Report, Proposals]]
    with_fixes: Callable[[Source, Report, Proposals, Options], Report]


def examine_definitions(source: Source, before: Report, options: Options, engine: Engine) -> Report:
    """Examine what a file defines, where running it showed no training step or none that could be judged.

    Parameters
    ----------
    source : Source
    before : Report
        What running the file told; it stands where nothing can be examined.
    options : Options
    engine : Engine

    Returns
    -------
    Report
        Of kind "module" when anything could be examined.
    """
    if before.verdict != "inconclusive" or not _defines(source):
        return before
    # A program that took all its time is hardly quicker the second time.
    ended = before.cost.get("seconds", options.time_limit) < options.time_limit
    examined = _probed(source, options.time_limit * (1.0 if ended else _AGAIN), options, engine.read)
    findings: list[Finding] = []
    examined = [driven(source, e, options, engine, findings) if e.outcome == "driven" else e for e in examined]
    examined = [_otherwise(e) for e in examined]
    examined = [guarded(source, e, options, engine.examine) if e.outcome == "wrong" else e for e in examined]
    examined = [e for e in examined if not (e.alone and e.outcome == "unclear")]
    if not any(e.outcome != "unclear" for e in examined):
        aloud = tuple(unclear_of(e) for e in examined)
        return replace(before, not_examined=(*before.not_examined, *aloud))
    said: set[tuple[str, Span]] = set()
    for e in [e for e in examined if e.outcome == "wrong" and e.kind != "network"][:_MOST_LOCALISED]:
        new = localised(source, e, options, engine.examine, engine.with_fixes)
        new = [f for f in new if not _told(f, e, findings, said)]
        findings += new
        said |= {(e.name, f.primary.span) for f in new if f.primary is not None}
    for e in [e for e in examined if e.outcome == "right" and e.kind == "loss"]:
        findings += scaled(source, e, options, engine.examine)
    if before.gradients and not any(f.severity == "error" for f in findings):
        return before  # a training run was seen: what made-up inputs show to be right settles nothing about it
    return reported(source, before, examined, findings)


def _told(finding: Finding, e: Examined, findings: Sequence[Finding], said: Collection[tuple[str, Span]]) -> bool:
    """Whether a fault was told before, of the same definition in another mode maybe under another name."""
    again = any((f.rule, f.primary) == (finding.rule, finding.primary) for f in findings)
    return again or (finding.primary is not None and (e.name, finding.primary.span) in said)


def _otherwise(e: Examined) -> Examined:
    """What a network tells as a layer, where it told nothing; of an empty one that has no weights, nothing either."""
    other = e.otherwise if e.outcome == "unclear" else None
    return other if other is not None and any(c.slot.parameter for c in other.compared) else e


def driven(source: Source, e: Examined, options: Options, engine: Engine, findings: list[Finding]) -> Examined:
    """Let a network train on the record; its report decides, whatever loop its class has is the user's own."""
    reason = ""
    best: tuple[Source, Report, Proposals] | None = None
    for driver in e.drivers:
        with_driver = replace(source, driver=driver)
        report, proposals = engine.examine(with_driver, options)
        report, proposals = _of_program(report, proposals)
        wrong = any(g.status in ("wrong", "scaled", "not-finite") for g in report.gradients)
        if report.verdict == "inconclusive" or (report.verdict == "sick" and not wrong):
            reason = reason or report.reason or "its state is not told from its weights"
            continue
        if best is None or _agreeing(report) > _agreeing(best[1]):
            best = with_driver, report, proposals
        if report.verdict == "healthy":
            break
    if best is None:
        return replace(e, outcome="unclear", reason=reason)
    with_driver, report, proposals = best
    if report.verdict == "sick" and e.guessed:
        names = " and ".join(f"`{n}`" for n in e.guessed)
        return replace(e, outcome="unclear", reason=f"nothing tells what {names} {_be(e.guessed)}")
    if options.fix:
        report = engine.with_fixes(with_driver, report, proposals, options)
    findings.extend(spoken(f, e, source) for f in report.findings)
    return replace(e, outcome="wrong" if report.verdict == "sick" else "right", compared=_compared(e, report))


def _be(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _of_program(report: Report, proposals: Proposals) -> tuple[Report, Proposals]:
    """Without what depends on the size and the kind of the data, which are ours."""
    kept = [i for i, f in enumerate(report.findings) if f.rule not in _OF_DATA]
    errors = any(report.findings[i].severity == "error" for i in kept)
    known = all(g.status in ("ok", "scaled", "vacuous") for g in report.gradients) and bool(report.gradients)
    verdict: Verdict = "healthy" if report.verdict == "sick" and not errors and known else report.verdict
    if verdict == "sick" and not errors:
        verdict = "inconclusive"
    findings = tuple(report.findings[i] for i in kept)
    return replace(report, verdict=verdict, findings=findings), {
        n: proposals[i] for n, i in enumerate(kept) if i in proposals
    }


def _agreeing(report: Report) -> tuple[bool, int, int]:
    """How well a program does on some data: with data that it was not made for, right gradients seem wrong."""
    right = sum(g.status in ("ok", "vacuous") for g in report.gradients)
    return report.verdict == "healthy", right, -sum(f.severity == "error" for f in report.findings)


def _compared(e: Examined, report: Report) -> tuple[Compared, ...]:
    shapes = {p.name: p.shape for p in report.subject.parameters}
    return tuple(
        Compared(
            Slot("", _called(e, g.parameter)),
            g.status,
            shapes.get(g.parameter, ()),
            g.relative_error or 0.0,
            g.error_estimate or 0.0,
            g.scale or 1.0,
        )
        for g in report.gradients
    )


def _called(e: Examined, parameter: str) -> str:
    """A parameter as the user would call it, whatever our own statements call the object."""
    for ours, theirs in e.words.items():
        if parameter.startswith(f"{ours}."):
            return theirs + parameter.removeprefix(ours)
    return f"{e.name}: {parameter}"


def _defines(source: Source) -> bool:
    tree = ast.parse(source.text)
    return any(isinstance(n, ast.FunctionDef | ast.ClassDef) for n in tree.body)


def _probed(source: Source, seconds: float, options: Options, read: Callable[[str], Source]) -> list[Examined]:
    """Run the module plainly in a sealed child and call what it defines."""

    def task(say: Say) -> bytes:
        try:
            return pickle.dumps(_probe_here(source, options, read))
        except Exception:
            return pickle.dumps(traceback.format_exc())

    reply = run(task, min(_SECONDS, seconds))
    answer = pickle.loads(reply.data) if reply.data else []
    if isinstance(answer, str):
        raise RuntimeError(answer)
    return list(answer)


def _probe_here(source: Source, options: Options, read: Callable[[str], Source]) -> list[Examined]:
    session = Session(source.path, Limits(follow=0.0), options.seed, read=read)
    outcome = session.run(replace(source, driver=Driver("", "")))
    if outcome.ended:
        return []
    module = types.ModuleType("examined")
    trees = {path: ast.parse(file.text) for path, file in session.files.items() if path != "<driver>"}
    with session.surroundings(module, home_of(session.path, source.text), ()):
        return examine_module(Module(session.namespace, trees, session.path))
