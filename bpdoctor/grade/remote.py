"""The grader's end: start a child, ask it, give up on it in time."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import select
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bpdoctor.grade import clock, folders, protocol
from bpdoctor.grade.host import Host
from bpdoctor.grade.output import Output
from bpdoctor.grade.protocol import Reference
from bpdoctor.model.record import record

Written = dict[str, Any]
_CRUMB, _CRUMBS = 1024, 200
"""Who answers in so many pieces that are so small is not working, but keeping us waiting."""
_KINDS = {"MemoryError": "memory", "RecursionError": "recursion", "Undefined": "undefined"}


Lender = Callable[[str, list[Any]], Any]
"""Answers a function that one program borrows from another."""


class Failure(Exception):
    """The submission did not answer. `slug` names how, `line` where it was."""

    def __init__(self, slug: str, text: str, line: int = 0, function: str = "") -> None:
        super().__init__(text)
        self.slug, self.text, self.line, self.function = slug, text, line, function


class Raised(Failure):
    """The submission raised an exception; it is still there."""


@record
class Allowance:
    """What one request, and one child, may use."""

    seconds: float = 10.0
    total: int = 60
    memory: int = 1 << 30
    output: int = 64 << 10
    disk: int = 64 << 20


@dataclass(slots=True)
class Remote:
    """One submission in its child."""

    host: Host
    folder: str
    allowance: Allowance
    pid: int
    channel: socket.socket
    output: Output
    alive: bool = True
    objects: dict[str, str] = field(default_factory=dict)
    lender: Lender | None = None
    watch: clock.Watch | None = None
    earlier: float = 0.0
    crumbs: int = 0

    def begin(self) -> None:
        """Begin a check: what it asks from now on shares one budget."""
        self.leave()
        self.watch = clock.Watch(self.pid, self.allowance.seconds)

    def leave(self) -> None:
        """End a check: each request has a budget of its own again."""
        self.earlier, self.watch = self.used, None

    @property
    def used(self) -> float:
        """The seconds of all checks."""
        return self.earlier + (self.watch.counted if self.watch else 0.0)

    # ---- requests

    def load(self) -> None:
        """Import the submission."""
        self._ask({"op": "load"}, [])

    def has(self, names: list[str]) -> list[bool]:
        """Say which names are callable."""
        told = self._ask({"op": "has", "names": names}, [])
        return (
            [x is True for x in told] if isinstance(told, tuple) and len(told) == len(names) else [False] * len(names)
        )

    def call(self, name: str, args: list[Any], *, of: str = "", keep: str = "result") -> Any:
        """Call a function, or a method of a kept object; the result is kept too."""
        arrays: list[protocol.Array] = []
        given = [_written(a, arrays) for a in args]
        return self._ask({"op": "call", "name": name, "of": of, "args": given, "keep": keep}, arrays)

    def get(self, of: str, name: str = "") -> Any:
        """Return a kept object, or an attribute of it."""
        return self._ask({"op": "get", "of": of, "name": name}, [])

    def put(self, of: str, name: str, value: Any) -> None:
        """Set an attribute of a kept object."""
        arrays: list[protocol.Array] = []
        self._ask({"op": "put", "of": of, "name": name, "args": [_written(value, arrays)]}, arrays)

    def borrow(self, names: list[str], lender: Lender) -> None:
        """Replace functions of the program by another program's."""
        self._ask({"op": "borrow", "names": names}, [])
        self.lender = lender

    def examine(self, seconds: float) -> Any:
        """Run the whole program under observation and return what the check says of it."""
        return self._ask({"op": "examine", "seconds": seconds}, [])

    def close(self) -> int:
        """End the child and all it started; return its status."""
        self.alive = False
        self.channel.close()
        status = self.host.end()
        self.output.close()
        return status

    # ---- the exchange

    def _ask(self, header: Written, arrays: list[protocol.Array]) -> Any:
        if not self.alive:
            raise Failure("ended", "the program had ended before")
        nonce = secrets.token_hex(8)
        watch = self.watch or clock.Watch(self.pid, self.allowance.seconds)
        if reason := watch.resume():
            raise self._stopped("time", reason)
        try:
            self._send(protocol.pack({**header, "nonce": nonce}, arrays), watch)
            told, out = self._receive(watch)
            while self.lender is not None and "borrow" in told:
                self._lend(self.lender, told, out, watch)
                told, out = self._receive(watch)
            if told.get("nonce") != nonce:
                raise protocol.Malformed("an answer to no question")
            if "error" in told:
                raise _raised(told["error"])
            return protocol.value(told.get("value"), out)
        except protocol.Malformed as problem:
            self.alive = False
            raise Failure("malformed", f"the program disturbed the exchange with the grader: {problem}") from None
        except OSError:
            raise self._died() from None

    def _lend(self, lender: Lender, told: Written, out: list[protocol.Array], watch: clock.Watch) -> None:
        arrays: list[protocol.Array] = []
        given = protocol.value(told.get("args"), out)
        began = time.monotonic()
        try:
            result = lender(str(told["borrow"]), list(given) if isinstance(given, tuple) else [given])
        except Failure:
            self.alive = False  # it waits for an answer that will not come
            raise
        watch.excuse(time.monotonic() - began)
        self._send(protocol.pack({"value": _written(result, arrays)}, arrays), watch)

    def _send(self, data: bytes, watch: clock.Watch) -> None:
        view = memoryview(data)
        while view:
            self._wait(watch, writing=True)
            with contextlib.suppress(BlockingIOError):
                view = view[self.channel.send(view) :]

    def _receive(self, watch: clock.Watch) -> tuple[dict[str, Any], list[protocol.Array]]:
        self.crumbs = 0
        header, body = protocol.sizes(self._exactly(protocol.HEAD.size, watch))
        return protocol.unpack(self._exactly(header, watch), self._exactly(body, watch))

    def _exactly(self, size: int, watch: clock.Watch) -> bytes:
        parts = []
        while size:
            self._wait(watch)
            with contextlib.suppress(BlockingIOError):
                part = self.channel.recv(min(size, 1 << 20))
                if not part:
                    raise self._died()
                parts.append(part)
                size -= len(part)
                self.crumbs += len(part) < _CRUMB
        return b"".join(parts)

    def _wait(self, watch: clock.Watch, *, writing: bool = False) -> None:
        """Wait for the channel; meanwhile drain the output and keep the clock."""
        while True:
            reading: list[Any] = [self.output.reader] if self.output.open else []
            reading += [] if writing else [self.channel]
            ready, able, _ = select.select(reading, [self.channel] if writing else [], [], clock.PATIENCE)
            if self.output.reader in ready:
                self.output.drain()
            if self.output.flooded:
                raise self._stopped("output", "printed more than is allowed")
            answered = self.channel in ready or able
            if answered and not watch.due():
                return
            reason = watch.expired(silent=not answered or self.crumbs > _CRUMBS)
            if reason:
                raise self._stopped("time", reason)
            if folders.weight(self.folder) > self.allowance.disk:
                raise self._stopped("disk", "wrote more to the disk than is allowed")
            if answered:
                return

    def _stopped(self, slug: str, text: str) -> Failure:
        """Ask the child where it is, then give up on it."""
        self.alive = False
        line, function = 0, ""
        with contextlib.suppress(OSError):
            os.kill(self.pid, signal.SIGUSR1)
            line, function = self.output.place(self.folder, time.monotonic() + 0.3)
        return Failure(slug, text, line, function)

    def _died(self) -> Failure:
        self.alive = False
        select.select([], [], [], 0.01)
        return Failure("ended", "the program ended the process")


