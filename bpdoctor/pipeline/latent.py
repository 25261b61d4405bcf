"""Faults in modes that a healthy program offers and does not use: notes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bpdoctor.model.report import Finding, Report
from bpdoctor.pipeline.options import Options
from bpdoctor.pipeline.program import Program
from bpdoctor.syntax.modes import Mode, modes

_MOST = 4
Examined = Callable[[Program, Options], Report]


def with_latent(program: Program, report: Report, options: Options, examined: Examined) -> Report:
    """The report with a note for each fault that shows when a setting is another.

    Parameters
    ----------
    program : Program
    report : Report
        Of the program as it is, in which nothing is wrong.
    options : Options
    examined : callable
        Examines a changed program.
    """
    known = {_place(f) for f in report.findings}
    found: list[Finding] = []
    for mode in modes(program.source.path, program.source.text)[:_MOST]:
        edited = program.edited(mode.edits)
        if edited is None:
            continue
        after = examined(edited, replace(options, trial=True, quick=True, fix=False, pictures=False))
        for finding in after.findings:
            if finding.severity == "error" and _place(finding) not in known:
                known.add(_place(finding))
                found.append(_note(finding, mode))
    return replace(report, findings=(*report.findings, *found))


def _place(finding: Finding) -> tuple[str, int]:
    return finding.rule, finding.primary.span.line if finding.primary is not None else 0


def _note(finding: Finding, mode: Mode) -> Finding:
    said = f"latent, in a mode that is not used (`{mode.name}` is {mode.value} there): {finding.message}"
    return replace(finding, severity="note", message=said, fix=None)
