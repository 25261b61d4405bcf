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
import sys
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import Any, Protocol

import numpy as np

from bpdoctor.model.frame import Stopped
from bpdoctor.model.record import record
from bpdoctor.model.tape import Store, Tape
from bpdoctor.observe.entropy import fork
from bpdoctor.observe.expressions import HOOK
from bpdoctor.observe.pipes import receive, send
from bpdoctor.observe.recorder import Recorder
from bpdoctor.observe.stopped import stopped

_MOST = 24
# Re-runs at the same time: two cores are found everywhere.
_AT_ONCE = 2
# The program may call os._exit, which is intercepted while it runs; this is the real one.
leave = os._exit
# Sleeping is made inert for the program; a server that waits must not be.
pause = time.sleep
_SECONDS = 5.0


class Task(Protocol):
    """What is done in a re-run each time the program comes to a moment that was asked for."""

    def at(self, i: int, frames: list[Stopped]) -> Any:
        """What is learned at a moment, in a copy of the program; its innermost frame is the first."""

    def take(self, learned: Any) -> bool:
        """Hear what was learned, and say whether to go on."""

    def answer(self) -> Any:
        """What is sent back in the end."""


@record
class Rerun:
    """What a worker is to do.

    `changes` maps a node to what is added to its value when it is made, times `scale` (or put in its place, with
    `replace`); `collect` are nodes whose values are sent back, or the whole tape with `whole`; the run
    ends when node `stop` is made. `sites` are the expressions the collected nodes must come from.
    With a `task`, the program is interrupted at each of the `moments`, (node, event): when that node is
    made, or else when that event is noted, and the task's answer is sent back.
    """

    changes: Mapping[int, Any]
    stop: int
    collect: tuple[int, ...] = ()
    sites: tuple[int, ...] = ()
    scale: float = 1.0
    replace: bool = False
    whole: bool = False
    moments: tuple[tuple[int, int], ...] = ()
    task: Task | None = None
    seconds: float = _SECONDS


@dataclass(slots=True)
class Checkpoint:
    """The waiting server, seen from the process that is examined."""

    recorder: Recorder
    made: int = 0
    position: int = 0
    server: int = 0
    command: int = -1
    answers: tuple[int, ...] = ()
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

    def ask(self, rerun: Rerun) -> Any | None:
        """Run once more from here; None when the run did not come to the point asked for."""
        return self.ask_all([rerun])[0]

    def ask_all(self, reruns: Sequence[Rerun]) -> list[Any | None]:
        """Run once more from here for each, some of them at the same time."""
        if not self.server:
            return [None] * len(reruns)
        self.evaluations += len(reruns)
        try:
            send(self.command, reruns)
            return [receive(self.answers[i % _AT_ONCE], rerun.seconds) for i, rerun in enumerate(reruns)]
        except OSError:
            return [None] * len(reruns)

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
                        _Worker(self.recorder, rerun, answer).arm()
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


class _Events(list[Any]):
    """The events of a run, which tell a worker when one that it waits for is noted."""

    def __init__(self, noted: list[Any], wanted: Mapping[int, int], reached: Callable[[int], None]) -> None:
        super().__init__(noted)
        self.wanted = wanted
        self.reached = reached

    def append(self, event: Any) -> None:
        super().append(event)
        if len(self) - 1 in self.wanted:
            self.reached(self.wanted[len(self) - 1])


class _Worker:
    """Applies the changes and ends the run, from inside the recorder's append."""

    def __init__(self, recorder: Recorder, rerun: Rerun, answer: int) -> None:
        self.recorder = recorder
        self.rerun = rerun
        self.answer = answer
        self.pending = sorted(rerun.changes)
        self.visits = sorted((node, i) for i, (node, event) in enumerate(rerun.moments) if event < 0)
        self.left = len(rerun.moments)

    def arm(self) -> None:
        # Versions that exist already are changed now, the others when they are made.
        while self.pending and self.pending[0] < len(self.recorder.nodes):
            self.change(self.pending.pop(0))
        events = {event: i for i, (_, event) in enumerate(self.rerun.moments) if event >= 0}
        if events:
            self.recorder.events = _Events(self.recorder.events, events, self.visit)
        self.recorder.on_stop = self.reached
        self.recorder.stop_at = self.next()

    def next(self) -> int:
        return min([*self.pending[:1], *(node for node, _ in self.visits[:1]), self.rerun.stop])

    def reached(self) -> None:
        node = len(self.recorder.nodes) - 1
        while self.pending and self.pending[0] <= node:
            self.change(self.pending.pop(0))
        while self.visits and self.visits[0][0] <= node:
            self.visit(self.visits.pop(0)[1])
        if node >= self.rerun.stop:
            self.finish()
        self.recorder.stop_at = self.next()

    def visit(self, moment: int) -> None:
        """Let the task look at the program as it stands; what it calls there is not recorded."""
        frames: list[FrameType] = []
        outer: FrameType | None = sys._getframe()
        while outer is not None:
            if HOOK in outer.f_globals:
                frames.append(outer)
            outer = outer.f_back
        self.left -= 1
        assert self.rerun.task is not None
        if not self.rerun.task.take(self.learned(moment, frames)) or not self.left:
            self.finish()

    def learned(self, moment: int, frames: list[FrameType]) -> Any:
        """What the task finds in a copy of this process: whatever it tries leaves no trace."""
        assert self.rerun.task is not None
        source, sink = os.pipe()
        child = fork()
        if child == 0:
            self.recorder.on = False
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                try:
                    send(sink, self.rerun.task.at(moment, stopped(frames, self.recorder.substitutes)))
                finally:
                    leave(0)
        os.close(sink)
        learned = receive(source, self.rerun.seconds)
        os.close(source)
        os.waitpid(child, 0)
        return learned

    def change(self, node: int) -> None:
        value, amount = self.recorder.values[node], self.rerun.changes[node]
        if self.rerun.scale != 1.0:
            amount = self.rerun.scale * amount
        if isinstance(value, np.ndarray):
            new = amount if self.rerun.replace else value + amount
            np.copyto(value, np.asarray(new).reshape(value.shape), casting="unsafe")
        else:
            fresh = type(value)(float(np.asarray(amount).ravel()[0]) + (0.0 if self.rerun.replace else value))
            self.recorder.values[node] = fresh
            self.recorder.substitutes[id(value)] = fresh
            self.recorder.memory.register(fresh, node)
            self.recorder.kept.append(value)
            self.recorder.values[node] = fresh

    def finish(self) -> None:
        tape = self.recorder.tape
        result: Any = None
        if self.rerun.task is not None:
            result = self.rerun.task.answer()
        elif self.rerun.whole:
            result = portable(tape)
        elif all(tape.nodes[n].site == s for n, s in zip(self.rerun.collect, self.rerun.sites, strict=True)):
            result = [np.array(tape.values[n]) for n in self.rerun.collect]
        send(self.answer, result)
        leave(0)


def portable(tape: Tape) -> Tape:
    """A tape without functions, which can be sent to another process."""
    nodes = [
        n._replace(static={k: v for k, v in n.static.items() if k != "function"}) if n.prim == "opaque" else n
        for n in tape.nodes
    ]
    events = [e._replace(slot=tuple(map(str, e.slot))) if isinstance(e, Store) else e for e in tape.events]
    return Tape(nodes, list(tape.values), events, set(tape.unwritten))
