"""Run the user's program again from a point in its life: a forked copy that waits, and copies of that.

Just before an outermost loop starts, the process forks a server that does nothing but wait. Asked to, it
forks a worker that goes on with the program from there, changes the parameters at the moment their
versions come into being, and sends back what the program computed. The process that is examined goes on
undisturbed.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from bpdoctor.observe.entropy import fork
from bpdoctor.observe.pipes import receive, send
from bpdoctor.observe.recorder import Recorder
from bpdoctor.observe.rerun import Rerun, Worker, leave

_MOST = 24
# Re-runs at the same time: two cores are found everywhere.
_AT_ONCE = 2
# Sleeping is made inert for the program; a server that waits must not be.
pause = time.sleep


@dataclass(slots=True, eq=False)
class Answers:
    """What re-runs send back, each within its seconds; `held` once it was received."""

    seconds: tuple[float, ...]
    held: list[Any | None] | None = None


@dataclass(slots=True)
class Checkpoint:
    """The waiting server, seen from the process that is examined."""

    recorder: Recorder
    made: int = 0
    position: int = 0
    server: int = 0
    command: int = -1
    answers: tuple[int, ...] = ()
    awaited: list[Answers] = field(default_factory=list)
    evaluations: int = 0
    worker: bool = False
    on_worker: Callable[[], None] = lambda: None

    def fork(self) -> None:
        """Leave a server at this point of the program; an older one is dismissed."""
        if self.made >= _MOST:
            return
        self.dismiss()
        self.made += 1
        self.position = len(self.recorder.nodes)
        command_r, command_w = os.pipe()
        answers = [os.pipe() for _ in range(_AT_ONCE)]
        gc.freeze()  # what exists now is not looked through again, here or in the copies
        child = fork()
        if child == 0:
            os.close(command_w)
            for reader, _ in answers:
                os.close(reader)
            signal.setitimer(signal.ITIMER_REAL, 0)
            self._serve(command_r, [writer for _, writer in answers])
            self.on_worker()
            return  # only a worker comes back here, into the user's program
        os.close(command_r)
        for _, writer in answers:
            os.close(writer)
        self.server, self.command, self.answers = child, command_w, tuple(reader for reader, _ in answers)

    def keep(self) -> None:
        """Let the server wait on: none is left at later points of the program."""
        self.made = _MOST

    def dismiss(self) -> None:
        """End the server."""
        if self.server:
            with contextlib.suppress(OSError):
                os.close(self.command)
                for answer in self.answers:
                    os.close(answer)
                os.kill(self.server, signal.SIGKILL)
                os.waitpid(self.server, 0)
            self.server = 0

    def ask_all(self, reruns: Sequence[Rerun]) -> list[Any | None]:
        """Run once more from here for each, some of them at the same time."""
        return self.wait(self.begin(reruns))

    def begin(self, reruns: Sequence[Rerun]) -> Answers:
        """Begin to run once more from here for each, while this process goes on."""
        answers = Answers(tuple(r.seconds for r in reruns))
        if not self.server:
            answers.held = [None] * len(reruns)
            return answers
        self.evaluations += len(reruns)
        try:
            send(self.command, reruns)
            self.awaited.append(answers)
        except OSError:
            answers.held = [None] * len(reruns)
        return answers

    def wait(self, answers: Answers) -> list[Any | None]:
        """What was asked for; answers come in the order of the questions, and earlier ones are kept."""
        while answers.held is None and self.awaited:
            first = self.awaited.pop(0)
            try:
                first.held = [receive(self.answers[i % _AT_ONCE], s) for i, s in enumerate(first.seconds)]
            except OSError:
                first.held = [None] * len(first.seconds)
        return answers.held if answers.held is not None else [None] * len(answers.seconds)

    def _serve(self, command: int, answers: Sequence[int]) -> None:
        """Wait for commands; return only in a worker."""
        while True:
            reruns = receive(command, None)
            if reruns is None:
                leave(0)
            for first in range(0, len(reruns), _AT_ONCE):
                working: list[tuple[int, int, float]] = []
                for rerun, answer in zip(reruns[first : first + _AT_ONCE], answers, strict=False):
                    worker = fork()
                    if worker == 0:
                        self.server, self.worker = 0, True
                        Worker(self.recorder, rerun, answer).arm()
                        return
                    working.append((worker, answer, time.monotonic() + 0.8 * rerun.seconds))
                for worker, answer, deadline in working:
                    if not _finished(worker, deadline):
                        send(answer, None)


def _finished(worker: int, deadline: float) -> bool:
    """Whether a worker sent its answer and exited; one that hangs is killed."""
    while time.monotonic() < deadline:
        pid, status = os.waitpid(worker, os.WNOHANG)
        if pid:
            return os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0
        pause(0.0005)
    os.kill(worker, signal.SIGKILL)
    os.waitpid(worker, 0)
    return False
