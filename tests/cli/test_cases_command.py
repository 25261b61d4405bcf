"""`bpdoctor cases`, over a small gallery and the fake pipeline."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bpdoctor.cli import cases as command
from bpdoctor.cli import gallery
from bpdoctor.cli.gallery import Program, judge
from tests.cli.fakes import Run, Seen, answer

ROOT = Path(__file__).parents[2]

SLUG = "double-activation-derivative"


@pytest.fixture
def cases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    case = tmp_path / SLUG
    case.mkdir()
    (case / "sick.py").write_text("")
    (case / "cured.py").write_text("")
    (case / "expected.json").write_text(json.dumps({"rule": SLUG, "line": 1, "verdict": "sick"}))
    (tmp_path / "healthy").mkdir()
    (tmp_path / "healthy" / "odd_one.py").write_text("")
    monkeypatch.setattr(command, "folder", lambda: tmp_path)
    return tmp_path


def test_list(run: Run, cases: Path) -> None:
    code, out, _ = run("cases")
    assert code == 0
    assert f"{SLUG} at line 1" in out and "healthy/odd_one" in out


def test_run(run: Run, cases: Path, pipeline: Seen) -> None:
    code, out, _ = run("cases", "run")
    assert code == 0, out
    assert out.splitlines()[-1] == "3 of 3 programs as expected"
    assert run("cases", "run", SLUG)[1].splitlines()[-1] == "2 of 2 programs as expected"
    assert run("cases", "run", "healthy")[1].splitlines()[-1] == "1 of 1 programs as expected"
    assert run("cases", "run", "absent")[0] == 2


def test_a_false_alarm_and_a_miss(run: Run, cases: Path, pipeline: Seen) -> None:
    (cases / "healthy" / "sick_looking.py").write_text("")
    (cases / SLUG / "expected.json").write_text(json.dumps({"rule": SLUG, "line": 2}))
    code, out, _ = run("cases", "run")
    assert code == 1
    assert f"MISS {SLUG}: sick.py: expected {SLUG} at line 2, got error {SLUG} at line 1" in out
    assert f"MISS healthy/sick_looking: sick_looking.py: false alarm: error {SLUG} at line 1" in out


@pytest.mark.parametrize(
    ("expected", "file", "missing"),
    [
        ({"rule": SLUG, "line": 1}, "sick.py", ""),
        ({"rule": SLUG}, "sick.py", ""),
        ({"rule": "gradient-ascent", "line": 1}, "sick.py", "expected gradient-ascent at line 1, got"),
        ({"rule": SLUG, "line": 1, "verdict": "healthy"}, "sick.py", "expected the verdict healthy"),
        ({"rule": SLUG, "line": 1}, "good.py", "got nothing"),
        (None, "good.py", ""),
        (None, "odd.py", ""),
        (None, "broken.py", "expected healthy, got inconclusive: SyntaxError"),
    ],
)
def test_judge(expected: dict[str, Any] | None, file: str, missing: str) -> None:
    told = judge(Program("case", Path(file), expected), answer(file)).missing
    assert (missing in told) if missing else told == ""


def test_a_finer_rule_answers_for_its_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    import bpdoctor.rules

    rule = replace(bpdoctor.rules.all_rules()[SLUG], aliases=("parent-slug",))
    monkeypatch.setattr(bpdoctor.rules, "all_rules", lambda: {SLUG: rule})
    assert not judge(Program("case", Path("sick.py"), {"rule": "parent-slug"}), answer("sick.py")).missing


def test_the_folder_of_the_checkout() -> None:
    assert gallery.folder() == ROOT / "cases"
