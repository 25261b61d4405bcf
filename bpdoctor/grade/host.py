"""The grader's handle on one zygote: it forks a child when asked and ends it when asked."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bpdoctor.grade import folders
from bpdoctor.grade.confinement.rung import Rung

_FIRST_USER = 61000
_PREFIX = "bpdoctor-grade-"


class Lost(Exception):
    """The zygote is gone: something outside has ended it."""


class Host:
    """One zygote with a folder for its children. Serves one child at a time; `whole` programs are examined there."""

    def __init__(self, slot: int = 0, at_most: Rung = "strict", *, whole: bool = False) -> None:
        self.slot, self.at_most, self.whole = slot, at_most, whole
        self.root = tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-")
        os.chmod(self.root, 0o711)
        self.user = _FIRST_USER + slot if os.getuid() == 0 else os.getuid()
        self.hold: dict[str, Any] = {"identity": os.getuid() == 0}
        self._probe = self.folder("probe")
        ours, theirs = socket.socketpair()
        package = str(Path(__file__).resolve().parents[2])
        code = (
            f"import sys; sys.path.insert(0, {package!r}); import bpdoctor.grade.zygote as zygote; "
            f"zygote.main({theirs.fileno()}, {at_most!r}, {self.user}, {self._probe!r}, {whole!r})"
        )
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-s", "-c", code], pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL,
            env=_environment(), cwd=self.root, start_new_session=True,
        )  # fmt: skip
        theirs.close()
        self._line = ours
        self._lines = ours.makefile("rb")
        self.hold = self._hear()

    @property
    def rung(self) -> str:
        """Return how tightly children are held."""
        return str(self.hold["rung"])

    def folder(self, name: str) -> str:
        """Return a fresh folder that only a child of this host, and the grader, can enter."""
        path = os.path.join(self.root, name)
        folders.remove(path)
        os.mkdir(path, 0o700)
        self.give(path)
        return os.path.realpath(path)

    def give(self, path: str) -> None:
        """Make the child's identity the owner."""
        if self.hold["identity"]:
            os.chown(path, self.user, self.user, follow_symlinks=False)

    def fork(self, request: bytes, fds: list[int]) -> int:
        """Fork a child that owns the descriptors; return its process number."""
        try:
            socket.send_fds(self._line, [request], fds)
        except OSError as problem:
            raise Lost("the process that starts submissions has ended") from problem
        return int(self._hear()["pid"])

    def end(self) -> int:
        """End the child and what it started; return its status, negative for a signal."""
        try:
            self._line.sendall(b"end")
        except OSError as problem:
            raise Lost("the process that starts submissions has ended") from problem
        return int(self._hear()["status"])

    def close(self) -> None:
        """End the zygote and remove its folder."""
        self._lines.close()
        self._line.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        folders.remove(self.root)

    def _hear(self) -> dict[str, Any]:
        line = self._lines.readline()
        if not line:
            raise Lost("the process that starts submissions has ended")
        told: dict[str, Any] = json.loads(line)
        return told


def _environment() -> dict[str, str]:
    """Nothing of the grader's environment reaches a submission."""
    return {
        "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1",
        "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "MPLBACKEND": "Agg",
    }  # fmt: skip


def sweep() -> None:
    """Remove the folders of graders that were killed."""
    for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.suppress(ValueError, OSError):
            pid = int(path.name.removeprefix(_PREFIX).partition("-")[0])
            if not _running(pid) and path.lstat().st_uid == os.getuid():
                folders.remove(str(path))


def _running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
