"""System calls that Python has no name for."""

from __future__ import annotations

import ctypes
import os
import platform
import sys
from typing import Any

LINUX = sys.platform.startswith("linux")
MACHINE = platform.machine()

NO_NEW_PRIVS = 38
DEATH_SIGNAL = 1
CHILD_SUBREAPER = 36
DUMPABLE = 4

_libc: Any = ctypes.CDLL(None, use_errno=True) if os.name == "posix" else None


def syscall(number: int, *arguments: Any) -> int:
    """Call the kernel; raise OSError where it refuses."""
    done = _libc.syscall(ctypes.c_long(number), *arguments)
    if done < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return int(done)


def prctl(option: int, *arguments: int) -> None:
    """Set a property of this process; raise OSError where that is refused."""
    given = [ctypes.c_ulong(a) for a in (*arguments, 0, 0, 0, 0)[:4]]
    if _libc.prctl(ctypes.c_int(option), *given) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def unshare(flags: int) -> None:
    """Leave namespaces; raise OSError where that is refused."""
    if _libc.unshare(ctypes.c_int(flags)) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def drop_capabilities() -> None:
    """Give up every capability of this process."""

    class Header(ctypes.Structure):
        _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))

    header, data = Header(0x20080522, 0), (ctypes.c_uint32 * 6)()
    if _libc.capset(ctypes.byref(header), ctypes.byref(data)) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
