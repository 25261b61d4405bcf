"""Whole programs: examined where they are plain, held for a person where they could reach their observer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bpdoctor.grade.assignment import read
from bpdoctor.grade.classroom import Settings, hosted
from bpdoctor.grade.grader import Grader
from bpdoctor.grade.plain import reasons
from bpdoctor.grade.submissions import one

CASES = Path(__file__).resolve().parents[2] / "cases"
HEALTHY = CASES / "healthy" / "xor_tanh.py"
SICK = CASES / "double-activation-derivative" / "sick.py"


@pytest.fixture(scope="module")
def grader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Grader]:
    path = tmp_path_factory.mktemp("script") / "assignment.toml"
    path.write_text('[assignment]\n[[check]]\nkind = "script"\npoints = 8\nparameters = 2\nseconds = 10\n')
    host = hosted(0, Settings())
    found = Grader(read(path), host)
    yield found
    found.close()
    host.close()


def test_healthy(grader: Grader) -> None:
    assert grader.grade(one(HEALTHY, "solution.py")).score == 8


def test_one_cause_costs_once(grader: Grader) -> None:
    """Four gradients are wrong, for one reason."""
    grade = grader.grade(one(SICK, "solution.py"))
    assert grade.score == 6
    assert grade.lines[0].slug == "double-activation-derivative"


@pytest.mark.parametrize(
    "extra",
    [
        "import os\nos.write(5, b'healthy')",
        "import ctypes",
        "eval('1')",
        "().__class__.__base__.__subclasses__()",
        "getattr(np, 'load')",
        "from numpy import ctypeslib",
        "open(5, 'wb')",
        "np.zeros(3).tofile(5)",
        "import sys\nsys.modules['bpdoctor'] = None",
        "from os import *",
        "import gc",
        "import threading",
        "__builtins__",
    ],
)
def test_what_is_not_plain_is_held(extra: str, grader: Grader, tmp_path: Path) -> None:
    program = tmp_path / "solution.py"
    program.write_text(HEALTHY.read_text() + "\n" + extra + "\n")
    grade = grader.grade(one(program, "solution.py"))
    assert grade.score == 0
    assert grade.lines[0].slug == "held"
    assert any("held for a person" in flag for flag in grade.flags)


@pytest.mark.parametrize("body", ["", "while True:\n    pass\n", "raise SystemExit(0)\n", "x = 1\n"])
def test_nothing_to_examine(body: str, grader: Grader, tmp_path: Path) -> None:
    (tmp_path / "solution.py").write_text(body)
    assert grader.grade(one(tmp_path, "solution.py")).score == 0


def test_the_gallery_is_plain() -> None:
    """Programs as people write them are not held; names of attributes that are computed are the exception."""
    held = {p.parent.name for p in CASES.rglob("*.py") if reasons(p.read_bytes())}
    assert len(held) <= 2, held
