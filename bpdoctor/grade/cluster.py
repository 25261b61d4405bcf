"""Spread a class over a `dask.distributed` cluster; every task is a few submissions, and may be repeated."""

from __future__ import annotations

import importlib
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bpdoctor.grade.assignment import Assignment
from bpdoctor.grade.marks import Grade
from bpdoctor.grade.store import Row
from bpdoctor.grade.submissions import Submission

_TOGETHER = 8
Task = tuple[dict[str, bytes], str, tuple[tuple[str, dict[str, bytes], str, tuple[str, ...]], ...], Any]


def graded(
    assignment: Assignment, waiting: Sequence[Submission], settings: Any, scheduler: str
) -> Iterator[tuple[str, Row]]:
    """Yield digests and rows as the cluster finds them."""
    try:
        distributed: Any = importlib.import_module("distributed")
    except ImportError:
        raise ValueError("`--scheduler` needs the extra: pip install 'bpdoctor[dask]'") from None
    files = {p.name: p.read_bytes() for p in assignment.files}
    tasks: list[Task] = []
    for at in range(0, len(waiting), _TOGETHER):
        few = tuple((s.digest, dict(s.files), s.problem, s.flags) for s in waiting[at : at + _TOGETHER])
        tasks.append((files, assignment.path.name, few, settings))
    with distributed.Client(scheduler, set_as_default=False) as client:
        for future in distributed.as_completed(client.map(work, tasks, pure=False), loop=client.loop):
            for digest, told, rung, seconds in future.result():
                yield digest, Row(Grade.from_json(told), rung, seconds)


def work(task: Task) -> list[tuple[str, dict[str, Any], str, float]]:
    """Grade a few submissions on a worker."""
    from bpdoctor.grade.assignment import read
    from bpdoctor.grade.classroom import local

    files, name, few, settings = task
    with tempfile.TemporaryDirectory() as folder:
        for file, content in files.items():
            (Path(folder) / file).write_bytes(content)
        assignment = read(Path(folder) / name)
        submissions = [Submission("", assignment.entry, f, digest, p, flags) for digest, f, p, flags in few]
        found = local(assignment, submissions, settings)
        return [(digest, row.grade.as_json(), row.rung, row.seconds) for digest, row in found]
