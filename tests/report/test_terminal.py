"""The whole report as a person reads it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bpdoctor.model.report import Finding, GradientResult, Report
from bpdoctor.report import Options, formats
from tests.report.golden import assert_golden
from tests.report.samples import HEALTHY, NET, REFUSED, SICK, TRANSPOSED, rendered

TEXT = formats()["text"]


def text(*reports: Report, **options: object) -> str:
    return rendered(TEXT, reports, Options(sources={"net.py": NET}, **options))  # type: ignore[arg-type]


@pytest.mark.parametrize(("name", "report"), [("sick", SICK), ("healthy", HEALTHY), ("refused", REFUSED)])
def test_reports(name: str, report: Report) -> None:
    assert_golden(f"text_{name}.txt", text(report))


@pytest.mark.parametrize("hints", ["symptom", "place", "cause"])
def test_less_given_away(hints: str) -> None:
    assert_golden(f"text_hints_{hints}.txt", text(SICK, hints=hints))


def test_narrow_and_ascii() -> None:
    told = text(SICK, HEALTHY, ascii=True, width=60)
    assert told.isascii()
    assert_golden("text_ascii.txt", told)


def test_several_files_end_with_a_total() -> None:
    told = text(SICK, HEALTHY, REFUSED)
    assert [line for line in told.splitlines() if line.startswith("== ")] == [
        "== net.py",
        "== good.py",
        "== net.py",
    ]
    assert told.splitlines()[-1] == "3 files: 1 healthy, 1 sick, 1 could not tell"


def test_colours_change_nothing_but_the_colours() -> None:
    from rich.text import Text

    plain, colored = text(SICK, HEALTHY), text(SICK, HEALTHY, color=True)
    assert "\x1b[" in colored and "\x1b[" not in plain
    assert "\n".join(line.rstrip() for line in Text.from_ansi(colored).plain.splitlines()) == plain.rstrip("\n")


def test_the_program_cannot_write_to_the_terminal() -> None:
    evil = replace(TRANSPOSED, message="\x1b[2Jgone\nsecond line", why="a\x07b")
    for color in (False, True):
        told = text(replace(SICK, path="\x1b[31m.py", findings=(evil,)), color=color)
        assert "\x1b[2J" not in told and "\x07" not in told
        assert "gone second line" in told


def test_brackets_are_no_markup() -> None:
    told = text(replace(SICK, findings=(replace(TRANSPOSED, message="[bold]`W[0]`[/bold]"),)), color=True)
    assert "[bold]`W[0]`[/bold]" in told


def test_at_most_twenty_findings() -> None:
    told = text(replace(SICK, findings=(TRANSPOSED,) * 23))
    assert told.count("error[BP203]") == 20
    assert "and 3 more findings" in told
    assert told.splitlines()[-1] == "23 errors"


def test_rows_that_want_attention_survive_the_crop() -> None:
    gradients = (*HEALTHY.gradients[:17], GradientResult("W17", "wrong", 0.5, 1e-9, None, 3))
    told = text(replace(HEALTHY, gradients=gradients))
    assert "W17" in told and "W15" not in told
    assert "… and 8 more" in told


@pytest.mark.parametrize(
    ("report", "last"),
    [
        (
            HEALTHY,
            "healthy: 19 gradients agree with the reference (largest relative error 1.9e-11), 1 vacuous (0 = 0)",
        ),
        (replace(HEALTHY, gradients=()), "healthy: nothing wrong was found"),
        (
            replace(HEALTHY, gradients=HEALTHY.gradients[:1], findings=(Finding("X", "x", "note", "m", None),)),
            "healthy: 1 gradient agrees with the reference (largest relative error 1e-12); 1 note",
        ),
        (SICK, "1 error, 1 warning"),
        (REFUSED, "could not tell: ZeroDivisionError: division by zero"),
        (Report("a", "script", "inconclusive"), "could not tell: no gradient was found in this program"),
        (Report("a", "script", "inconclusive", not_examined=("`erf`",)), "could not tell: `erf`"),
    ],
)
def test_verdict(report: Report, last: str) -> None:
    assert text(report).splitlines()[-1] == last
