"""A class graded, beside one fresh `python -m pytest` process a submission that tests the same."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bpdoctor.grade.assignment import read
from bpdoctor.grade.classroom import run
from bpdoctor.grade.store import Store
from bpdoctor.grade.submissions import collect
from tests.benchmarks.table import show, times
from tests.grade.population import ASSIGNMENT, REFERENCE, Student, students

_COUNT, _COMPARED = 1000, 60
_TESTS = """
import importlib.util
import sys

import numpy as np
import pytest

import reference
import solution

rng = np.random.default_rng(0)


def close(a, b):
    np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-8)


def test_sigmoid():
    z = rng.normal(size=(4, 5))
    close(solution.sigmoid(z), reference.sigmoid(z))
    close(solution.sigmoid_slope(reference.sigmoid(z)), reference.sigmoid_slope(reference.sigmoid(z)))


def test_loss():
    p, t = rng.normal(size=(2, 5, 2))
    close(solution.mse(p, t), reference.mse(p, t))
    close(solution.mse_slope(p, t), reference.mse_slope(p, t))


def test_layer():
    x, W, b, dout = rng.normal(size=(6, 4)), rng.normal(size=(4, 3)), rng.normal(size=3), rng.normal(size=(6, 3))
    kept = x.copy(), W.copy(), b.copy()
    out, cache = solution.dense_forward(x, W, b)
    for array, before in zip((x, W, b), kept):
        close(array, before)
    true, truth = reference.dense_forward(x, W, b)
    close(out, true)
    for mine, right in zip(solution.dense_backward(dout, cache), reference.dense_backward(dout, truth)):
        close(mine, right)


@pytest.mark.parametrize("name", ["W1", "b1", "W2", "b2"])
def test_network(name):
    shapes = {"W1": (3, 5), "b1": 5, "W2": (5, 2), "b2": 2}
    params = {k: rng.normal(size=s) for k, s in shapes.items()}
    X, y = rng.normal(size=(7, 3)), np.eye(2)[rng.integers(0, 2, 7)]
    close(solution.loss_and_gradients(params, X, y)[1][name], reference.loss_and_gradients(params, X, y)[1][name])
"""


def main(args: Sequence[str] = ()) -> None:
    """Print the table; a number says how many submissions."""
    count = int(args[0]) if args else _COUNT
    jobs = os.cpu_count() or 1
    class_ = list(students(count, seed=1, hostile=0.0))
    with tempfile.TemporaryDirectory() as where:
        folder = Path(where)
        # Both ways are slowed alike by whatever else the machine does: pytest is measured before and after.
        before = _pytest(folder / "before", class_[: _COMPARED // 2], jobs)
        mine = _graded(folder, class_)
        after = _pytest(folder / "after", class_[: _COMPARED // 2], jobs)
    theirs = (before + after) / 2
    rows = [
        [f"bpdoctor grade, {count} submissions", f"{1000 * mine:.0f} ms", f"{1 / mine:.1f}", ""],
        [
            f"python -m pytest for each, {_COMPARED} of them",
            f"{1000 * theirs:.0f} ms",
            f"{1 / theirs:.1f}",
            f"{times(theirs / mine)}, {'kept' if theirs >= 8 * mine else 'MISSED'}",
        ],
    ]
    show(f"A class on {jobs} cores", ["way", "a submission", "a second", "slower (budget: at least 8 x)"], rows)


def _graded(folder: Path, class_: Sequence[Student]) -> float:
    """Return the seconds a submission, start and reference included; every score must be the expected one."""
    (folder / "s").mkdir()
    for student in class_:
        (folder / "s" / f"{student.name}.py").write_text(student.source)
    started = time.perf_counter()
    assignment = read(ASSIGNMENT)
    with Store(folder / "r", assignment.digest, assignment.seed) as store:
        rows = run(assignment, collect(folder / "s", assignment.entry), store)
    seconds = time.perf_counter() - started
    wrong = [s.name for s in class_ if abs(rows[s.name].grade.score - s.score) > 1e-3]
    assert not wrong, wrong
    return seconds / len(class_)


def _pytest(folder: Path, class_: Sequence[Student], jobs: int) -> float:
    def one(student: Student) -> None:
        place = folder / student.name
        place.mkdir(parents=True)
        (place / "solution.py").write_text(student.source.replace("raise SystemExit(1)", ""))
        (place / "reference.py").write_text(REFERENCE)
        (place / "test_solution.py").write_text(_TESTS)
        words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-c", "/dev/null"]
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
        done = subprocess.run([*words, str(place)], cwd=place, env=environment, capture_output=True, check=False)
        assert done.returncode in (0, 1), done.stdout

    started = time.perf_counter()
    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(one, class_))
    return (time.perf_counter() - started) / len(class_)
