"""A course of numbers in the room of a word."""

from __future__ import annotations

import math
from collections.abc import Sequence

BLOCKS = "▁▂▃▄▅▆▇█"
PLAIN = "_.-=*#"


def sparkline(values: Sequence[float | None], room: int = 24, *, ascii: bool = False) -> str:
    """One character a number, or a mean of some where there are more; a gap where nothing is known.

    Examples
    --------
    >>> sparkline([0, 1, 2, 3])
    '▁▃▆█'
    >>> sparkline([1.0, None, float("nan")]), sparkline([])
    ('▁  ', '')
    """
    signs = PLAIN if ascii else BLOCKS
    seen = [v if v is not None and math.isfinite(v) else None for v in values]
    groups = _groups(seen, room)
    known = [v for v in groups if v is not None]
    if not known:
        return " " * len(groups)
    low, high = min(known), max(known)
    if low > 0 and high > 1e3 * low:
        groups = [None if v is None else math.log(v) for v in groups]
        low, high = math.log(low), math.log(high)
    step = (high - low) or 1.0
    last = len(signs) - 1
    return "".join(" " if v is None else signs[round((v - low) / step * last)] for v in groups)


def _groups(values: Sequence[float | None], room: int) -> list[float | None]:
    count = min(len(values), room)
    out: list[float | None] = []
    for k in range(count):
        part = [v for v in values[k * len(values) // count : (k + 1) * len(values) // count] if v is not None]
        out.append(sum(part) / len(part) if part else None)
    return out
