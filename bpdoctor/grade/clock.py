"""When to give up: processor time counts, so that a busy machine costs nobody a mark."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field

_TICK = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
PATIENCE = 0.1
"""How long to wait for an answer before looking at the clock."""
_WALL = 20.0
"""A child that waits for its turn gets this many times its seconds."""
_TURN = 0.02
"""What it may take until a child that was answered has its turn."""


@dataclass(slots=True)
class Watch:
    """The time of one check: all its requests together. Computing counts, and so does sleeping while we wait."""

    pid: int
    seconds: float
    started: float = field(default_factory=time.monotonic)
    before: float = -1.0
    idle: float = 0.0
    looked: float = field(default_factory=time.monotonic)
    last: float = -1.0

    def __post_init__(self) -> None:
        self.before = self.last = _spent(self.pid)[0]

    @property
    def counted(self) -> float:
        """The seconds that were seen to pass."""
        return max(self.last - self.before, 0.0) + self.idle

    def resume(self) -> str:
        """Begin one more request; say why there is no time left for it, or nothing."""
        self.looked = time.monotonic()
        if self.looked - self.started < self.seconds:
            return ""
        self.last = _spent(self.pid)[0]
        return self._reason()

    def excuse(self, seconds: float) -> None:
        """Leave out a time in which the child waited for somebody else."""
        self.looked += seconds
        self.started += seconds + _TURN

    def due(self) -> bool:
        """Say whether it is time to look at the clock, however busily the child talks."""
        return time.monotonic() - self.looked >= PATIENCE

    def expired(self, *, silent: bool = True) -> str:
        """Say why the time is over, or nothing. Who sleeps after an answer is not `silent`: it waits for us."""
        now, (spent, sleeping) = time.monotonic(), _spent(self.pid)
        if silent and sleeping and spent <= self.last + 0.02:
            self.idle += now - self.looked
        self.last, self.looked = max(spent, self.last), now
        return self._reason()

    def _reason(self) -> str:
        if self.counted >= self.seconds:
            slept = self.idle >= self.seconds / 2
            told = f"waited for {self.seconds:g} s without computing"
            return told if slept else f"did not finish within {self.seconds:g} s"
        late = self.looked - self.started >= _WALL * self.seconds
        return f"did not finish within {self.seconds:g} s" if late else ""


def _spent(pid: int) -> tuple[float, bool]:
    """Return a process's processor time and whether it sleeps or is stopped; without /proc, the wall clock."""
    try:
        with open(f"/proc/{pid}/stat") as stream:
            words = stream.read().rpartition(")")[2].split()
    except OSError:
        return time.monotonic(), False
    return (int(words[11]) + int(words[12])) / _TICK, words[0] in "SDTt"
