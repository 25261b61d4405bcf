"""One line a finding, for editors and grep: ``path:line:col: error[BP301] slug: headline``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from bpdoctor.model.report import Finding, Report
from bpdoctor.report.format import Format, Options
from bpdoctor.report.hints import withhold
from bpdoctor.report.paint import Row, write
from bpdoctor.report.wording import why_not


def render(reports: Sequence[Report], stream: TextIO, *, options: Options) -> None:
    """Write one line a finding, and one for each file that has no verdict; nothing when healthy."""
    rows: list[Row] = []
    for report in reports:
        seen = withhold(report, options.hints)
        rows += [_line(finding, seen) for finding in seen.findings]
        if seen.verdict == "inconclusive":
            rows.append(_undecided(seen))
    write(rows, stream, options=options)


def _line(finding: Finding, report: Report) -> Row:
    place = report.path
    if finding.primary is not None:
        span = finding.primary.span
        place = f"{span.place}:{span.line}:{span.column}"
    code = f"[{finding.code}]" if finding.code else ""
    rule = f" {finding.rule}" if finding.rule else ""
    headline = " ".join(finding.message.split())
    return ((f"{place}: ", ""), (f"{finding.severity}{code}", finding.severity), (f"{rule}: {headline}", ""))


def _undecided(report: Report) -> Row:
    place = report.path
    if report.reason_at is not None:
        span = report.reason_at.span
        place = f"{span.place}:{span.line}:{span.column}"
    return ((f"{place}: ", ""), ("could not tell", "warning"), (f": {why_not(report)}", ""))


FORMAT = Format("concise", ".txt", render)
