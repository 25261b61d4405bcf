"""The text of the files that reports point into; renderers themselves read nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bpdoctor.model.report import Report


def texts(reports: Iterable[Report]) -> dict[str, str]:
    """Return what is written at each place that a span names: a file, or a cell of a notebook."""
    from bpdoctor.load import written

    found: dict[str, str] = {}
    for path in dict.fromkeys(path for report in reports for path in _files(report)):
        found.update(written(path) or _as_is(path))
    return found


def _files(report: Report) -> Iterator[str]:
    yield report.path
    for finding in report.findings:
        for mark in (finding.primary, *finding.related):
            if mark is not None:
                yield mark.span.file
    if report.reason_at is not None:
        yield report.reason_at.span.file


def _as_is(path: str) -> dict[str, str]:
    """What can be made of a file that cannot be read as a program."""
    try:
        return {path: Path(path).read_text(encoding="utf-8", errors="replace")}
    except OSError:
        return {}
