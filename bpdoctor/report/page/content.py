"""What stands on the page of one report, in the words and numbers that the template puts in place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bpdoctor.model.report import Finding, Mark, Report
from bpdoctor.model.source import lines_of
from bpdoctor.report.excerpt import excerpt
from bpdoctor.report.format import Options
from bpdoctor.report.page.flow import cards
from bpdoctor.report.page.heat import LEVELS, heat_map
from bpdoctor.report.page.lines import by_step
from bpdoctor.report.page.training import training
from bpdoctor.report.paint import Row
from bpdoctor.report.wording import count, number, shape, state, verdict

WORDS = {"healthy": "Healthy", "sick": "Sick", "inconclusive": "Could not tell"}
MOST_LINES = 3000
_WIDTH = 110


def content(report: Report, options: Options, name: str) -> dict[str, Any]:
    """Everything the template needs; `name` begins the page's own anchors."""
    wrong = any(g.status in ("wrong", "scaled", "not-finite") for g in report.gradients)
    pictures = report.pictures
    program = _program(report, options, name)
    shown = {(file["place"], line): anchor for file in program for line, anchor, _, _ in file["lines"]}
    return {
        "id": name,
        "path": report.path,
        "verdict": report.verdict,
        "word": WORDS[report.verdict],
        "told": _told(report),
        "facts": _facts(report),
        "reason": _excerpt(report.reason_at, (), "warning", options),
        "findings": [_finding(finding, options) for finding in report.findings],
        "gradients": _gradients(report),
        "iteration": pictures.iteration + 1 if pictures else 0,
        "map": cards(pictures, lambda span: shown.get((span.place, span.line), "")) if pictures else [],
        "heats": [heat_map(heat) for heat in pictures.heats] if pictures else [],
        "levels": range(LEVELS),
        "plots": [p for p in [by_step(pictures.convergence, claimed=wrong)] if p] if pictures else [],
        "wrong": wrong,
        "training": training(report.health, pictures.cured if pictures else {}),
        "assumptions": report.assumptions,
        "not_examined": report.not_examined,
        "program": program,
        "environment": [*report.environment.items(), *_cost(report)],
    }


def _told(report: Report) -> str:
    """The verdict as a sentence; what is sick is said with its place, and whether there is a fix."""
    told = verdict(report)
    for lead in ("healthy: ", "could not tell: "):
        told = told.removeprefix(lead)
    first = next((f for f in report.findings if f.severity == "error" and f.primary is not None), None)
    if first is not None and first.primary is not None:
        told += f": line {first.primary.span.line}" + ("" if told == "1 error" else " first")
        told += "; a fix was tried, and the re-run passes" if first.fix is not None and first.fix.verified else ""
    return told[:1].upper() + told[1:]


def _facts(report: Report) -> list[str]:
    """What was examined, in a few words each."""
    subject, loss = report.subject, report.subject.loss
    facts = [count(len(subject.parameters), "parameter")] if subject.parameters else []
    facts += [f"{count(subject.steps_seen, 'training step')} recorded"] if subject.steps_seen else []
    facts += [f"updated by {subject.optimizer}"] if subject.optimizer else []
    if loss is not None:
        where = f" (line {loss.line})" if loss.line is not None else ""
        facts.append(f"loss inferred: {loss.form}" if loss.inferred else f"loss: {loss.name}{where}")
    return facts


def _finding(finding: Finding, options: Options) -> dict[str, Any]:
    fix = finding.fix
    lines = [] if fix is None else [x for x in fix.diff.splitlines() if not x.startswith(("--- ", "+++ "))]
    return {
        "severity": finding.severity, "code": finding.code, "rule": finding.rule,
        "message": _quoted(" ".join(finding.message.split())),
        "source": _excerpt(finding.primary, finding.related, finding.severity, options),
        "evidence": [_quoted(text) for text in finding.evidence],
        "why": _quoted(finding.why), "others": finding.others, "fix": fix,
        "title": [] if fix is None else _quoted(" ".join(fix.title.split())),
        "diff": [(line, _edit(line)) for line in lines],
    }  # fmt: skip


def _quoted(text: str) -> list[tuple[str, bool]]:
    """Pieces of a text, each with whether it stood between backquotes."""
    return [(piece, i % 2 == 1) for i, piece in enumerate(text.split("`")) if piece]


def _edit(line: str) -> str:
    return {"+": "added", "-": "removed", "@": "faint"}.get(line[:1], "")


def _excerpt(primary: Mark | None, related: Sequence[Mark], tone: str, options: Options) -> list[Row]:
    """The lines with their carets, as on a terminal of some width."""
    plain = Options(width=_WIDTH, sources=options.sources)
    return list(excerpt(primary, related, options=plain, tone=tone).rows)


def _gradients(report: Report) -> list[dict[str, Any]]:
    shapes = {parameter.name: shape(parameter.shape) for parameter in report.subject.parameters}
    return [
        {
            "name": g.parameter, "shape": shapes.get(g.parameter, ""), "status": g.status, "state": state(g),
            "error": number(g.relative_error), "line": "" if g.line is None else g.line, "cell": g.cell,
        }
        for g in report.gradients
    ]  # fmt: skip


def _program(report: Report, options: Options, name: str) -> list[dict[str, Any]]:
    """The program's own lines with their anchors, those that a finding points at with its severity."""
    marked: dict[tuple[str, int], str] = {}
    for finding in reversed(report.findings):
        for mark, tone in [*((m, "related") for m in finding.related), (finding.primary, finding.severity)]:
            if mark is not None:
                marked.update({(mark.span.place, n): tone for n in range(mark.span.line, mark.span.end_line + 1)})
    pointed = {place for place, _ in marked}
    out: list[dict[str, Any]] = []
    for place, text in options.sources.items():
        if place == report.path or place.startswith(f"{report.path}:cell") or place in pointed:
            lines = lines_of(text)[:MOST_LINES]
            lead = f"{name}F{len(out)}L"
            numbered = [(n, f"{lead}{n}", t.rstrip(), marked.get((place, n), "")) for n, t in enumerate(lines, 1)]
            out.append({"place": place, "lines": numbered})
    return out


def _cost(report: Report) -> list[tuple[str, str]]:
    names = {"seconds": "seconds taken", "forward_evaluations": "re-runs of the program", "nodes": "values recorded"}
    return [(told, f"{report.cost[key]:.4g}") for key, told in names.items() if key in report.cost]
