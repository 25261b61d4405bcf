"""The time a program has: it runs out for the program, not in the middle of its examination."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FrameType

from bpdoctor.observe.program import Ended

_AGAIN = 0.2


@dataclass(slots=True)
class Clock:
    """Ends the program after `seconds`; `working` is called when that comes in the middle of an examination.

    Once: a program that swallows its end and is looked at again has no more time for that.
    """

    seconds: float
    working: Callable[[], None] = lambda: None
    examining: bool = False
    due: bool = False

    def start(self) -> None:
        """End the program when its time is over, again and again in case it swallows the exception."""

        def expire(signum: int, frame: FrameType | None) -> None:
            if self.examining and not self.due:
                self.working()
            self.due = True
            if not self.examining:
                self.end()

        signal.signal(signal.SIGALRM, expire)
        signal.setitimer(signal.ITIMER_REAL, self.seconds, _AGAIN)

    def stop(self) -> None:
        """Let nothing more end."""
        signal.setitimer(signal.ITIMER_REAL, 0)

    @contextlib.contextmanager
    def examination(self) -> Iterator[None]:
        """What is ours is not broken off; the program is ended after it, if its time is over then."""
        self.examining = True
        try:
            yield
        finally:
            self.examining = False
        if self.due:
            self.end()

    def end(self) -> None:
        """Raise what ends the program."""
        raise Ended(f"stopped after {self.seconds:g} s; judged by what was seen until then")
