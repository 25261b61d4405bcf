"""The whole report as text: findings with excerpts, what was examined, the verdict."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TextIO

from bpdoctor.model.report import Finding, Fix, Report
from bpdoctor.report.cells import wrap
from bpdoctor.report.excerpt import excerpt
from bpdoctor.report.format import Format, Options
from bpdoctor.report.hints import withhold
from bpdoctor.report.paint import Row, diff_row, write
from bpdoctor.report.summary import summary
from bpdoctor.report.wording import count

MOST_FINDINGS = 20


def render(reports: Sequence[Report], stream: TextIO, *, options: Options) -> None:
    """Write each report, the verdict as its last line; several reports get a last line of their own."""
    rows: list[Row] = []
    for report in reports:
        if rows:
            rows.append(())
        if len(reports) > 1:
            rows.append(((f"== {report.path}", "strong"),))
        rows += _report(withhold(report, options.hints), options)
    if len(reports) > 1:
        rows += [(), ((_total(reports), "strong"),)]
    write(rows, stream, options=options)


def _report(report: Report, options: Options) -> Iterator[Row]:
    for finding in report.findings[:MOST_FINDINGS]:
        yield from _finding(finding, report, options)
        yield ()
    hidden = len(report.findings) - MOST_FINDINGS
    if hidden > 0:
        yield ((f"and {count(hidden, 'more finding')}", "faint"),)
        yield ()
    if report.reason and report.reason_at is not None:
        yield (("not examined", "warning"), (f": {report.path} could not be run as far as needed", "strong"))
        yield from excerpt(report.reason_at, options=options, tone="warning").rows
    yield from summary(report, options=options)


def _finding(finding: Finding, report: Report, options: Options) -> Iterator[Row]:
    code = f"[{finding.code}]" if finding.code else ""
    headline = " ".join(finding.message.split())
    yield ((f"{finding.severity}{code}", finding.severity), (f": {headline}", "strong"))
    shown = excerpt(finding.primary, finding.related, options=options, tone=finding.severity)
    yield from shown.rows or [(("  --> ", "gutter"), (report.path, ""))]
    gutter = shown.gutter
    for text in finding.evidence:
        yield from _note("evidence", text, gutter, options)
    if finding.why:
        yield from _note("why", finding.why, gutter, options)
    if finding.others:
        names = ", ".join(f"`{name}`" for name in finding.others)
        yield from _note("note", f"also affected: {names}", gutter, options)
    if finding.fix is not None:
        yield from _fix(finding.fix, options)


def _note(name: str, text: str, gutter: int, options: Options) -> Iterator[Row]:
    """`= name: text`, continued under the beginning of the text."""
    lead = f"{' ' * gutter} = "
    indent = len(lead) + len(name) + 2
    first, *rest = wrap(text, max(options.width - indent, 20), ascii=options.ascii)
    yield ((lead, "gutter"), (f"{name}: ", "strong"), (first, ""))
    for line in rest:
        yield ((" " * indent + line, ""),)


def _fix(fix: Fix, options: Options) -> Iterator[Row]:
    title = " ".join(fix.title.split())
    yield (("help", "help"), (f": {title}  ({fix.applicability}; {fix.proof})", ""))
    lines = [line for line in fix.diff.splitlines() if not line.startswith(("--- ", "+++ "))]
    hunks = sum(line.startswith("@@") for line in lines)
    for line in lines:
        if line.startswith("@@") and hunks == 1:
            continue
        yield diff_row(line, "    ")


def _total(reports: Sequence[Report]) -> str:
    verdicts = [report.verdict for report in reports]
    words = {"healthy": "healthy", "sick": "sick", "inconclusive": "could not tell"}
    parts = [f"{verdicts.count(verdict)} {word}" for verdict, word in words.items() if verdict in verdicts]
    return f"{count(len(reports), 'file')}: {', '.join(parts)}"


FORMAT = Format("text", ".txt", render)
