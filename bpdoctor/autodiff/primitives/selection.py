"""Choices between operands: maxima, clips and masks.

Ties. Where two operands are equal, the derivative of their maximum does not exist. The convention
here is the mean of the two one-sided derivatives (0.5 and 0.5), and `kink` reports the place, so
that a program choosing 0 or 1 there is excused.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..domains import binary, case, samples
from ..registry import primitive


def _above(x: Any, y: Any) -> Any:
    """Return 1 where x is larger, 0.5 where they are equal, else 0."""
    return 0.5 * np.add(np.greater(x, y), np.greater_equal(x, y), dtype=float)


def _tie(out: Any, x: Any, y: Any) -> Any:
    return np.equal(x, y)


def _clip(x: Any, lower: Any = None, upper: Any = None) -> Any:
    return x if lower is None and upper is None else np.clip(x, lower, upper)


def _clip_operand(g: Any, out: Any, x: Any, lower: Any = None, upper: Any = None) -> Any:
    inside = 1.0
    if lower is not None:
        inside = inside * _above(x, lower)
    if upper is not None:
        inside = inside * _above(upper, x)
    return g * inside


def _clip_lower(g: Any, out: Any, x: Any, lower: Any = None, upper: Any = None) -> Any:
    if lower is None:
        return None
    taken = _above(lower, x)
    return g * (taken if upper is None else np.where(np.less(upper, lower), 0.0, taken))


def _clip_upper(g: Any, out: Any, x: Any, lower: Any = None, upper: Any = None) -> Any:
    if upper is None:
        return None
    taken = _above(x, upper)
    return g * (taken if lower is None else np.where(np.less(upper, lower), 1.0, taken))


def _clip_kink(out: Any, x: Any, lower: Any = None, upper: Any = None) -> Any:
    low = False if lower is None else np.equal(x, lower)
    return np.logical_or(low, False if upper is None else np.equal(x, upper))


def _select(*operands: Any, count: int) -> Any:
    return np.select(list(operands[:count]), list(operands[count:-1]), operands[-1])


def _select_choice(k: int, g: Any, out: Any, *operands: Any, count: int) -> Any:
    if k < count:
        return None
    taken = np.select(list(operands[:count]), list(range(count)), count)
    return np.where(taken == k - count, g, 0.0)


def _choose(index: Any, *choices: Any, mode: str = "raise") -> Any:
    choose: Any = np.choose
    return choose(index, choices, mode=mode)


def _choose_choice(k: int, g: Any, out: Any, index: Any, *choices: Any, mode: str = "raise") -> Any:
    if k == 0:
        return None
    return np.where(_choose(index, *range(len(choices)), mode=mode) == k - 1, g, 0.0)


for _name in ("maximum", "fmax"):
    primitive(
        _name,
        getattr(np, _name),
        lambda g, out, x, y: g * _above(x, y),
        lambda g, out, x, y: g * _above(y, x),
        domain=binary(),
        kink=_tie,
    )
for _name in ("minimum", "fmin"):
    primitive(
        _name,
        getattr(np, _name),
        lambda g, out, x, y: g * _above(y, x),
        lambda g, out, x, y: g * _above(x, y),
        domain=binary(),
        kink=_tie,
    )
primitive(
    "clip",
    _clip,
    _clip_operand,
    _clip_lower,
    _clip_upper,
    domain=samples(
        case((3, 4), -1.0, 1.0),
        case((3, 4), None, 0.5),
        case((3, 4), 0.5),
        case((3, 4), np.full(4, -0.5), np.full((3, 1), 0.7)),
        case((3,), 1.0, -1.0),
        case(float, 0.1, 0.2),
    ),
    kink=_clip_kink,
)
primitive(
    "where",
    np.where,
    None,
    lambda g, out, condition, x, y: np.where(condition, g, 0.0),
    lambda g, out, condition, x, y: np.where(condition, 0.0, g),
    domain=samples(
        case(np.array([True, False, True]), (2, 3), (3,)),
        case(np.array([[1], [0]]), float, (2, 3)),
        case(True, (2,), (2,)),
    ),
)
primitive(
    "select",  # operands: `count` conditions, `count` choices, the default
    _select,
    variadic=_select_choice,
    domain=samples(case(np.array([True, False, False]), np.array([True, True, False]), (3,), (2, 3), float, count=2)),
)
primitive(
    "choose",
    _choose,
    variadic=_choose_choice,
    domain=samples(case(np.array([0, 1, 1]), (3,), (2, 3)), case(np.array([2, 0]), (2,), float, mode="wrap")),
)
