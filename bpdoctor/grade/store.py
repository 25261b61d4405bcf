"""Results on disk, one row as soon as it is known: a grader that is killed loses at most what it was at."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from bpdoctor import __version__
from bpdoctor.grade.marks import Grade
from bpdoctor.model.record import record

_TABLE = """
CREATE TABLE IF NOT EXISTS grades (
    submission TEXT NOT NULL, assignment TEXT NOT NULL, version TEXT NOT NULL, seed INTEGER NOT NULL,
    grade TEXT NOT NULL, rung TEXT NOT NULL, seconds REAL NOT NULL,
    PRIMARY KEY (submission, assignment, version, seed))
"""
FILE = "grades.sqlite"


@record
class Row:
    """A grade with the circumstances in which it was found."""

    grade: Grade
    rung: str
    seconds: float


class Store:
    """The grades of one assignment. One writer at a time; closing is not needed to keep what was put."""

    def __init__(self, folder: Path, assignment: str, seed: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(folder / FILE, timeout=30)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.execute(_TABLE)
        self._key = (assignment, __version__, seed)

    def __enter__(self) -> Store:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        self._connection.close()

    def put(self, submission: str, row: Row) -> None:
        """Keep a grade for good."""
        text = json.dumps(row.grade.as_json(), sort_keys=True)
        with self._connection:
            self._connection.execute(
                "INSERT OR REPLACE INTO grades VALUES (?,?,?,?,?,?,?)",
                (submission, *self._key, text, row.rung, row.seconds),
            )

    def known(self) -> dict[str, Row]:
        """Return the grades by the digest of the submission."""
        rows = self._connection.execute(
            "SELECT submission, grade, rung, seconds FROM grades WHERE assignment=? AND version=? AND seed=?", self._key
        )
        return {digest: Row(Grade.from_json(json.loads(text)), rung, seconds) for digest, text, rung, seconds in rows}

    def everything(self) -> Iterator[tuple[str, ...]]:
        """Yield every row as it is stored, for merging."""
        yield from self._connection.execute("SELECT * FROM grades")

    def merge(self, other: Store) -> None:
        """Take over the rows of another store."""
        with self._connection:
            self._connection.executemany("INSERT OR REPLACE INTO grades VALUES (?,?,?,?,?,?,?)", other.everything())
