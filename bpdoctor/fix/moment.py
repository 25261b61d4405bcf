"""A wrong value and what it should be, and changes of text that make it so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bpdoctor.fix.writing import Place
from bpdoctor.model.record import record

_SIMPLE = 1.55


@record(eq=False)
class Moment:
    """The wrong value of one execution: what it is and what it should be.

    `apart` are the entries at which the forward value is like no other.
    """

    own: Any
    wanted: Any
    apart: Any = None

    @property
    def telling(self) -> bool:
        """Whether wrong and right can be told apart here."""
        own, wanted = np.asarray(self.own), np.asarray(self.wanted)
        if self.apart is not None and own.shape == wanted.shape == self.apart.shape:
            own, wanted = own[self.apart], wanted[self.apart]
        return bool(np.abs(wanted).max(initial=0.0)) and not close(own, wanted, 1e-6)


@dataclass(frozen=True, slots=True, order=True)
class Candidate:
    """A change of text that gives the wanted value: bytes `start` to `end` of a file written as `text`.

    It did not at `missed` moments. `place` in the file `path` is where the value is made; the change is there
    too, or in the function `called` there. What is `near` gives most of it.
    """

    missed: int
    cost: float
    start: int
    end: int
    text: str
    place: Place
    path: str
    called: str = ""
    file: str = ""
    near: bool = False


def close(value: Any, wanted: Any, tolerance: float) -> bool:
    """Whether two values are equal, shape and all."""
    try:
        a, b = np.asarray(value, dtype=np.float64), np.asarray(wanted, dtype=np.float64)
    except (TypeError, ValueError):
        return False
    if a.shape != b.shape or not np.isfinite(a).all():
        return False
    return bool(np.abs(a - b).max(initial=0.0) <= tolerance * max(np.abs(b).max(initial=0.0), 1e-300))


def right_apart(value: Any, moment: Moment, tolerance: float) -> bool:
    """Whether a value is right wherever no two forward values are equal.

    Notes
    -----
    Of several equal maxima the reference takes one, or shares among them, and a right program may take all.
    """
    try:
        a, wanted, own = (np.asarray(x, dtype=np.float64) for x in (value, moment.wanted, moment.own))
    except (TypeError, ValueError):
        return False
    apart = moment.apart
    if apart is None or not a.shape == own.shape == wanted.shape == apart.shape or not np.isfinite(a).all():
        return False
    limit = tolerance * np.abs(wanted).max()
    return bool((np.abs(own - wanted)[apart] > limit).any() and (np.abs(a - wanted)[apart] <= limit).all())


def weight(cost: float, text: str) -> float:
    """What a change costs: among equals the shorter text is the better one."""
    return round(cost + 0.002 * len(text), 4)


def plain(found: Sequence[Candidate]) -> bool:
    """Whether one of the changes is simple enough to look no further."""
    return any(c.cost < _SIMPLE and not c.near for c in found)
