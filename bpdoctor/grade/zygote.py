"""The process that children are forked from: numpy is loaded once, secrets are not there at all.

One child at a time. The grader sends descriptors and limits, this process forks, confines and, when told
so, ends the child and everything that it started.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import resource
import select
import signal
import socket
import sys
from typing import Any

from bpdoctor.grade import child as inside
from bpdoctor.grade import examining
from bpdoctor.grade.confinement import system
from bpdoctor.grade.confinement.limits import Budget
from bpdoctor.grade.confinement.rung import Hold, confine, detect

_PRELOAD = (
    "numpy", "numpy.linalg", "numpy.random", "numpy.fft", "random", "math", "cmath", "time", "json", "csv", "copy",
    "collections", "itertools", "functools", "operator", "typing", "dataclasses", "enum", "abc", "pathlib", "string",
    "re", "statistics", "fractions", "decimal", "warnings", "contextlib", "traceback", "datetime", "pickle", "bisect",
    "heapq", "inspect", "io", "os", "sys", "types", "unittest", "encodings.idna", "encodings.latin_1",
)  # fmt: skip


def main(control: int, at_most: str, user: int, folder: str, whole: bool) -> None:
    """Serve the grader on the descriptor `control` until it is closed; `whole` programs are examined, not asked."""
    _preload()
    if whole:
        examining.preload()
    if system.LINUX:
        system.prctl(system.CHILD_SUBREAPER, 1)
    with socket.socket(fileno=control) as line:
        hold = detect(at_most, user, folder)  # type: ignore[arg-type]
        _say(line, {"rung": hold.rung, "namespaces": hold.namespaces, "landlock": hold.landlock,
                    "seccomp": hold.seccomp, "identity": hold.identity})  # fmt: skip
        while True:
            text, fds, _, _ = socket.recv_fds(line, 1 << 16, 3)
            if not text:
                return
            request = json.loads(text)
            pid = _fork(request, fds, hold, user)
            for fd in fds:
                os.close(fd)
            _say(line, {"pid": pid})
            _watch(line, pid)


def _preload() -> None:
    for name in _PRELOAD:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    import numpy as np

    # The first call of each starts what later calls share: memory pools, BLAS buffers.
    np.random.seed(0)
    np.linalg.norm(np.eye(4) @ np.random.randn(4, 4))


def _fork(request: dict[str, Any], fds: list[int], hold: Hold, user: int) -> int:
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        return pid
    try:
        _descriptors(fds)
        os.setsid()
        os.chdir(request["folder"])
        os.environ.clear()
        os.environ.update(request["environment"])
        budget = Budget(request["seconds"], request["memory"] + _mapped(), processes=256 if hold.identity else 0)
        whole = request["whole"]
        confine(hold, budget, request["folder"], user, processes=whole)
        (examining if whole else inside).serve(request["entry"], request["seed"])
    except BaseException as failure:
        with contextlib.suppress(BaseException):
            os.write(1, f"bpdoctor: {type(failure).__name__}: {failure}\n".encode()[:500])
    finally:
        os._exit(70)


def _mapped() -> int:
    """Return the address space that is in use before the submission starts: it is not charged to it."""
    try:
        with open("/proc/self/statm") as stream:
            return int(stream.read().split()[0]) * resource.getpagesize()
    except OSError:
        return 256 << 20


def _descriptors(fds: list[int]) -> None:
    """Null input, the output pipe twice, the channel, the trace; nothing else stays open."""
    null = os.open(os.devnull, os.O_RDONLY)
    high = [os.dup(fd) for fd in (null, fds[1], fds[1], fds[0], fds[2])]
    while min(high) < 5:
        high = [os.dup(fd) for fd in high]
    for at, fd in enumerate(high):
        os.dup2(fd, at)
    os.closerange(5, 4096)


def _watch(line: socket.socket, pid: int) -> None:
    """Wait for the order to end the child; then end all that is left of it and tell how it went."""
    told = line.recv(64)
    status = _end(pid)
    if told:
        _say(line, {"status": status})
    else:
        os._exit(0)


def _end(pid: int) -> int:
    """Reap the child. One that ended by itself keeps its status."""
    done, status = os.waitpid(pid, os.WNOHANG)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    if not done:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
    _sweep()
    return os.waitstatus_to_exitcode(status)


def _sweep() -> None:
    """Kill what the child left behind: as its subreaper this process has inherited it."""
    for _ in range(1000):
        for orphan in _children():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(orphan, signal.SIGKILL)
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                select.select([], [], [], 0.002)
        except ChildProcessError:
            return


def _children() -> list[int]:
    try:
        with open(f"/proc/self/task/{os.getpid()}/children") as stream:
            return [int(word) for word in stream.read().split()]
    except OSError:
        return []


def _say(line: socket.socket, message: dict[str, Any]) -> None:
    line.sendall(json.dumps(message).encode() + b"\n")
