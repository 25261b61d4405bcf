"""The sick, cured and healthy networks of the cases folder, and what is expected of each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bpdoctor.model.record import record

if TYPE_CHECKING:
    from bpdoctor.model.report import Finding, Report

HEALTHY = "healthy"


@record
class Program:
    """One program of a case. `expected` is None where nothing may be found."""

    case: str
    path: Path
    expected: dict[str, Any] | None


@record
class Outcome:
    """What a check of a program came to. `missing` says what was expected and is not so."""

    program: Program
    missing: str


def folder() -> Path | None:
    """Return the cases folder: the installed one, or the one of the checkout."""
    package = Path(__file__).resolve().parent.parent
    installed, checkout = package / "_cases", package.parent / "cases"
    if installed.is_dir():
        return installed
    return checkout if checkout.is_dir() and (package.parent / "pyproject.toml").exists() else None


def programs(cases: Path) -> Iterator[Program]:
    """Yield every program: of each case the sick one and the cured one, then the healthy ones."""
    for case in sorted(path for path in cases.iterdir() if path.is_dir() and path.name != HEALTHY):
        told = case / "expected.json"
        expected = json.loads(told.read_text(encoding="utf-8")) if told.exists() else None
        if (case / "sick.py").exists() and expected is not None:
            yield Program(case.name, case / "sick.py", expected)
        if (case / "cured.py").exists():
            yield Program(case.name, case / "cured.py", None)
    for path in sorted((cases / HEALTHY).rglob("*.py")):
        yield Program(f"{HEALTHY}/{path.relative_to(cases / HEALTHY).with_suffix('')}", path, None)


def judge(program: Program, report: Report) -> Outcome:
    """Compare a report with what the case expects."""
    if program.expected is None:
        return Outcome(program, _noise(report))
    return Outcome(program, _missing(program.expected, report))


def _noise(report: Report) -> str:
    """A healthy program must be examined, and without an error."""
    errors = [finding for finding in report.findings if finding.severity == "error"]
    if errors:
        return "false alarm: " + "; ".join(_told(finding) for finding in errors)
    if report.verdict != "healthy":
        return f"expected healthy, got {report.verdict}: {report.reason or 'no reason given'}"
    return ""


def _missing(expected: dict[str, Any], report: Report) -> str:
    rule, line, verdict = expected.get("rule"), expected.get("line"), expected.get("verdict")
    got = "; ".join(_told(finding) for finding in report.findings) or report.reason or "nothing"
    if verdict is not None and report.verdict != verdict:
        return f"expected the verdict {verdict}, got {report.verdict} ({got})"
    if rule is not None:
        found = [finding for finding in report.findings if rule in _names(finding)]
        places = [finding.primary.span.line for finding in found if finding.primary is not None]
        if not found or (line is not None and line not in places):
            return f"expected {rule}{'' if line is None else f' at line {line}'}, got {got}"
    return ""


def _names(finding: Finding) -> tuple[str, ...]:
    """A finer rule answers for the slug it was split from."""
    from bpdoctor.rules import all_rules

    rule = all_rules().get(finding.rule)
    return (finding.rule, *(rule.aliases if rule is not None else ()))


def _told(finding: Finding) -> str:
    place = "" if finding.primary is None else f" at line {finding.primary.span.line}"
    return f"{finding.severity} {finding.rule}{place}"
