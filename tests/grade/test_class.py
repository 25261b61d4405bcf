"""A whole class: every score as expected, and the same however the work was cut or interrupted."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bpdoctor.cli import main
from tests.grade.population import ASSIGNMENT, HOSTILE, REFERENCE, WRONG, Student, write

FULL = os.environ.get("BPDOCTOR_FULL") == "1"
ROOT = Path(__file__).resolve().parents[2]
FILES = ("grades.json", "grades.csv", "grades.xml", "summary.txt")

pytestmark = pytest.mark.xdist_group("class")


def grade(folder: Path, results: Path, *more: str) -> int:
    return main(["grade", "run", str(ASSIGNMENT), str(folder), "--results", str(results), *more])


def scores(results: Path) -> dict[str, float]:
    told = json.loads((results / "grades.json").read_text(encoding="utf-8"))
    return {name: s["score"] for name, s in told["students"].items()}


def written(results: Path) -> dict[str, bytes]:
    feedback = {p.name: p.read_bytes() for p in sorted((results / "feedback").iterdir())}
    return {**{name: (results / name).read_bytes() for name in FILES}, **feedback}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("class") / "submissions"
    write(folder, 24, seed=3, hostile=0.05)
    return folder


@pytest.fixture(scope="module")
def whole(small: Path) -> Path:
    results = small.parent / "whole"
    assert grade(small, results) == 0
    return results


def test_every_score_is_as_expected(tmp_path: Path) -> None:
    """Each kind once; with BPDOCTOR_FULL a thousand."""
    if FULL:
        class_ = write(tmp_path / "s", 1000)
    else:
        class_ = {}
        (tmp_path / "s").mkdir()
        kinds = {k: (REFERENCE.replace(*v[:2]), v[2]) for k, v in WRONG.items()} | HOSTILE
        for kind, (source, score) in kinds.items():
            class_[kind] = Student(kind, kind, source, score)
            (tmp_path / "s" / f"{kind}.py").write_text(source)
    assert grade(tmp_path / "s", tmp_path / "r") == 0
    found = scores(tmp_path / "r")
    different = {n: (s.kind, s.score, found[n]) for n, s in class_.items() if abs(found[n] - s.score) > 1e-3}
    assert different == {}
    assert len(found) == len(class_)


def test_shards_merge_to_the_same(small: Path, whole: Path, tmp_path: Path) -> None:
    shards = [tmp_path / "1", tmp_path / "2"]
    for number, shard in enumerate(shards, 1):
        grade(small, shard, "--shard", f"{number}/2", "--jobs", "1")
    told = ["grade", "merge", str(ASSIGNMENT), str(small), *map(str, shards), "--results", str(tmp_path / "all")]
    assert main(told) == 0
    assert written(tmp_path / "all") == written(whole)
    assert len(scores(shards[0])) + len(scores(shards[1])) == 24


def test_a_second_run_gives_the_same(small: Path, whole: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = written(whole)
    capsys.readouterr()
    assert main(["grade", "regrade", str(ASSIGNMENT), str(small), "--results", str(whole), "--diff"]) == 0
    assert "0 of 24 scores change" in capsys.readouterr().out
    started = time.monotonic()
    grade(small, whole)  # all known: nothing is started
    assert written(whole) == before
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("count, kills", [(200, 50)] if FULL else [(16, 3)])
def test_killed_at_any_moment(count: int, kills: int, tmp_path: Path) -> None:
    """`kill -9`, again and again: the resumed run equals the uninterrupted one, and nothing is left behind."""
    write(tmp_path / "s", count, seed=5, hostile=0.0)
    assert grade(tmp_path / "s", tmp_path / "whole") == 0
    words = ["grade", "run", str(ASSIGNMENT), str(tmp_path / "s"), "--results", str(tmp_path / "cut")]
    moments = random.Random(1)
    for _ in range(kills):
        process = subprocess.Popen(
            [sys.executable, "-m", "bpdoctor", *words], cwd=ROOT, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        time.sleep(moments.uniform(0.2, 3.0))
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert grade(tmp_path / "s", tmp_path / "cut") == 0
    assert written(tmp_path / "cut") == written(tmp_path / "whole")


def test_identical_submissions_are_graded_once(tmp_path: Path) -> None:
    from bpdoctor.grade.assignment import read
    from bpdoctor.grade.classroom import run
    from bpdoctor.grade.store import Store
    from bpdoctor.grade.submissions import collect

    (tmp_path / "s").mkdir()
    for name in ("a", "b", "c"):
        (tmp_path / "s" / f"{name}.py").write_text("x = 1\n")
    assignment = read(ASSIGNMENT)
    seen: list[int] = []
    with Store(tmp_path / "r", assignment.digest, 0) as store:
        found = collect(tmp_path / "s", assignment.entry)
        rows = run(assignment, found, store, progress=lambda done, total: seen.append(total))
    assert set(rows) == {"a", "b", "c"}
    assert set(seen) == {1}


def test_a_cluster_gives_the_same(small: Path, whole: Path, tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed")
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None}
    with distributed.LocalCluster(**options, local_directory=str(tmp_path)) as cluster:
        assert grade(small, tmp_path / "r", "--scheduler", cluster.scheduler_address) == 0
    assert written(tmp_path / "r") == written(whole)


def test_a_zygote_that_is_killed_is_started_again(tmp_path: Path) -> None:
    from bpdoctor.grade.assignment import read
    from bpdoctor.grade.classroom import Settings, _Bench
    from bpdoctor.grade.submissions import one

    program = tmp_path / "solution.py"
    program.write_text(REFERENCE)
    bench = _Bench(read(ASSIGNMENT), 0, Settings())
    try:
        bench.host._process.kill()
        bench.host._process.wait()
        assert bench.grade(one(program, "solution.py")).score == 16
    finally:
        bench.close()
