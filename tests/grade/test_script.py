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


WAYS_OUT = [
    "g.gi_frame.f_back", "os.rename('a.txt', 'tqdm.py')", "sys.path.append('x.zip')", "sys.exc_info()[2].tb_frame",
    "import timeit", "import unittest.mock", "e.obj", "print('x', file=open('tqdm.py', 'w'))", "open('a', 'r+')",
    "np.savetxt('tqdm.py', [])", "string.Formatter().get_field('a', (), {})", "typing.get_type_hints(f)",
    "random._os", "collections._sys", "dataclasses.builtins", "json.codecs", "os.path.os", "x = sys\nx.path",
    "match g:\n    case object(gi_frame=f):\n        pass", "gi_frame = 1\ng.gi_frame", "g('gi_frame').gi_frame",
    "__match_args__ = ('gi_frame',)", "from numpy import *", "from numpy.lib.stride_tricks import as_strided",
    "o = open", "open('a', opener=f)", "sys.stdout.buffer", "argparse.FileType('w')", "functools.singledispatch(f)",
    "import sys as os\nos.path", "os = sys\nos.path", "from sys import path", "self.path = 1\nsys.path",
    "from io import open", "print 'python 2'", "def f(:", "x = 1\n" * 20_000, "a" + ".b" * 20_000,
]  # fmt: skip


@pytest.mark.parametrize("text", WAYS_OUT, ids=range(len(WAYS_OUT)))
def test_every_way_to_the_observer_is_seen(text: str) -> None:
    assert reasons(text.encode())


def test_a_broken_file_does_not_hide_another(grader: Grader, tmp_path: Path) -> None:
    (tmp_path / "solution.py").write_text(HEALTHY.read_text() + "\nimport ctypes\n")
    (tmp_path / "z.py").write_text("def f(:\n")
    assert grader.grade(one(tmp_path, "solution.py")).lines[0].slug == "held"


@pytest.mark.parametrize("body", ["", "while True:\n    pass\n", "raise SystemExit(0)\n", "x = 1\n"])
def test_nothing_to_examine(body: str, grader: Grader, tmp_path: Path) -> None:
    (tmp_path / "solution.py").write_text(body)
    assert grader.grade(one(tmp_path, "solution.py")).score == 0


def test_the_gallery_is_plain() -> None:
    """Programs as people write them are not held; names of attributes that are computed are the exception."""
    held = {p.parent.name for p in CASES.rglob("*.py") if reasons(p.read_bytes())}
    assert len(held) <= 2, held
