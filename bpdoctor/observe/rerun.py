"""One more run of the user's program, from inside: its parameters are changed, what it computes is sent back."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Any, Protocol

import numpy as np

from bpdoctor.model.frame import Stopped
from bpdoctor.model.record import record
from bpdoctor.model.tape import Store, Tape, outline
from bpdoctor.observe.entropy import fork
from bpdoctor.observe.expressions import HOOK
from bpdoctor.observe.pipes import receive, send
from bpdoctor.observe.recorder import Recorder
from bpdoctor.observe.stopped import stopped

# The program may call os._exit, which is intercepted while it runs; this is the real one.
leave = os._exit
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


class Worker:
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
    values = list(tape.values)
    for n in tape.unkept:
        values[n] = values[n].shape, values[n].dtype
    return Tape(nodes, values, events, set(tape.unwritten), set(tape.unkept))


def arrived(tape: Tape) -> Tape:
    """A tape that was sent from another process."""
    for n in tape.unkept:
        tape.values[n] = outline(*tape.values[n])
    return tape
