"""Every example of every rule, against all: a bad one is found on its line, a good one is silent."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from bpdoctor.model.report import Report
from bpdoctor.model.rule import Rule
from bpdoctor.pipeline import Options, check_path
from bpdoctor.rules import all_rules
from tests.test_cases import alarms, expected_to_fail, line, told

MARK = re.compile(r"\s*# <- (?P<slug>[\w-]+)\s*$", re.M)


PENDING: dict[str, str] = {"invalid-BP801-recurrent-gradient-not-carried-1": "said at 18, where the zero is read"}
"""Examples that are not yet judged as their page says: what is said today, at which lines."""


def examples(kind: str) -> list[Any]:
    """The examples of all rules; one that is known to fail must fail, so that no entry outlives its cause."""
    return [
        pytest.param(rule, text, id=name, marks=[expected_to_fail(PENDING[name])] if name in PENDING else [])
        for rule in all_rules().values()
        for number, text in enumerate(getattr(rule, kind))
        for name in [f"{kind}-{rule.code}-{rule.slug}-{number}"]
    ]


def checked(folder: Path, text: str) -> Report:
    """The report on an example; whether fixes work is asserted on the gallery."""
    program = folder / "example.py"
    program.write_text(text, encoding="utf-8")
    return check_path(str(program), Options(fix=False))


def place(text: str) -> int:
    """The line that carries the mark."""
    marked = [number for number, row in enumerate(text.splitlines(), 1) if MARK.search(row)]
    assert len(marked) == 1, f"an invalid example marks one line, this one {marked}"
    return marked[0]


@pytest.mark.parametrize(("rule", "text"), examples("invalid"))
def test_invalid(rule: Rule, text: str, tmp_path: Path) -> None:
    """Its rule, on exactly its line, and no other error."""
    marked = place(text)
    assert [m["slug"] for m in MARK.finditer(text)] == [rule.slug]
    report = checked(tmp_path, MARK.sub("", text))
    found = [(f.rule, line(f)) for f in alarms(report)]
    assert (rule.slug, marked) in found, f"expected line {marked}; {told(report)}"
    errors = [f.rule for f in report.findings if f.severity == "error"]
    assert not [slug for slug in errors if slug != rule.slug], told(report)


@pytest.mark.parametrize(("rule", "text"), examples("valid"))
def test_valid(rule: Rule, text: str, tmp_path: Path) -> None:
    """No error and no warning, of any rule."""
    report = checked(tmp_path, text)
    assert not alarms(report), told(report)
    assert report.verdict == "healthy", told(report)


@pytest.mark.parametrize("rule", list(all_rules().values()), ids=lambda r: r.code)
def test_page(rule: Rule) -> None:
    """Code, slug and file name agree; the page has its headings; there are examples of both kinds."""
    assert re.fullmatch(r"BP\d{3}", rule.code)
    headings = re.findall(r"^## (.+)$", rule.explanation, re.M)
    assert headings[:2] == ["What it does", "Why it is wrong"]
    assert {"Example", "How it is proved"} <= set(headings)
    assert rule.valid and rule.invalid
    assert rule.title and rule.title == rule.title.rstrip(".")
