"""The text of the files that reports point into; renderers themselves read nothing."""

from __future__ import annotations

import tokenize
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bpdoctor.model.report import Report


def texts(reports: Iterable[Report]) -> dict[str, str]:
    """Return the source by path, for every file a span names that can be read."""
    found: dict[str, str] = {}
    for path in dict.fromkeys(path for report in reports for path in _files(report)):
        text = _read(path)
        if text is not None:
            found[path] = text
    return found


def _files(report: Report) -> Iterator[str]:
    for finding in report.findings:
        for mark in (finding.primary, *finding.related):
            if mark is not None:
                yield mark.span.file
    if report.reason_at is not None:
        yield report.reason_at.span.file


def _read(path: str) -> str | None:
    """Read as Python does: by the coding line, and if that fails, what can be made of it."""
    try:
        with tokenize.open(path) as file:
            return file.read()
    except (SyntaxError, UnicodeDecodeError):
        try:
            return Path(path).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return None
    except OSError:
        return None
