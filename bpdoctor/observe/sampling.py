"""Which steps of a long training are recorded again, by their number."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, count

_KEPT = (10, 30)
_MEASURED = (15, 20, 50, 70)
_EARLY = (5, 7)


def sampled(step: int) -> bool:
    """Steps 10, 30, 100, 300, 1000 … are recorded again."""
    while step >= 100 and step % 10 == 0:
        step //= 10
    return step in _KEPT


def between(step: int) -> bool:
    """Four further steps in each decade, 5, 7, 15, 20, 50, 70, 150, 200 …: enough for a curve."""
    while step >= 100 and step % 10 == 0:
        step //= 10
    return step in (*_EARLY, *_MEASURED)


def following(step: int) -> int:
    """The next step after this one that is any of these."""
    decades: Iterator[int] = (10**k * n for k in count() for n in sorted((*_KEPT, *_MEASURED)))
    return next(n for n in chain(_EARLY, decades) if n > step)
