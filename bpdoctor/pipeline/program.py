"""The user's program as a whole: the file to check, files beside it, and both as they would be after a change."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from typing import TypeVar

from bpdoctor.load import Unreadable, load, parts, reread
from bpdoctor.model.record import record
from bpdoctor.model.report import Finding, GradientResult, Loss, Mark, Parameter, Report
from bpdoctor.model.source import Edit, Source, Span
from bpdoctor.observe.program import DRIVER
from bpdoctor.syntax.edits import apply, unified

Placed = TypeVar("Placed", Parameter, GradientResult, Loss)
_LINE = re.compile(r"\bline (\d+)\b")


@record
class Program:
    """A file, and by absolute path the files beside it whose text is another than on disk."""

    source: Source
    others: Mapping[str, Source] = field(default_factory=dict)

    def read(self, path: str) -> Source:
        """Any file of the program.

        Raises
        ------
        SyntaxError
            When it cannot be read.
        """
        if os.path.abspath(path) == os.path.abspath(self.source.path):
            return self.source
        source = self.others.get(os.path.abspath(path)) or load(path)
        if isinstance(source, Unreadable):
            raise SyntaxError(f"{os.path.basename(path)}: {source.reason}")
        return source

    def edited(self, edits: Iterable[Edit]) -> Program | None:
        """The program with what the user wrote changed; None where that cannot be done."""
        by_file: dict[str, list[Edit]] = {}
        for edit in edits:
            if edit.span.file == DRIVER:
                return None  # statements of our own are not the user's to change
            by_file.setdefault(os.path.abspath(edit.span.file), []).append(edit)
        out = self
        for path, here in by_file.items():
            changed = _changed(self.read(path), here)
            if changed is None:
                return None
            if changed.path == self.source.path:
                out = replace(out, source=changed)
            else:
                out = replace(out, others={**out.others, path: changed})
        return out

    def files(self) -> list[Source]:
        """The file to check and the changed ones."""
        return [self.source, *self.others.values()]

    def changed_since(self, before: Program) -> list[Source]:
        """The files that are written differently now."""
        return [source for source in self.files() if source.written != before.read(source.path).written]

    def diff(self, after: Program) -> str:
        """What `after` changes, cell by cell in a notebook."""
        out = []
        for new in after.changed_since(self):
            old = parts(self.read(new.path))
            out += [
                unified(self.typed(place), old[place], text) for place, text in parts(new).items() if old[place] != text
            ]
        return "".join(out)

    # ---- places as the user knows them

    def typed(self, path: str) -> str:
        """A path as the user would type it, by the way the file to check was named."""
        if not os.path.isabs(path):
            return path
        program = os.path.abspath(self.source.path)
        if path == program:
            return self.source.path
        beside = os.path.relpath(path, os.path.dirname(program))
        return path if beside.startswith("..") else os.path.join(os.path.dirname(self.source.path), beside)

    def span(self, span: Span) -> Span:
        """Where in what the user wrote."""
        return replace(self.read(span.file).shown(span), file=self.typed(span.file))

    def mark(self, mark: Mark) -> Mark:
        return Mark(self.span(mark.span), self.told(mark.label))

    def told(self, text: str) -> str:
        """Prose in which the lines of a notebook are lines of its cells."""
        if self.source.kind != "notebook":
            return text

        def at(found: re.Match[str]) -> str:
            cell, above = self.source.cell_of(int(found[1]))
            return f"line {int(found[1]) - above} of cell {cell}" if cell else found[0]

        return _LINE.sub(at, text)

    def shown(self, report: Report) -> Report:
        """The report with every place in what the user wrote."""
        report = replace(
            report,
            kind=self.source.kind if report.kind == "script" else report.kind,
            findings=tuple(self.finding(finding) for finding in report.findings),
            assumptions=tuple(map(self.told, (*self.source.notes, *report.assumptions))),
            not_examined=tuple(map(self.told, report.not_examined)),
            reason=self.told(report.reason),
            reason_at=None if report.reason_at is None else self.mark(report.reason_at),
            pictures=None if report.pictures is None else report.pictures.placed(self.span),
        )
        return self._in_cells(report) if self.source.kind == "notebook" else report

    def finding(self, finding: Finding) -> Finding:
        """A finding with every place in what the user wrote; its fix has them already."""
        return replace(
            finding,
            message=self.told(finding.message),
            primary=None if finding.primary is None else self.mark(finding.primary),
            related=tuple(map(self.mark, finding.related)),
            evidence=tuple(map(self.told, finding.evidence)),
        )

    def _in_cells(self, report: Report) -> Report:
        """Lines of parameters, gradients and the loss, each with its cell."""
        subject = report.subject

        def placed(item: Placed) -> Placed:
            if item.line is None:
                return item
            cell, above = self.source.cell_of(item.line)
            return replace(item, line=item.line - above, cell=cell)

        loss = None if subject.loss is None else placed(subject.loss)
        subject = replace(subject, parameters=tuple(map(placed, subject.parameters)), loss=loss)
        return replace(report, subject=subject, gradients=tuple(map(placed, report.gradients)))


def _changed(source: Source, edits: Iterable[Edit]) -> Source | None:
    placed = [source.on_written(edit) for edit in edits]
    if any(edit is None for edit in placed):
        return None
    try:
        written = apply(source.written, [edit for edit in placed if edit is not None])
    except (ValueError, IndexError):
        return None
    again = reread(source, written)
    return None if isinstance(again, Unreadable) else replace(again, driver=source.driver)
