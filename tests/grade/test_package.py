"""The autograders run in a tree like the platform's, and what they write has the platform's form."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from bpdoctor.cli import main
from bpdoctor.grade.package import unpack
from tests.grade.population import ASSIGNMENT, HOSTILE, REFERENCE, WRONG

VISIBILITY = {"hidden", "after_due_date", "after_published", "visible"}
FORMATS = {"text", "html", "simple_format", "md", "ansi"}
NUMBER = (int, float)
TOP: dict[str, Any] = {
    "score": NUMBER, "execution_time": NUMBER, "output": str, "output_format": FORMATS, "test_output_format": FORMATS,
    "test_name_format": FORMATS, "visibility": VISIBILITY, "stdout_visibility": VISIBILITY, "extra_data": dict,
    "tests": list, "leaderboard": list,
}  # fmt: skip
TEST: dict[str, Any] = {
    "score": NUMBER, "max_score": NUMBER, "status": {"passed", "failed"}, "name": str, "name_format": FORMATS,
    "number": str, "output": str, "output_format": FORMATS, "tags": list, "visibility": VISIBILITY, "extra_data": dict,
}  # fmt: skip


def conforms(table: dict[str, Any], schema: dict[str, Any]) -> None:
    for key, value in table.items():
        assert key in schema, key
        allowed = schema[key]
        assert value in allowed if isinstance(allowed, set) else isinstance(value, allowed), (key, value)


def autograded(platform: str, source: str, root: Path) -> dict[str, Any]:
    """Make the zip, unpack it where the platform would, and run what the platform would run."""
    archive = root / "autograder.zip"
    assert main(["grade", "package", str(ASSIGNMENT), "--platform", platform, "--output", str(archive)]) == 0
    names = zipfile.ZipFile(archive).namelist()
    assert "setup.sh" in names
    places = {
        "gradescope": ("source", "submission", "run_autograder"),
        "prairielearn": ("serverFilesCourse/bpdoctor", "student", "run.sh"),
    }
    where, submission, script = places[platform]
    unpack(archive, root / where)
    (root / submission).mkdir()
    (root / submission / "solution.py").write_text(source)
    (root / "results").mkdir()
    environment = {**os.environ, "BPDOCTOR_ROOT": str(root), "BPDOCTOR_PYTHON": sys.executable}
    done = subprocess.run(
        [str(root / where / script)], env=environment, cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads((root / "results" / "results.json").read_text())
    return told


@pytest.mark.parametrize("kind", ["right", "averaged bias", "fake frames", "no syntax"])
def test_gradescope(kind: str, tmp_path: Path) -> None:
    source, score = (REFERENCE, 16.0) if kind == "right" else HOSTILE.get(kind, (None, 0.0))
    if source is None:
        old, new, score = WRONG[kind]
        source = REFERENCE.replace(old, new)
    told = autograded("gradescope", source, tmp_path)
    conforms(told, TOP)
    for test in told["tests"]:
        conforms(test, TEST)
    assert told["score"] == score == pytest.approx(sum(t["score"] for t in told["tests"]))
    hidden = [t for t in told["tests"] if t["visibility"] != "visible"]
    assert [t["name"] for t in hidden] == ["arguments"]


def test_prairielearn(tmp_path: Path) -> None:
    told = autograded("prairielearn", REFERENCE, tmp_path)
    assert told["gradable"] is True
    assert told["score"] == 1.0
    assert {"name", "points", "max_points"} <= set(told["tests"][0])


def test_the_zip_is_the_same_twice(tmp_path: Path) -> None:
    for name in ("a.zip", "b.zip"):
        main(["grade", "package", str(ASSIGNMENT), "--output", str(tmp_path / name)])
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
