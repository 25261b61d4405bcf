"""How tightly a child is held: the steps, in order, and the rung that they reach on this machine."""

from __future__ import annotations

import contextlib
import os
import signal
from typing import Literal

from bpdoctor.grade.confinement import landlock, seccomp, system
from bpdoctor.grade.confinement.limits import Budget, limit
from bpdoctor.model.record import record

Rung = Literal["strict", "container", "basic"]
RUNGS: tuple[Rung, ...] = ("basic", "container", "strict")
_NEW_USER, _NEW_NET, _NEW_IPC = 0x10000000, 0x40000000, 0x08000000


@record
class Hold:
    """Which of the steps work here."""

    namespaces: bool
    landlock: bool
    seccomp: bool
    identity: bool

    @property
    def rung(self) -> Rung:
        """Strict: no network device at all. Container: files and calls are filtered. Basic: limits only."""
        if self.landlock and self.seccomp:
            return "strict" if self.namespaces else "container"
        return "basic"


def enter_namespaces() -> bool:
    """Leave the network, once, in the process that will fork the children."""
    if not system.LINUX:
        return False
    user, group = os.getuid(), os.getgid()
    try:
        system.unshare((_NEW_NET | _NEW_IPC) | (_NEW_USER if user else 0))
    except OSError:
        return False
    if user:
        with contextlib.suppress(OSError):
            for name, text in (
                ("setgroups", "deny"),
                ("uid_map", f"{user} {user} 1"),
                ("gid_map", f"{group} {group} 1"),
            ):
                with open(f"/proc/self/{name}", "w") as stream:
                    stream.write(text)
    return True


def confine(hold: Hold, budget: Budget, folder: str, user: int, *, processes: bool = False) -> None:
    """Hold this process for good. A step that worked when it was tried and fails now raises."""
    if hold.identity:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    limit(budget)
    if not system.LINUX:
        return
    system.prctl(system.NO_NEW_PRIVS, 1)
    system.prctl(system.DEATH_SIGNAL, signal.SIGKILL)
    if hold.landlock:
        landlock.restrict(folder, landlock.readable())
    system.drop_capabilities()
    if hold.seccomp:
        seccomp.restrict(processes=processes)


def detect(at_most: Rung, user: int, folder: str) -> Hold:
    """Try each step in a child of its own; `at_most` leaves steps out, as if they were refused."""
    landlock.readable()
    namespaces = at_most == "strict" and enter_namespaces()
    tight = at_most != "basic"
    hold = Hold(namespaces, tight and landlock.version() > 0, tight and seccomp.available(), _can_be(user))
    for dropped in ((), ("landlock",), ("seccomp",), ("landlock", "seccomp")):
        kept = Hold(namespaces, hold.landlock and "landlock" not in dropped,
                    hold.seccomp and "seccomp" not in dropped, hold.identity)  # fmt: skip
        if _works(lambda kept=kept: confine(kept, Budget(5, 4 << 30), folder, user)):
            return kept
    return Hold(namespaces, False, False, hold.identity)


def _can_be(user: int) -> bool:
    """Root gives a child an identity of its own, where that identity can read Python."""
    if os.getuid() != 0:
        return False

    def read() -> None:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
        for path in (os.__file__, os.path.abspath(__file__), *_packages()):
            with open(path, "rb"):
                pass

    return _works(read)


def _packages() -> list[str]:
    import numpy

    return [numpy.__file__]


def _works(step: object) -> bool:
    child = os.fork()
    if child == 0:
        code = 1
        try:
            step()  # type: ignore[operator]
            code = 0
        except BaseException:
            pass
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
