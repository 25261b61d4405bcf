"""When to give up: processor time counts, so that a busy machine costs nobody a mark."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field

_TICK = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
_WALL = 6.0
"""A child that waits for its turn gets this many times its seconds."""


@dataclass(slots=True)
class Watch:
    """The time of one request."""

    pid: int
    seconds: float
    started: float = field(default_factory=time.monotonic)
    before: float | None = None
    idle_since: float = 0.0
    last: float = -1.0

    def patience(self) -> float:
        """Return how long to wait before looking at the clock."""
        return 0.05 if self.before is None else 0.1

    def expired(self) -> str:
        """Say why the time is over, or nothing. Asked only when there was no answer for a while."""
        now, (spent, sleeping) = time.monotonic(), _spent(self.pid)
        if self.before is None:
            self.before, self.idle_since = max(spent - (now - self.started), 0.0), now
        if spent > self.last + 0.02 or not sleeping:
            self.last, self.idle_since = spent, now
        if spent - self.before >= self.seconds:
            return f"did not finish within {self.seconds:g} s"
        if now - self.idle_since >= self.seconds:
            return f"waited for {self.seconds:g} s without computing"
        return f"did not finish within {self.seconds:g} s" if now - self.started >= _WALL * self.seconds else ""


def _spent(pid: int) -> tuple[float, bool]:
    """Return the processor time of a process and whether it sleeps; without /proc the wall clock stands in."""
    try:
        with open(f"/proc/{pid}/stat") as stream:
            words = stream.read().rpartition(")")[2].split()
    except OSError:
        return time.monotonic(), False
    return (int(words[11]) + int(words[12])) / _TICK, words[0] in "SD"
