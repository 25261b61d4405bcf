"""Reading elements: every kind of index.

Where a key repeats an element, its cotangents add up.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..domains import case, samples
from ..registry import primitive
from .gathering import pullback


def is_basic(key: Any) -> bool:
    """Tell whether a key only slices, so that no element can appear twice."""
    parts = key if isinstance(key, tuple) else (key,)
    return all(p is None or p is Ellipsis or type(p) is int or isinstance(p, (slice, np.integer)) for p in parts)


def _getitem(g: Any, out: Any, x: Any, key: Any) -> Any:
    x = np.asarray(x)
    if is_basic(key):
        result = np.zeros(x.shape)
        result[key] = np.reshape(g, np.shape(result[key]))
        return result
    # bincount adds repeated elements up, several times faster than np.add.at
    origins = np.arange(x.size).reshape(x.shape)[key]
    return np.bincount(np.ravel(origins), weights=np.ravel(g), minlength=x.size).reshape(x.shape)


def _take(x: Any, indices: Any, axis: Any = None, mode: str = "raise") -> Any:
    return np.take(x, indices, axis=axis, mode=mode)  # type: ignore[call-overload]


def _along(x: Any, indices: Any, axis: Any = -1) -> Any:
    return np.take_along_axis(x, indices, axis)


def _compress(x: Any, condition: Any, axis: Any = None) -> Any:
    return np.compress(condition, x, axis=axis)


def _extract(x: Any, condition: Any) -> Any:
    return np.extract(condition, x)


def _diagonal(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    return np.diagonal(x, offset, axis1, axis2)


def _array_diagonal(x: Any, offset: int = 0) -> Any:
    return np.diagonal(x, offset, -2, -1)


def _item(x: Any, index: tuple[Any, ...] = ()) -> Any:
    return np.asarray(x).item(*index)


def _pull_item(g: Any, out: Any, x: Any, index: tuple[Any, ...] = ()) -> Any:
    result = np.zeros(np.shape(x))
    place = index if len(index) != 1 or isinstance(index[0], tuple) else np.unravel_index(index[0], result.shape)
    result[place[0] if len(index) == 1 and isinstance(index[0], tuple) else place] = g
    return result


KEYS = (
    1,
    -1,
    slice(None, None, -1),
    (0, slice(1, None)),
    (Ellipsis, 0),
    (slice(None), None, 1),
    ([0, 1, 1], [2, 0, 0]),
    [1, 0, 1],
    (slice(None), [0, 0, 2]),
    (np.array([[0, 1], [1, 1]]),),
    np.array([True, False]),
    np.array([[True, False, True], [False, True, True]]),
    np.ix_([0, 1], [2, 0]),
    (1, 2),
    (slice(None), np.array([True, False, True])),
    Ellipsis,
    (),
)

primitive("getitem", lambda x, key: x[key], _getitem, domain=samples(*[case((2, 3), key=k) for k in KEYS]))
primitive(
    "take",
    _take,
    pullback(_take),
    domain=samples(
        case((2, 3), indices=[0, 4, 4]),
        case((2, 3), indices=[[2, -1]], axis=1),
        case((4,), indices=7, mode="wrap"),
    ),
)
primitive(
    "take_along_axis",
    _along,
    pullback(_along),
    domain=samples(
        case((2, 3), indices=np.array([[2], [0]]), axis=1),
        case((4,), indices=np.array([1, 1]), axis=0),
        case((2, 2), indices=np.array([3, 3]), axis=None),
    ),
)
primitive(
    "array-diagonal",  # np.linalg.diagonal: the last two axes
    _array_diagonal,
    pullback(_array_diagonal),
    domain=samples(case((3, 3)), case((2, 2, 3), offset=1)),
)
primitive(
    "compress",
    _compress,
    pullback(_compress),
    domain=samples(case((2, 3), condition=[True, False, True], axis=1)),
)
primitive("extract", _extract, pullback(_extract), domain=samples(case((2,), condition=np.array([True, False]))))
primitive(
    "diagonal",
    _diagonal,
    pullback(_diagonal),
    domain=samples(case((3, 3)), case((2, 3), offset=1), case((2, 3, 2), axis1=0, axis2=2)),
)
primitive(
    "item",
    _item,
    _pull_item,
    domain=samples(
        case((1,)),
        case((2, 3), index=(4,)),
        case((2, 3), index=(1, 2)),
        case((2, 3), index=((0, 1),)),
        case(float),
    ),
)
