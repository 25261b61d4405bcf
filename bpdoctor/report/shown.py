"""A report that shows itself: in a terminal, in a notebook, as JSON. The text of files comes from Python's cache."""

from __future__ import annotations

import html
import io
import json
import linecache
from collections.abc import Iterator

from bpdoctor.model.report import Mark, Report
from bpdoctor.report import terminal
from bpdoctor.report.format import Options
from bpdoctor.report.jsonreport import encode

COLORS = {"healthy": "#1a7f37", "sick": "#cf222e", "inconclusive": "#9a6700"}


def text_of(report: Report, *, width: int = 100) -> str:
    """The report as on a plain terminal."""
    stream = io.StringIO()
    terminal.render([report], stream, options=Options(width=width, sources=dict(_sources(report))))
    return stream.getvalue().rstrip("\n")


def html_of(report: Report) -> str:
    """The same for a notebook: everything that is the user's is escaped."""
    style = f"border-left: 4px solid {COLORS[report.verdict]}; padding-left: 1em; white-space: pre; overflow-x: auto"
    return f'<pre style="{style}">{html.escape(text_of(report))}</pre>'


def page_of(report: Report) -> str:
    """The whole page; needs what the extra `report` installs."""
    from bpdoctor.report import page

    stream = io.StringIO()
    page.render([report], stream, options=Options(sources=dict(_sources(report))))
    return stream.getvalue()


def json_of(report: Report) -> str:
    """One object of the schema ``bpdoctor.report/1``."""
    return json.dumps(encode(report), indent=2, allow_nan=False)


def _sources(report: Report) -> Iterator[tuple[str, str]]:
    marks: list[Mark | None] = [report.reason_at]
    for finding in report.findings:
        marks += [finding.primary, *finding.related]
    for file in dict.fromkeys([report.path, *(mark.span.file for mark in marks if mark is not None)]):
        lines = linecache.getlines(file)
        if lines:
            yield file, "".join(lines)
