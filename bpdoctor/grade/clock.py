"""When to give up: processor time counts, so that a busy machine costs nobody a mark."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field

_TICK = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
PATIENCE = 0.1
"""How long to wait for an answer before looking at the clock."""
_WALL = 6.0
"""A child that waits for its turn gets this many times its seconds."""


@dataclass(slots=True)
class Watch:
    """The time of one check: all its requests together."""

    pid: int
    seconds: float
    started: float = field(default_factory=time.monotonic)
    before: float = -1.0
    idle_since: float = field(default_factory=time.monotonic)
    last: float = -1.0

    def __post_init__(self) -> None:
        self.before = _spent(self.pid)[0]

    def resume(self) -> str:
        """Begin one more request; say why there is no time left for it, or nothing."""
        self.idle_since = time.monotonic()
        return self.expired() if self.idle_since - self.started >= self.seconds else ""

    def expired(self) -> str:
        """Say why the time is over, or nothing."""
        now, (spent, sleeping) = time.monotonic(), _spent(self.pid)
        if spent > self.last + 0.02 or not sleeping:
            self.last, self.idle_since = spent, now
        over = spent - self.before >= self.seconds or now - self.started >= _WALL * self.seconds
        if over:
            return f"did not finish within {self.seconds:g} s"
        return f"waited for {self.seconds:g} s without computing" if now - self.idle_since >= self.seconds else ""


def _spent(pid: int) -> tuple[float, bool]:
    """Return the processor time of a process and whether it sleeps; without /proc the wall clock stands in."""
    try:
        with open(f"/proc/{pid}/stat") as stream:
            words = stream.read().rpartition(")")[2].split()
    except OSError:
        return time.monotonic(), False
    return (int(words[11]) + int(words[12])) / _TICK, words[0] in "SD"
