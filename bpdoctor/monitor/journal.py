"""The record of a run as JSON lines: written while it goes on, read again to go on from there."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

SCHEMA = "bpdoctor.monitor/1"
_FLUSH = 1.0


class Journal:
    """One file; a line that was torn off when the run was killed is dropped when it is read again."""

    def __init__(self, path: str | os.PathLike[str], *, resume: bool) -> None:
        self.path = Path(path)
        resume = resume and self.path.exists()
        whole = _whole(self.path) if resume else 0
        self.stream: TextIO = self.path.open("r+" if resume else "w", encoding="utf-8", newline="\n")
        self.stream.seek(whole)
        self.stream.truncate()
        self.flushed = time.monotonic()
        if not whole:
            self.write({"schema": SCHEMA})

    def read(self) -> Iterator[dict[str, Any]]:
        """What was written before, one record after another."""
        self.stream.flush()
        with open(self.path, encoding="utf-8") as stream:
            for line in stream:
                record = json.loads(line)
                if "step" in record:
                    yield record

    def write(self, record: dict[str, Any]) -> None:
        """Add one line; it reaches the disk within a second or so."""
        self.stream.write(json.dumps(_plain(record), separators=(",", ":")) + "\n")
        now = time.monotonic()
        if now - self.flushed > _FLUSH or "warning" in record:
            self.stream.flush()
            self.flushed = now

    def close(self) -> None:
        self.stream.close()


def _whole(path: Path) -> int:
    """Bytes up to the end of the last line that can be read.

    Raises
    ------
    ValueError
        When the file is no record of a run.
    """
    end = 0
    with open(path, "rb") as stream:
        for line in stream:
            try:
                record = json.loads(line) if line.endswith(b"\n") else None
            except ValueError:
                record = None
            if not isinstance(record, dict):
                break
            if end == 0 and record.get("schema") != SCHEMA:
                raise ValueError(f"{path} is no record of a monitored run")
            end += len(line)
    if end == 0 and os.path.getsize(path):
        raise ValueError(f"{path} is no record of a monitored run")
    return end


def _plain(value: Any) -> Any:
    """Six digits are enough; what is not finite has no JSON and is written as its name."""
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, float):
        return float(f"{value:.6g}") if abs(value) <= 1.7976931348623157e308 else str(value)
    return value
