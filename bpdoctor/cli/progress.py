"""A bar on the terminal for what takes longer than two seconds; nothing in pipes, and no thread.

Programs are examined in forked children, and a process that forks had better have no threads: the bar is drawn
while the parent waits for a child.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

PATIENCE = 2.0


@contextmanager
def progress(total: int, after: float = PATIENCE) -> Iterator[Callable[[str], None]]:
    """Yield a function to be told what is begun; when `after` seconds have passed, a bar says how far it is."""
    if not sys.stderr.isatty():
        yield lambda what: None
        return
    from bpdoctor.observe.sealed import while_waiting

    bar = _Bar(total, after)
    try:
        with while_waiting(bar.tick):
            yield bar.begin
    finally:
        bar.close()


class _Bar:
    """Begun with the first thing, drawn once its time has come."""

    def __init__(self, total: int, after: float) -> None:
        self.total, self.done, self.what = total, -1, ""
        self.due = time.monotonic() + after
        self.shown: Any = None

    def begin(self, what: str) -> None:
        self.done += 1
        self.what = what

    def tick(self) -> None:
        if self.shown is None and time.monotonic() >= self.due:
            self._open()
        if self.shown is not None:
            # With one thing to do nobody knows how far it is: the bar moves, and the time is counted.
            total = self.total if self.total > 1 else None
            self.shown.update(self.task, completed=self.done, total=total, description=self.what)
            self.shown.refresh()

    def close(self) -> None:
        if self.shown is not None:
            self.shown.stop()

    def _open(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        columns = [TextColumn("{task.description}", markup=False), BarColumn(bar_width=24)]
        if self.total > 1:
            columns.append(MofNCompleteColumn())
        self.shown = Progress(
            *columns, TimeElapsedColumn(), console=Console(stderr=True), auto_refresh=False, transient=True,
            redirect_stdout=False, redirect_stderr=False,
        )  # fmt: skip
        self.shown.start()
        self.task = self.shown.add_task(self.what, total=None)
