"""Scales and ticks of the plots: where a number stands on the sheet, and which numbers are written there."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from bpdoctor.model.record import record

MOST_TICKS = 6
_STEPS = (1.0, 2.0, 5.0, 10.0)


@record
class Scale:
    """From numbers to coordinates; `log` scales know positive numbers only."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def at(self, value: float) -> float:
        """The coordinate of a number, at the border where it lies beyond.

        Examples
        --------
        >>> Scale(0, 10, 0, 100).at(5), Scale(1e-4, 1, 0, 100, log=True).at(0.01)
        (50.0, 50.0)
        """
        low, high = self._own(self.low), self._own(self.high)
        share = (self._own(value) - low) / (high - low) if high > low else 0.5
        return round(self.start + (self.end - self.start) * min(max(share, 0.0), 1.0), 1)

    def ticks(self) -> list[tuple[float, str]]:
        """Round numbers within the scale, with how they are written."""
        return _decades(self.low, self.high) if self.log else _round(self.low, self.high)

    def _own(self, value: float) -> float:
        return math.log10(max(value, 1e-300)) if self.log else value


def scale(values: Iterable[float], start: float, end: float, *, log: bool = False, tight: bool = False) -> Scale:
    """A scale on which all finite values have room; a logarithmic one ends at powers of ten unless it is `tight`."""
    some = [v for v in values if math.isfinite(v) and (v > 0 or not log)]
    low, high = (min(some), max(some)) if some else (0.1, 1.0)
    if log and tight and low < high:
        return Scale(low, high, start, end, log=True)
    if log:
        low, high = 10.0 ** math.floor(math.log10(low) + 1e-9), 10.0 ** math.ceil(math.log10(high) - 1e-9)
        return Scale(low, high * 10 if low == high else high, start, end, log=True)
    if low == high:
        low, high = low - (abs(low) or 1.0) / 2, high + (abs(high) or 1.0) / 2
    return Scale(low, high, start, end)


def _decades(low: float, high: float) -> list[tuple[float, str]]:
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    step = max(1, -(-(last - first) // MOST_TICKS))
    return [(10.0**k, f"1e{k}" if abs(k) > 2 else f"{10.0**k:g}") for k in range(first, last + 1, step)]


def _round(low: float, high: float) -> list[tuple[float, str]]:
    rough = (high - low) / MOST_TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(s * power for s in _STEPS if s * power >= rough * (1 - 1e-9))
    first = math.ceil(low / step - 1e-9)
    count = math.floor((high - first * step) / step + 1e-9)
    values = [(first + k) * step for k in range(count + 1)]
    return [(v, f"{0.0 if abs(v) < step / 1e6 else v:.4g}") for v in values]


def points(xs: Sequence[float], ys: Sequence[float], across: Scale, up: Scale) -> list[tuple[float, float]]:
    """Coordinates of the pairs that can be drawn."""
    known = [
        (x, y)
        for x, y in zip(xs, ys, strict=False)
        if math.isfinite(x) and math.isfinite(y) and (x > 0 or not across.log)
    ]
    return [(across.at(x), up.at(y)) for x, y in known]
