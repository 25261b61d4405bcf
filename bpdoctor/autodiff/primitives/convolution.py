"""Convolutions and correlations in one and more dimensions, modes full, same and valid.

All are linear in each operand, so one rule serves: put the cotangent back into the full result,
which the mode has cut, and correlate that with the other operand.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..domains import case, samples
from ..registry import primitive

Window = tuple[slice, ...]


def _full(x: Any, y: Any) -> Any:
    """Return the full convolution, by one shifted copy of x for each element of y."""
    out = np.zeros(np.add(np.shape(x), np.shape(y)) - 1, dtype=np.result_type(x, y, float))
    for place in np.ndindex(*np.shape(y)):
        out[_at(place, np.shape(x))] += x * y[place]
    return out


def _at(place: tuple[int, ...], shape: tuple[int, ...]) -> Window:
    return tuple(slice(p, p + n) for p, n in zip(place, shape, strict=True))


def _window(first: tuple[int, ...], second: tuple[int, ...], mode: str, centre: str) -> Window:
    """Return the part of the full result that a mode keeps.

    "same" has the size of the longer operand in NumPy (`centre` "longer"), of the first in SciPy.
    Its middle is rounded down, in correlate2d up (`centre` "up").
    """
    size = np.add(first, second) - 1
    keep = {
        "full": size,
        "same": np.maximum(first, second) if centre == "longer" else np.asarray(first),
        "valid": np.abs(np.subtract(first, second)) + 1,
    }[mode]
    return _at(tuple((size - keep + (centre == "up")) // 2), tuple(keep))


def _convolve(x: Any, y: Any, mode: str = "full", centre: str = "") -> Any:
    x, y = np.asarray(x), np.asarray(y)
    return _full(x, y)[_window(x.shape, y.shape, mode, centre)]


def _pull(k: int, g: Any, x: Any, y: Any, window: Window) -> Any:
    whole = np.zeros(np.add(np.shape(x), np.shape(y)) - 1)
    whole[window] = g
    mine, other = np.shape((x, y)[k]), np.asarray((y, x)[k], dtype=float)
    result = np.zeros(mine)
    if other.size < result.size:  # loop over the smaller of the two
        for place in np.ndindex(*other.shape):
            result += other[place] * whole[_at(place, mine)]
    else:
        for place in np.ndindex(*mine):
            result[place] = np.sum(whole[_at(place, other.shape)] * other)
    return result


def _pull_convolve(k: int) -> Any:
    def vjp(g: Any, out: Any, x: Any, y: Any, **options: Any) -> Any:
        window = _window(np.shape(x), np.shape(y), options.get("mode", "full"), options.get("centre", ""))
        return _pull(k, g, x, y, window)

    return vjp


def _reversed_result(x: Any, y: Any, centre: str) -> bool:
    # np.correlate swaps its operands when the second is longer, and turns the result around; what
    # "same" keeps is then centred from the other end
    return centre == "longer" and np.size(y) > np.size(x)


def _correlate(x: Any, y: Any, mode: str = "valid", centre: str = "") -> Any:
    if _reversed_result(x, y, centre):
        return np.flip(_correlate(y, x, mode, centre))
    return _convolve(x, np.flip(y), mode, centre)


def _pull_correlate(k: int) -> Any:
    def vjp(g: Any, out: Any, x: Any, y: Any, **options: Any) -> Any:
        if _reversed_result(x, y, options.get("centre", "")):
            return _pull_correlate(1 - k)(np.flip(g), out, y, x, **options)
        window = _window(np.shape(x), np.shape(y), options.get("mode", "valid"), options.get("centre", ""))
        result = _pull(k, g, x, np.flip(y), window)
        return result if k == 0 else np.flip(result)

    return vjp


MODES = [case((5,), (3,), mode=m) for m in ("full", "same", "valid")]
PLANES = [case((4, 5), (2, 3), mode=m) for m in ("full", "same", "valid")] + [
    case((3, 4), (2, 2), mode="same", centre="up")
]
LONGER = [case((2,), (5,), mode=m, centre="longer") for m in ("full", "same", "valid")]

primitive(
    "convolve",
    _convolve,
    _pull_convolve(0),
    _pull_convolve(1),
    domain=samples(*MODES, *PLANES, *LONGER),
)
primitive(
    "correlate",
    _correlate,
    _pull_correlate(0),
    _pull_correlate(1),
    domain=samples(*MODES, *PLANES, *LONGER),
)
