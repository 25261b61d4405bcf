"""Landlock: which files a child may read and which folder it may write. No privilege is needed."""

from __future__ import annotations

import ctypes
import os
import struct
import sys
import sysconfig
from collections.abc import Iterable
from functools import cache

from bpdoctor.grade.confinement.system import LINUX, NO_NEW_PRIVS, prctl, syscall

_CREATE, _ADD, _RESTRICT = 444, 445, 446
_READ_FILE, _READ_DIR, _WRITE_FILE = 1 << 2, 1 << 3, 1 << 1
_WRITE = _WRITE_FILE | (1 << 4) | (1 << 5) | (1 << 7) | (1 << 8) | (1 << 13) | (1 << 14)
_EVERYTHING = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1}
_SYSTEM = (
    "/usr/lib", "/lib", "/lib64", "/usr/lib64", "/etc/ld.so.cache", "/etc/localtime", "/usr/share/zoneinfo",
    "/dev/urandom", "/dev/zero",
)  # fmt: skip


def version() -> int:
    """Return the kernel's version of Landlock, 0 where there is none."""
    if not LINUX:
        return 0
    try:
        return syscall(_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(1))
    except OSError:
        return 0


@cache
def readable() -> tuple[str, ...]:
    """Return what every child may read: Python, its packages and what they load."""
    paths = [sysconfig.get_paths()[k] for k in ("stdlib", "platstdlib", "purelib", "platlib")]
    package = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    extra = [p for p in sys.path if p.endswith(("site-packages", "dist-packages", "lib-dynload"))]
    return tuple(dict.fromkeys([*map(os.path.realpath, paths), *extra, package, *_SYSTEM]))


def restrict(folder: str, read: Iterable[str]) -> None:
    """Allow this process to write in `folder`, to read `read`, and nothing else, for good."""
    known = version()
    handled = _EVERYTHING.get(known, (1 << 16) - 1)
    network, scoped = (3 if known >= 4 else 0), (3 if known >= 6 else 0)
    attribute = struct.pack("<QQQ", handled, network, scoped)[: 8 if known < 4 else 16 if known < 6 else 24]
    rules = syscall(_CREATE, attribute, ctypes.c_size_t(len(attribute)), ctypes.c_uint32(0))
    try:
        for path in read:
            _allow(rules, path, (_READ_FILE | _READ_DIR) & handled)
        _allow(rules, os.devnull, (_READ_FILE | _WRITE_FILE) & handled)
        _allow(rules, folder, (_READ_FILE | _READ_DIR | _WRITE) & handled)
        prctl(NO_NEW_PRIVS, 1)
        syscall(_RESTRICT, ctypes.c_int(rules), ctypes.c_uint32(0))
    finally:
        os.close(rules)


def _allow(rules: int, path: str, rights: int) -> None:
    try:
        at = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not os.path.isdir(path):
            rights &= ~_READ_DIR
        syscall(_ADD, ctypes.c_int(rules), ctypes.c_int(1), struct.pack("<Qi", rights, at), ctypes.c_uint32(0))
    finally:
        os.close(at)
