"""Which findings the user wants to hear of: by rules asked for, by place asked for, by comments in the code."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from dataclasses import replace

from bpdoctor.model.report import Finding, Report
from bpdoctor.pipeline.ignores import Ignore, ignores_of, unused
from bpdoctor.pipeline.options import Options
from bpdoctor.pipeline.program import Program
from bpdoctor.rules import all_rules


class Selection:
    """What of a report's findings is wanted; decided before fixes are looked for, told afterwards."""

    def __init__(self, program: Program, report: Report, options: Options) -> None:
        self.program = program
        self.options = options
        self.rules = all_rules()
        self.ignores = list(self._ignores(report))
        self.lines = lines_called(program, options.name) if options.name else None

    def _ignores(self, report: Report) -> Iterator[Ignore]:
        path = os.path.abspath(self.program.source.path)
        marked = [f.primary.span.file for f in report.findings if f.primary is not None]
        for file in dict.fromkeys([path, *marked]):
            yield from ignores_of(self.program.read(file), file)

    def asked(self, finding: Finding) -> bool:
        """Whether the options leave it in."""
        if self.options.select and finding.rule not in self.options.select:
            return False
        return finding.rule not in self.options.ignore and (self.lines is None or self._inside(finding))

    def _inside(self, finding: Finding) -> bool:
        mark = finding.primary
        same = mark is not None and mark.span.file == os.path.abspath(self.program.source.path)
        return bool(same and mark is not None and self.lines is not None and mark.span.line in self.lines)

    def silenced(self, finding: Finding) -> bool:
        return any(ignore.means(finding, self.rules) for ignore in self.ignores)

    def wants(self, finding: Finding) -> bool:
        return self.asked(finding) and not self.silenced(finding)

    def of(self, report: Report) -> Report:
        """The report without what is not wanted; an ignored finding is still counted."""
        kept = [finding for finding in report.findings if self.wants(finding)]
        quiet = [finding for finding in report.findings if self.asked(finding) and self.silenced(finding)]
        notes = []
        if not (self.options.select or self.options.ignore or report.reason or self.lines is not None):
            notes = list(unused(self.ignores, report.findings, self.rules))
        verdict = report.verdict
        if len(kept) < len(report.findings) and verdict == "sick":
            verdict = "sick" if any(f.severity == "error" for f in kept) else "healthy"
        told = [f"ignored at line {f.primary.span.line}, as the code asks: {f.rule}" for f in quiet if f.primary]
        return replace(report, findings=(*kept, *notes), verdict=verdict, assumptions=(*report.assumptions, *told))


def lines_called(program: Program, name: str) -> range | None:
    """The lines of a class or function of the program; None when there is none of that name."""
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    for node in ast.walk(ast.parse(program.source.text)):
        if isinstance(node, kinds) and node.name == name:
            return range(node.lineno, (node.end_lineno or node.lineno) + 1)
    return None
