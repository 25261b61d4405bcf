"""Values through pipes, between a program and its copies."""

from __future__ import annotations

import os
import pickle
import select
import struct
from typing import Any


def send(descriptor: int, value: Any) -> None:
    """Write a value, its length before it."""
    data = pickle.dumps(value)
    data = struct.pack("<Q", len(data)) + data
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def receive(descriptor: int, seconds: float | None) -> Any | None:
    """Read a value; None when the other side is gone or silent for too long."""
    header = _read(descriptor, 8, seconds)
    if header is None:
        return None
    data = _read(descriptor, struct.unpack("<Q", header)[0], seconds)
    return None if data is None else pickle.loads(data)


def _read(descriptor: int, count: int, seconds: float | None) -> bytes | None:
    parts: list[bytes] = []
    while count:
        if seconds is not None and not select.select([descriptor], [], [], seconds)[0]:
            return None
        part = os.read(descriptor, min(count, 1 << 20))
        if not part:
            return None
        parts.append(part)
        count -= len(part)
    return b"".join(parts)
