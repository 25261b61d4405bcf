"""The gallery: a sick network is diagnosed as its case says, a cured or healthy one draws no alarm."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from bpdoctor.model.report import Finding, Report
from bpdoctor.pipeline import Options, check_path
from bpdoctor.rules import all_rules
from bpdoctor.syntax.edits import apply

CASES = Path(__file__).resolve().parents[1] / "cases"
SLUGS = sorted(path.parent.name for path in CASES.glob("*/expected.json"))
HEALTHY = sorted((CASES / "healthy").rglob("*.py"))


def told(report: Report) -> str:
    """Everything in a report that a failing test should show."""
    found = [f"{f.severity} {f.rule} at line {line(f)}: {f.message}" for f in report.findings]
    wrong = [f"{g.parameter}: {g.status}" for g in report.gradients if g.status != "ok"]
    return "; ".join([report.verdict, report.reason, *found, *wrong])


def line(finding: Finding) -> int | None:
    return finding.primary.span.line if finding.primary else None


def alarms(report: Report) -> list[Finding]:
    return [f for f in report.findings if f.severity != "note"]


@cache
def checked(path: Path, fix: bool = False) -> Report:
    """The report on a file; without trying fixes it takes a fraction of the time."""
    return check_path(str(path), Options(fix=fix))


def pending(known: Mapping[str, str], ids: Iterable[str]) -> list[Any]:
    """Parameters of a test, the ones that are known to fail marked as such."""
    return [pytest.param(i, id=i, marks=[expected_to_fail(known[i])] if i in known else []) for i in ids]


def expected_to_fail(reason: str) -> pytest.MarkDecorator:
    return pytest.mark.xfail(strict=STRICT, reason=reason, raises=AssertionError)


# A limit in seconds still decides some of these on a loaded machine; with BPDOCTOR_STRICT=1 whatever starts to
# pass fails, so that it leaves the table.
STRICT = os.environ.get("BPDOCTOR_STRICT") == "1"

PENDING: dict[str, str] = {}
"""Sick programs of the gallery that are not yet diagnosed as their case says: what is said today, at which lines."""


def expectation(slug: str) -> dict[str, Any]:
    expected: dict[str, Any] = json.loads((CASES / slug / "expected.json").read_text(encoding="utf-8"))
    return expected


@pytest.mark.parametrize("slug", pending(PENDING, SLUGS))
def test_sick(slug: str) -> None:
    """The most important finding is the expected rule, at the expected line; every error is that one."""
    expected = expectation(slug)
    report = checked(CASES / slug / "sick.py")
    assert report.verdict == expected["verdict"], told(report)
    assert report.findings, told(report)
    first = next((f for f in report.findings if f.severity == expected["severity"]), report.findings[0])
    assert (first.rule, line(first), first.severity) == (
        expected["rule"],
        expected["line"],
        expected["severity"],
    ), told(report)
    assert [f.rule for f in report.findings if f.severity == "error"][1:] == expected.get("also", []), told(report)


@pytest.mark.parametrize("slug", SLUGS)
def test_fix(slug: str, tmp_path: Path) -> None:
    """A fix that is called verified, applied here, removes its finding and brings no other error.

    Whether one is found within the seconds that are set aside for trying depends on the machine; what
    is called verified does not.
    """
    source = CASES / slug / "sick.py"
    before = checked(source, fix=True)
    for finding in before.findings:
        fix = finding.fix
        if fix is None:
            continue
        assert fix.diff and (fix.applicability != "safe" or fix.verified)
        if fix.verified:
            edited = tmp_path / "edited.py"
            edited.write_text(apply(source.read_text(encoding="utf-8"), fix.edits), encoding="utf-8")
            after = check_path(str(edited), Options(fix=False))
            assert (finding.rule, line(finding)) not in {(f.rule, line(f)) for f in after.findings}, told(after)
            errors = [f for f in before.findings if f.severity == "error"]
            assert {f.rule for f in after.findings if f.severity == "error"} <= {f.rule for f in errors}, told(after)
            # One of two faults cured leaves the program sick.
            assert len(errors) > 1 or after.verdict == "healthy", told(after)


@pytest.mark.parametrize("slug", SLUGS)
def test_cured(slug: str) -> None:
    """The cured program draws no error, and not the finding of the sick one."""
    report = checked(CASES / slug / "cured.py")
    assert report.verdict == "healthy", told(report)
    assert expectation(slug)["rule"] not in {f.rule for f in report.findings}, told(report)


@pytest.mark.parametrize("path", HEALTHY, ids=lambda p: p.stem)
def test_healthy(path: Path) -> None:
    """Correct code, however odd, draws neither an error nor a warning."""
    report = checked(path)
    assert report.verdict == "healthy", told(report)
    assert not alarms(report), told(report)


def test_cases_name_living_rules() -> None:
    assert {expectation(slug)["rule"] for slug in SLUGS} <= set(all_rules())


@pytest.mark.parametrize("slug", SLUGS)
def test_expectation_is_complete(slug: str) -> None:
    """Rule, line, verdict and severity stand there, and the line exists."""
    expected = expectation(slug)
    assert set(expected) - {"also"} == {"rule", "line", "verdict", "severity"}
    sick = (CASES / slug / "sick.py").read_text(encoding="utf-8").splitlines()
    assert sick[expected["line"] - 1].strip()