def start(host: Host, folder: str, entry: str, seed: int, allowance: Allowance) -> Remote:
    """Fork a child for the submission in `folder`; nothing of it has run yet."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    output = Output(allowance.output)
    request = {
        "folder": folder, "entry": entry, "seed": seed, "seconds": allowance.total, "memory": allowance.memory,
        "environment": _environment(folder), "whole": host.whole,
    }  # fmt: skip
    try:
        pid = host.fork(json.dumps(request).encode(), [theirs.fileno(), output.writer, output.trace_writer])
    finally:
        theirs.close()
        output.handed()
    return Remote(host, folder, allowance, pid, ours, output)


def _environment(folder: str) -> dict[str, str]:
    return {
        "PATH": "/usr/bin:/bin", "HOME": folder, "TMPDIR": folder, "LANG": "C.UTF-8", "MPLBACKEND": "Agg",
        "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1",
    }  # fmt: skip


def _written(value: Any, arrays: list[protocol.Array]) -> Written:
    """Write an argument; the keys of a table stay in order."""
    written: Written = protocol.tree(value, arrays)
    return written


def _raised(told: Any) -> Failure:
    if not isinstance(told, dict):
        raise protocol.Malformed("an error that is none")
    kind, text, line, function = (told.get(k) for k in ("type", "text", "line", "function"))
    if not (isinstance(kind, str) and isinstance(text, str) and type(line) is int and isinstance(function, str)):
        raise protocol.Malformed("an error that is none")
    slug = _KINDS.get(kind, "raised")
    told = text if slug == "undefined" else f"{kind}: {text}" if text else kind
    return Raised(slug, told, line, function)


__all__ = ["Allowance", "Failure", "Raised", "Reference", "Remote", "start"]
