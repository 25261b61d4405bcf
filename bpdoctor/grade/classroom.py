"""Grade a class: what is known already is not graded again, the rest is spread over the cores."""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from bpdoctor.grade import cluster
from bpdoctor.grade.assignment import Assignment
from bpdoctor.grade.confinement.rung import RUNGS, Rung
from bpdoctor.grade.grader import Grader
from bpdoctor.grade.host import Host, Lost, sweep
from bpdoctor.grade.marks import Grade
from bpdoctor.grade.store import Row, Store
from bpdoctor.grade.submissions import Submission
from bpdoctor.model.record import record

Progress = Callable[[int, int], None]


class Refused(Exception):
    """The machine does not hold submissions as tightly as was asked for."""


@record
class Settings:
    """How to run. `at_most` leaves isolation out, as a machine without it would; `scheduler` is a cluster's address."""

    jobs: int = 0
    require: Rung = "basic"
    at_most: Rung = "strict"
    scheduler: str = ""


def shard(submissions: Sequence[Submission], index: int, count: int) -> list[Submission]:
    """Return the share `index` (from 1) of `count`; identical submissions go to the same share."""
    return [s for s in submissions if int(s.digest[:8], 16) % count == index - 1]


def run(
    assignment: Assignment,
    submissions: Sequence[Submission],
    store: Store,
    settings: Settings | None = None,
    progress: Progress = lambda done, total: None,
) -> dict[str, Row]:
    """Grade what the store does not know yet; return the rows by student."""
    settings = settings or Settings()
    sweep()
    known = store.known()
    waiting = {s.digest: s for s in submissions if s.digest not in known}
    total = len(waiting)
    progress(0, total)
    for done, (digest, row) in enumerate(_found(assignment, list(waiting.values()), settings), 1):
        if not row.grade.ours:
            store.put(digest, row)
        known[digest] = row
        progress(done, total)
    return {s.student: known[s.digest] for s in submissions}


def _found(assignment: Assignment, waiting: Sequence[Submission], settings: Settings) -> Iterable[tuple[str, Row]]:
    if not settings.scheduler:
        return local(assignment, waiting, settings)
    return cluster.graded(assignment, waiting, replace(settings, scheduler="", jobs=1), settings.scheduler)


def local(assignment: Assignment, waiting: Sequence[Submission], settings: Settings) -> Iterable[tuple[str, Row]]:
    """Grade on this machine; yield digests and rows as they are found. Only this thread writes the store."""
    if not waiting:
        return
    tasks: queue.SimpleQueue[Submission] = queue.SimpleQueue()
    results: queue.SimpleQueue[tuple[str, Row] | BaseException] = queue.SimpleQueue()
    for submission in waiting:
        tasks.put(submission)
    stop = threading.Event()
    count = min(settings.jobs or os.cpu_count() or 1, len(waiting))
    threads = [
        threading.Thread(target=_work, args=(assignment, slot, settings, tasks, results, stop), daemon=True)
        for slot in range(count)
    ]
    for thread in threads:
        thread.start()
    try:
        for _ in waiting:
            found = results.get()
            if isinstance(found, BaseException):
                raise found
            yield found
    finally:
        stop.set()
        for thread in threads:
            thread.join(5)


def _work(
    assignment: Assignment, slot: int, settings: Settings, tasks: queue.SimpleQueue[Submission],
    results: queue.SimpleQueue[tuple[str, Row] | BaseException], stop: threading.Event,
) -> None:  # fmt: skip
    bench: _Bench | None = None
    try:
        bench = _Bench(assignment, slot, settings)
        while not stop.is_set():
            submission = tasks.get_nowait()
            started = time.perf_counter()
            grade = bench.grade(submission)
            results.put((submission.digest, Row(grade, bench.host.rung, round(time.perf_counter() - started, 3))))
    except queue.Empty:
        pass
    except BaseException as problem:
        results.put(problem)
    finally:
        if bench is not None:
            bench.close()


class _Bench:
    """A host with its grader; both are made anew when the host was ended from outside."""

    def __init__(self, assignment: Assignment, slot: int, settings: Settings) -> None:
        self._made = (assignment, slot, settings)
        self._open()

    def grade(self, submission: Submission) -> Grade:
        """Grade; a submission with which the host is lost twice is not graded."""
        for _ in range(2):
            try:
                return self.grader.grade(submission)
            except Lost:
                self.close()
                self._open()
        return self.grader.nothing("the process that ran it was ended from outside, twice: out of memory?")

    def close(self) -> None:
        """End both."""
        self.grader.close()
        self.host.close()

    def _open(self) -> None:
        assignment, slot, settings = self._made
        self.host = hosted(slot, settings)
        try:
            self.grader = Grader(assignment, self.host)
        except BaseException:
            self.host.close()
            raise


def hosted(slot: int, settings: Settings) -> Host:
    """Start a zygote, and refuse one that holds less than what is required."""
    host = Host(slot, settings.at_most)
    if RUNGS.index(host.rung) < RUNGS.index(settings.require):
        host.close()
        raise Refused(f"isolation is `{host.rung}` here, `{settings.require}` is required")
    return host


def grades(rows: Mapping[str, Row]) -> dict[str, Grade]:
    """Return the grades alone."""
    return {student: row.grade for student, row in rows.items()}


__all__ = ["Refused", "Settings", "grades", "hosted", "local", "run", "shard"]
