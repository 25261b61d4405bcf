"""One fix after another: each is tried on the text as the ones before left it."""

from __future__ import annotations

from dataclasses import replace

from bpdoctor.load import Unreadable, load
from bpdoctor.model.record import record
from bpdoctor.model.report import Finding, Report
from bpdoctor.model.source import Source
from bpdoctor.pipeline.check import check_program, unreadable
from bpdoctor.pipeline.cures import first_fix
from bpdoctor.pipeline.options import Options
from bpdoctor.pipeline.program import Program

_MOST = 20


@record
class Mended:
    """What came of mending a program.

    Attributes
    ----------
    before, after : Report
        The program as it is, and as it would be with every change made.
    made : tuple of Finding
        What was cured, in order, each with its fix; places are those of the text at that moment.
    start, program : Program or None
        The program before and after; None where it could not be read.
    diff : str
        All changes together.
    changed : list of Source
        The files as they are to be written.
    """

    before: Report
    after: Report
    made: tuple[Finding, ...] = ()
    start: Program | None = None
    program: Program | None = None

    @property
    def diff(self) -> str:
        """The changes as a unified diff."""
        return "" if self.start is None or self.program is None else self.start.diff(self.program)

    @property
    def changed(self) -> list[Source]:
        """What is written differently."""
        return [] if self.start is None or self.program is None else self.program.changed_since(self.start)


def mend_path(path: str, options: Options | None = None, *, warnings: bool = False, unsafe: bool = False) -> Mended:
    """Apply verified fixes until the program is healthy or nothing more can be fixed.

    Parameters
    ----------
    path : str
        A Python file or a notebook; nothing is written to it.
    options : Options, optional
    warnings : bool
        Whether what is only warned of is mended too.
    unsafe : bool
        Whether fixes that are verified but may change more than the fault are applied.
    """
    options = replace(options or Options(), fix=True)
    source = load(path)
    if isinstance(source, Unreadable):
        report = unreadable(path, source)
        return Mended(report, report)
    start = program = Program(source)
    before = after = check_program(program, replace(options, fix=False))
    made: list[Finding] = []
    while len(made) < _MOST and _wanted(after, warnings):
        found = first_fix(program, options, warnings=warnings, unsafe=unsafe)
        if found is None:
            break
        finding, program = found
        made.append(finding)
        after = check_program(program, replace(options, fix=False))
    return Mended(before, after, tuple(made), start, program)


def _wanted(report: Report, warnings: bool) -> bool:
    return any(f.severity == "error" or (warnings and f.severity == "warning") for f in report.findings)
