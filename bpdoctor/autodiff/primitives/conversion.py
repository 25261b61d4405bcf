"""Making arrays out of numbers, lists and other arrays."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from ..domains import case, samples
from ..registry import primitive
from .joining import nested


@lru_cache(maxsize=256)
def _paths(structure: Any) -> list[tuple[int, ...]]:
    """Return the index of each leaf in the array, in the order of the leaves."""
    if structure is None:
        return [()]
    if isinstance(structure, int):
        return [(i,) for i in range(structure)]
    return [(i, *rest) for i, part in enumerate(structure) for rest in _paths(part)]


def _array(*leaves: Any, structure: Any = None, dtype: Any = None, ndmin: int = 0) -> Any:
    return np.array(nested(leaves, structure), dtype=dtype, ndmin=ndmin)


def _leaf(k: int, g: Any, out: Any, *leaves: Any, structure: Any = None, dtype: Any = None, ndmin: int = 0) -> Any:
    if dtype is not None and not np.issubdtype(dtype, np.inexact):
        return None
    path = _paths(structure)[k]
    added = np.ndim(g) - len(path) - np.ndim(leaves[k])  # axes that ndmin put in front
    return np.reshape(g[(0,) * added + path], np.shape(leaves[k]))


def _cast(g: Any, out: Any, x: Any, dtype: Any = float) -> Any:
    return np.reshape(g, np.shape(x)) if np.issubdtype(dtype, np.inexact) else None


primitive(
    # operands: the leaves of a nested list, flat; structure: see joining.nested
    "array",
    _array,
    variadic=_leaf,
    domain=samples(
        case(float, float, structure=2),
        case(float, float, float, float, structure=(2, 2)),
        case((2,), (2,), structure=2),
        case((2,), float, float, structure=(None, 2)),
        case((2, 3), structure=None),
        case(float, float, structure=2, ndmin=2),
        case(float, structure=None, dtype=float, ndmin=1),
    ),
)
primitive(
    "astype",
    lambda x, dtype: np.asarray(x).astype(dtype),
    _cast,
    domain=samples(case((2, 3), dtype=np.float64), case((2,), dtype=float)),
)
for _name in ("copy", "asarray", "ascontiguousarray"):
    primitive(
        _name,
        getattr(np, _name),
        lambda g, out, x: np.reshape(g, np.shape(x)),
        domain=samples(case((2, 3)), case(())),
    )
primitive(
    "matrix",
    np.asmatrix,
    lambda g, out, x: np.reshape(g, np.shape(x)),
    domain=samples(case((2, 3)), case((3,))),
)
