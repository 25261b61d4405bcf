"""What the user does not want to hear: comments in the code, and places asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpdoctor.model.report import Report
from bpdoctor.pipeline import Options, check_path
from tests.load.programs import GUILTY, HEALTHY, SICK, line_of

RULE = "missing-activation-derivative"


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def report(text: str, name: str = "", **options: object) -> Report:
    Path("net.py").write_text(text, encoding="utf-8")
    return check_path(f"net.py:{name}" if name else "net.py", Options(fix=False, **options))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changed",
    [
        GUILTY + f"  # bpdoctor: ignore[{RULE}] an experiment",
        GUILTY + "  # bpdoctor: ignore[bp303]",
        GUILTY + f"  # bpdoctor:ignore[ dead-relu , {RULE} ]",
        GUILTY + "  # bpdoctor: ignore",
        f"    # bpdoctor: ignore[{RULE}] said above\n{GUILTY}",
        f"    # bpdoctor: ignore[{RULE}]\n    # and why\n\n{GUILTY}",
    ],
)
def test_an_ignored_line_is_silent(changed: str) -> None:
    found = report(SICK.replace(GUILTY, changed))
    assert found.findings == () and found.verdict == "healthy"
    line = line_of(SICK, GUILTY) + changed.count("\n")
    assert f"ignored at line {line}, as the code asks: {RULE}" in found.assumptions


@pytest.mark.parametrize(
    "changed",
    [
        GUILTY + "  # bpdoctor: ignore[dead-relu]",
        f"    # bpdoctor: ignore[{RULE}]\n    pass\n{GUILTY}",
        GUILTY + "; text = '# bpdoctor: ignore'",
    ],
)
def test_what_speaks_of_something_else_silences_nothing(changed: str) -> None:
    found = report(SICK.replace(GUILTY, changed))
    assert found.verdict == "sick" and found.findings[0].rule == RULE


def test_an_unused_ignore_is_noted() -> None:
    text = HEALTHY.replace("range(60):", f"range(60):  # bpdoctor: ignore[{RULE}]").replace(
        "    h = ", "    # bpdoctor: ignore[no-such-rule]\n    h = "
    )
    found = report(text)
    assert found.verdict == "healthy"
    notes = [(f.severity, f.rule, f.message, f.primary and f.primary.span.line) for f in found.findings]
    line = line_of(HEALTHY, "for step in range(60):")
    assert notes == [
        ("note", "unused-ignore", f"nothing here to ignore for `{RULE}`", line),
        ("note", "unused-ignore", "no rule is called `no-such-rule`", line + 1),
    ]


def test_rules_asked_for() -> None:
    assert report(SICK, select=("dead-relu",)).findings == ()
    assert report(SICK, ignore=(RULE,)).verdict == "healthy"
    assert report(SICK, select=(RULE,)).verdict == "sick"


CLASSY = SICK.replace("for step in range(60):\n", "def train(W1, W2):\n").replace("    W1 -= ", "    W1 -= ")
CLASSY += "\nfor step in range(60):\n    train(W1, W2)\n"


def test_one_function() -> None:
    assert report(CLASSY, "train").verdict == "sick"
    assert report(CLASSY, "sigmoid").verdict == "healthy"
    missing = report(CLASSY, "nothing")
    assert missing.verdict == "inconclusive" and missing.reason == "net.py has no class or function called `nothing`"
