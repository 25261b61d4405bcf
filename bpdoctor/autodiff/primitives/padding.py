"""np.pad: what is copied from the array moves, what is invented is constant."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..domains import case, samples
from ..registry import primitive

MOVING = ("edge", "reflect", "symmetric", "wrap", "empty")


def _pad(x: Any, pad_width: Any, mode: str = "constant", **options: Any) -> Any:
    return np.pad(x, pad_width, mode=mode, **options)  # type: ignore[call-overload]


def _pull_pad(g: Any, out: Any, x: Any, pad_width: Any, mode: str = "constant", **options: Any) -> Any:
    if mode not in ("constant", *MOVING) or options.get("reflect_type", "even") != "even":
        raise NotImplementedError(f"np.pad with mode {mode!r}")
    numbers = np.arange(1, np.size(x) + 1).reshape(np.shape(x))
    origins = np.pad(numbers, pad_width, mode="constant" if mode == "empty" else mode)  # type: ignore[call-overload]
    total = np.bincount(origins.ravel(), weights=np.ravel(g), minlength=np.size(x) + 1)
    return total[1:].reshape(np.shape(x))


primitive(
    "pad",
    _pad,
    _pull_pad,
    domain=samples(
        case((2, 3), pad_width=1),
        case((2, 3), pad_width=((0, 1), (2, 0)), constant_values=5.0),
        case((2, 3), pad_width=1, mode="edge"),
        case((3, 3), pad_width=2, mode="reflect"),
        case((2, 3), pad_width=(1, 2), mode="symmetric"),
        case((2, 3), pad_width=1, mode="wrap"),
    ),
)
