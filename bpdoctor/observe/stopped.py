"""The frames of a run that was stopped, with the numbers that the run was given in place of its own.

An array is changed where it is; a Python number cannot be. While the run goes on, each read of a number that was
exchanged gives the other one. Whoever looks at the frames themselves must find the others there as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import FrameType, ModuleType
from typing import Any

from bpdoctor.model.frame import Stopped

_MOST = 20_000


def stopped(frames: Sequence[FrameType], exchanged: Mapping[int, Any]) -> list[Stopped]:
    """The frames with other numbers in their names, and in the lists, dicts and objects that these hold.

    Parameters
    ----------
    frames : sequence of frame
    exchanged : mapping of int to number
        What stands in the place of a number, by the identity of that.

    Notes
    -----
    Works in place, for a process that does nothing else afterwards.
    """
    out = [Stopped(f.f_code, f.f_globals, dict(f.f_locals), f.f_lasti, f.f_lineno) for f in frames]
    if exchanged:
        held: list[Any] = [names for f in out for names in (f.f_globals, f.f_locals)]
        _exchange(held, exchanged)
    return out


def _exchange(pending: list[Any], exchanged: Mapping[int, Any]) -> None:
    seen: set[int] = set()
    while pending and len(seen) < _MOST:
        container = pending.pop()
        if id(container) in seen:
            continue
        seen.add(id(container))
        pairs = container.items() if isinstance(container, dict) else enumerate(container)
        for key, value in list(pairs):
            if id(value) in exchanged:
                container[key] = exchanged[id(value)]
            elif isinstance(value, dict | list):
                pending.append(value)
            elif not isinstance(value, ModuleType | type) and isinstance(getattr(value, "__dict__", None), dict):
                pending.append(value.__dict__)
