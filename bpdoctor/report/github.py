"""Annotations on GitHub: workflow commands, one a finding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TextIO

from bpdoctor.model.report import Finding, Mark, Report
from bpdoctor.report.format import Format, Options
from bpdoctor.report.hints import withhold
from bpdoctor.report.wording import why_not

LEVELS = {"error": "error", "warning": "warning", "note": "notice"}


def render(reports: Sequence[Report], stream: TextIO, *, options: Options) -> None:
    """Write one command a finding, and one for each file that has no verdict; nothing when healthy."""
    for report in reports:
        seen = withhold(report, options.hints)
        for finding in seen.findings:
            stream.write(_finding(finding, seen))
        if seen.verdict == "inconclusive":
            place = _place(seen.reason_at, seen.path)
            stream.write(command("warning", {**place, "title": "bpdoctor: could not tell"}, why_not(seen)))


def _finding(finding: Finding, report: Report) -> str:
    title = " ".join(filter(None, (finding.code, finding.rule))) or "bpdoctor"
    lines = [finding.message, *finding.evidence]
    if finding.fix is not None and finding.fix.verified:
        lines.append(f"fix: {finding.fix.title}")
    return command(LEVELS[finding.severity], {**_place(finding.primary, report.path), "title": title}, "\n".join(lines))


def _place(mark: Mark | None, path: str) -> dict[str, object]:
    """The file, and the lines unless they are those of a notebook's cell; columns only within one line."""
    if mark is None:
        return {"file": path}
    span = mark.span
    if span.cell:
        return {"file": span.file}
    out: dict[str, object] = {"file": span.file, "line": span.line, "endLine": span.end_line}
    return {**out, "col": span.column, "endColumn": span.end_column} if span.line == span.end_line else out


def command(name: str, properties: Mapping[str, object], message: str) -> str:
    """A workflow command.

    Examples
    --------
    >>> command("error", {"file": "a,b.py", "line": 3}, "100 % wrong")
    '::error file=a%2Cb.py,line=3::100 %25 wrong\\n'
    """
    told = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    return f"::{name} {told}::{_data(message)}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


FORMAT = Format("github", ".txt", render)
