"""Waiting for files to change, by looking at them twice a second."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from bpdoctor.cli.targets import SUFFIXES, file_of

_SECONDS = 0.5


def changes(paths: Sequence[str], sleep: Callable[[float], None] = time.sleep) -> Iterator[None]:
    """Yield whenever a program among `paths`, or one beside it, was written; end at Ctrl-C."""
    before = _seen(paths)
    while True:
        try:
            sleep(_SECONDS)
        except KeyboardInterrupt:
            return
        now = _seen(paths)
        if now != before:
            before = now
            yield


def _seen(paths: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Time and size of every program that matters."""
    found: dict[str, tuple[int, int]] = {}
    for path in map(file_of, paths):
        top = path if os.path.isdir(path) else os.path.dirname(path) or "."
        files = Path(top).rglob("*") if os.path.isdir(path) else Path(top).glob("*")
        for file in files:
            if file.suffix in SUFFIXES and not any(part.startswith(".") for part in file.parts):
                try:
                    state = file.stat()
                except OSError:  # gone in this moment
                    continue
                found[str(file)] = (state.st_mtime_ns, state.st_size)
    return found
