"""Run a task in a child process: its own session, budgets of time and memory, closed streams."""

from __future__ import annotations

import contextlib
import os
import resource
import select
import signal
import struct
import sys
import time
from collections.abc import Callable, Iterator

from bpdoctor.model.record import record

# The program may call os._exit, which is intercepted while it runs; this is the real one.
leave = os._exit
MEMORY = 8 << 30
FILE_SIZE = 256 << 20
# How often those who wait are called.
_TICK = 0.1
_waiting: list[Callable[[], None]] = []
_HEAD = struct.Struct("<BQ")
_SAID, _LAST = 0, 1
Say = Callable[[bytes], None]


@record
class Reply:
    """What came back from the child. `ended` is empty when it finished by itself."""

    data: bytes
    ended: str


def run(task: Callable[[Say], bytes], seconds: float, more: float = 0.0) -> Reply:
    """Fork, run `task`, and return what it returned; kill it and its children after `seconds`.

    Whenever the task says something, it has `more` seconds from then; what it said last (and is not empty) stands
    if it does not come to an end.
    """
    return Running(task, seconds, more).reply()


class Running:
    """A task in a child of its own, as `run` has it, while this process goes on."""

    def __init__(self, task: Callable[[Say], bytes], seconds: float, more: float = 0.0) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        self.reader, writer = os.pipe()
        self.seconds, self.more = seconds, more
        self.child = os.fork()
        if self.child == 0:
            os.close(self.reader)
            _child(task, writer, seconds)
        os.close(writer)
        self.deadline = time.monotonic() + seconds + 2.0

    def reply(self) -> Reply:
        """Wait for the end."""
        data, expired = _collect(self.reader, self.deadline, self.more)
        status = self.end()
        if data:
            return Reply(data, "")
        if expired:
            return Reply(b"", f"did not finish within {self.seconds:g} s")
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) != signal.SIGKILL:
            return Reply(b"", f"the program crashed the interpreter ({signal.Signals(os.WTERMSIG(status)).name})")
        return Reply(b"", "the program ended the process (os._exit) or ran out of memory")

    def end(self) -> int:
        """Kill what is left of it; its exit status."""
        os.close(self.reader)
        # Before it has a session of its own, it is not the leader of a group.
        for kill in (os.killpg, os.kill):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                kill(self.child, signal.SIGKILL)
        return os.waitpid(self.child, 0)[1]


@contextlib.contextmanager
def while_waiting(call: Callable[[], None]) -> Iterator[None]:
    """Call a function again and again while this process waits for a child."""
    _waiting.append(call)
    try:
        yield
    finally:
        _waiting.remove(call)


def _child(task: Callable[[Say], bytes], writer: int, seconds: float) -> None:
    code = 70
    try:
        os.setsid()
        null = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(null, stream)
        _limit(resource.RLIMIT_AS, MEMORY)
        _limit(resource.RLIMIT_FSIZE, FILE_SIZE)
        _limit(resource.RLIMIT_CORE, 0)
        _limit(resource.RLIMIT_CPU, int(4 * seconds) + 10)
        _write(writer, _LAST, task(lambda data: _write(writer, _SAID, data)))
        code = 0
    finally:
        leave(code)


def _limit(kind: int, amount: int) -> None:
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(kind, (amount, amount))


def _write(writer: int, kind: int, data: bytes) -> None:
    view = memoryview(_HEAD.pack(kind, len(data)) + data)
    while view:
        view = view[os.write(writer, view) :]


def _collect(reader: int, deadline: float, more: float) -> tuple[bytes, bool]:
    """What was said last, and whether the time was over before the end."""
    told, pending = b"", b""
    while True:
        left = max(0.0, deadline - time.monotonic())
        if not select.select([reader], [], [], min(left, _TICK) if _waiting else left)[0]:
            if not left:
                return told, True
            for call in _waiting:
                call()
            continue
        part = os.read(reader, 1 << 20)
        if not part:
            return told, False
        pending += part
        while len(pending) >= _HEAD.size:
            kind, length = _HEAD.unpack_from(pending)
            if len(pending) < _HEAD.size + length:
                break
            told, pending = pending[_HEAD.size : _HEAD.size + length] or told, pending[_HEAD.size + length :]
            if kind == _LAST:
                return told, False
            deadline = max(deadline, time.monotonic() + more)
