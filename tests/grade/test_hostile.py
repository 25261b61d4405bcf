"""Programs that want marks they have not earned, or harm. Each says what it tries and what must happen."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bpdoctor.grade.assignment import read
from bpdoctor.grade.classroom import Settings, hosted
from bpdoctor.grade.grader import Grader
from bpdoctor.grade.submissions import one

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent / "hostile"
PROGRAMS = sorted((HERE / "programs").glob("*.py"))
REFERENCE = (HERE / "reference.py").read_text(encoding="utf-8")
SECRET = "a secret of the grader"

pytestmark = [
    pytest.mark.skipif(os.name != "posix", reason="children are forked"),
    pytest.mark.xdist_group("hostile"),
]


def told(path: Path, field: str) -> str:
    found = re.search(rf"^# {field}: (.*)$", path.read_text(encoding="utf-8"), re.M)
    assert found, f"{path} does not say `{field}`"
    return found[1]


@pytest.fixture(scope="module", params=["strict", "container"])
def grader(request: pytest.FixtureRequest) -> Iterator[Grader]:
    os.environ["BPDOCTOR_TEST_SECRET"] = SECRET
    host = hosted(0, Settings(at_most=request.param))
    if host.rung == "basic":
        host.close()
        pytest.skip("this machine has neither Landlock nor seccomp")
    yield Grader(read(HERE / "assignment.toml"), host)
    host.close()
    assert not Path(host.root).exists()


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder as the grader has many: results, other submissions. Open to all, so that only the hold protects it."""
    folder = tmp_path / "outside"
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    (folder / "solution.py").write_text(REFERENCE)
    (folder / "grades.sqlite").write_text("grades")
    return folder


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda p: p.stem)
def test_hostile(path: Path, grader: Grader, outside: Path, tmp_path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    for word, value in {"OUTSIDE": outside, "RUBRIC": HERE, "HOST": "127.0.0.1:9"}.items():
        source = source.replace("{" + word + "}", str(value))
    program = tmp_path / "solution.py"
    program.write_text(REFERENCE + "\n\n" + source if told(path, "base") == "right" else source)
    before = snapshot(outside)
    threads, started = threading.active_count(), time.monotonic()
    grade = grader.grade(one(program, "solution.py"))
    must, *flagged = told(path, "must").split()
    assert grade.score == float(must), [(x.check, x.part, x.points, x.slug, x.told("cause")) for x in grade.lines]
    assert bool(flagged) == any("finite differences" in flag for flag in grade.flags)
    assert "LEAKED" not in grade.output and SECRET not in grade.output
    texts = [grade.problem, *grade.flags, *(x.told("cause") for x in grade.lines)]
    assert all(text.isprintable() for text in texts)
    assert snapshot(outside) == before
    assert threading.active_count() == threads
    assert time.monotonic() - started < 60
    # The next one is graded as if nothing had been.
    assert grader.grade(one(HERE / "reference.py", "solution.py")).score == 6


def snapshot(folder: Path) -> dict[str, object]:
    """Contents, rights and dates, the folder's own too."""
    seen = {p.name: (p.read_bytes(), p.stat().st_mode, p.stat().st_mtime) for p in folder.iterdir()}
    return {**seen, "": (folder.stat().st_mode, folder.stat().st_mtime)}


def test_there_are_enough() -> None:
    assert len(PROGRAMS) >= 40
    assert all(told(path, field) for path in PROGRAMS for field in ("tries", "base", "must"))


def test_a_hang_is_named_by_its_line(grader: Grader, tmp_path: Path) -> None:
    program = tmp_path / "solution.py"
    program.write_text("def sigmoid(z):\n    y = 1\n    while y:\n        y += 0 * len('')\n")
    line = grader.grade(one(program, "solution.py")).lines[0]
    assert line.slug == "time"
    assert re.search(r"in `sigmoid`, line [34]", line.place)


# An ordinary user. Where Python stands in a folder of root's, reading (and nothing else) is left to it.
ORDINARY = """
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
libc.prctl(8, 1, 0, 0, 0)
os.setgroups([])
os.setresgid(65534, 65534, 65534)
os.setresuid(65534, 65534, 65534)
header, data = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)(4, 4, 4, 0, 0, 0)
assert libc.capset(header, data) == 0
libc.prctl(47, 2, 2, 0, 0)
os.execv(sys.executable, [sys.executable, "-m", "bpdoctor", *sys.argv[1:]])
"""


@pytest.mark.skipif(os.name != "posix" or os.getuid() != 0, reason="only root can become someone else")
@pytest.mark.parametrize("rung", ["strict", "container"])
def test_as_an_ordinary_user(rung: str) -> None:
    """The whole set as one class, graded by somebody without rights."""
    with tempfile.TemporaryDirectory() as where:
        base = Path(where)
        base.chmod(0o777)
        outside, class_ = base / "outside", base / "class"
        for folder in (outside, class_):
            folder.mkdir()
            folder.chmod(0o777)
        # What belongs to the one who grades is protected by the hold alone.
        for thing in (outside / "solution.py", outside / "grades.sqlite"):
            thing.write_text("grades")
            os.chown(thing, 65534, 65534)
        os.chown(outside, 65534, 65534)
        before = snapshot(outside)
        expected = {}
        for path in PROGRAMS:
            source = path.read_text(encoding="utf-8").replace("{OUTSIDE}", str(outside)).replace("{RUBRIC}", str(HERE))
            right = told(path, "base") == "right"
            (class_ / f"{path.stem}.py").write_text(REFERENCE + "\n\n" + source if right else source)
            expected[path.stem] = float(told(path, "must").split()[0])
        words = ["grade", "run", str(HERE / "assignment.toml"), str(class_), "--results", str(base / "results")]
        done = subprocess.run(
            [sys.executable, "-c", ORDINARY, *words, "--isolation-at-most", rung, "--require-isolation", "container"],
            cwd=ROOT, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        students = json.loads((base / "results" / "grades.json").read_text())["students"]
        assert (base / "results" / "grades.json").stat().st_uid == 65534
        assert {name: s["score"] for name, s in students.items()} == expected
        assert snapshot(outside) == before
