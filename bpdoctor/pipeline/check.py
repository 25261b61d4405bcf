"""Check one file: examine it in a sealed child, then try each proposed fix the same way."""

from __future__ import annotations

import time
from dataclasses import replace

from bpdoctor.load import Unreadable, load
from bpdoctor.model.report import Mark, Report
from bpdoctor.model.source import Source
from bpdoctor.pipeline.child import examine, supplied
from bpdoctor.pipeline.cures import RANK, with_fixes
from bpdoctor.pipeline.options import Options
from bpdoctor.pipeline.program import Program
from bpdoctor.pipeline.repairs import Proposal
from bpdoctor.pipeline.selection import Selection


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
    options = supplied(program, options)
    report, proposals = examine(program, options)
    selection = Selection(program, report, options)
    if options.name and selection.lines is None:
        reason = f"{program.source.path} has no class or function called `{options.name}`"
        return Report(program.source.path, program.source.kind, "inconclusive", reason=reason)
    if options.fix:
        report = with_fixes(program, report, proposals, options, selection)
    if established(report):
        report = _with_trainings(program, report, options, selection)
    if not established(report):
        report = _of_definitions(program, report, options, selection)
    elif options.fix and report.verdict == "healthy":
        report = _with_latent(program, report, options)
    report = in_order(program.shown(selection.of(report)))
    return replace(report, cost={**report.cost, "seconds": round(time.perf_counter() - started, 4)})


def _with_trainings(program: Program, report: Report, options: Options, selection: Selection) -> Report:
    """What the program trains beside the first; most programs train once."""
    from bpdoctor.pipeline.trainings import with_trainings

    def examined(options: Options) -> Report:
        report, proposals = examine(program, options)
        return with_fixes(program, report, proposals, options, selection) if options.fix else report

    return with_trainings(program, report, options, examined)


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
        return with_fixes(replace(program, source=source), report, proposals, options, selection)

    return examine_definitions(program.source, report, options, Engine(program.read, driven, fixed))


def in_order(report: Report) -> Report:
    return replace(report, findings=tuple(sorted(report.findings, key=lambda f: RANK[f.severity])))
