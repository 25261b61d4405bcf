"""Largest, smallest, middle and sorted elements.

Ties share the cotangent evenly (see selection.py); `kink` reports them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..domains import case, samples
from ..registry import primitive
from .axes import kept, reduced
from .gathering import numbered, scatter
from .reduction import HOLES, over_axes


def _extreme(g: Any, out: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    best = np.equal(x, kept(out, np.shape(x), axis))
    number = np.sum(best, axis=reduced(axis, np.ndim(x)), keepdims=True)
    return best * (kept(g, np.shape(x), axis) / number)


def _tied(out: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    best = np.equal(x, kept(out, np.shape(x), axis))
    return np.sum(best, axis=reduced(axis, np.ndim(x))) > 1


def _ptp(g: Any, out: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    axes = reduced(axis, np.ndim(x))
    highest, lowest = np.max(x, axis=axes, keepdims=True), np.min(x, axis=axes, keepdims=True)
    return _extreme(g, highest, x, axis) - _extreme(g, lowest, x, axis)


def _ptp_kink(out: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    axes = reduced(axis, np.ndim(x))
    return _tied(np.max(x, axis=axes), x, axis) | _tied(np.min(x, axis=axes), x, axis)


def _quantile_shares(size: int, q: float) -> list[tuple[int, float]]:
    """Return the ranks that a linearly interpolated quantile mixes, with their shares."""
    place = q * (size - 1)
    low = int(np.floor(place))
    return [(low, 1.0 - (place - low)), (min(low + 1, size - 1), place - low)]


def _quantile(g: Any, out: Any, x: Any, q: Any, *, axis: Any = None, keepdims: bool = False) -> Any:
    shape = np.shape(x)
    axes = reduced(axis, len(shape))
    others = tuple(a for a in range(len(shape)) if a not in axes)
    rows = np.transpose(x, others + axes).reshape(*[shape[a] for a in others], -1)
    origins = np.transpose(numbered(shape), others + axes).reshape(rows.shape)
    origins = np.take_along_axis(origins, np.argsort(rows, axis=-1, kind="stable"), axis=-1)
    wanted = np.ravel(q)
    g = np.reshape(g, (wanted.size, *rows.shape[:-1]))
    result = np.zeros(shape)
    for one, fraction in zip(g, wanted, strict=True):
        for rank, share in _quantile_shares(rows.shape[-1], float(fraction)):
            result += scatter(origins[..., rank], one * share, shape)
    return result


def _median(g: Any, out: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return _quantile(g, out, x, 0.5, axis=axis)


def _sort_order(x: Any, axis: Any) -> Any:
    flat = np.ravel(x) if axis is None else np.asarray(x)
    origins = numbered(np.shape(x)).reshape(flat.shape)
    axis = -1 if axis is None else axis
    return np.take_along_axis(origins, np.argsort(flat, axis=axis, kind="stable"), axis=axis)


def _sort(g: Any, out: Any, x: Any, axis: Any = -1) -> Any:
    return scatter(_sort_order(x, axis), g, np.shape(x))


def _partition(g: Any, out: Any, x: Any, kth: Any, axis: Any = -1) -> Any:
    # equal ranks before and after are the same element, whatever order the algorithm chose
    flat, axis = (np.ravel(x), -1) if axis is None else (np.asarray(x), axis)
    ranked = np.take_along_axis(np.asarray(g), np.argsort(out, axis=axis, kind="stable"), axis=axis)
    result = np.empty(flat.shape)
    np.put_along_axis(result, np.argsort(flat, axis=axis, kind="stable"), ranked, axis=axis)
    return result.reshape(np.shape(x))


def _neighbours_tied(out: Any, x: Any, **static: Any) -> Any:
    return np.unique(x).size < np.size(x)


def _unique(g: Any, out: Any, x: Any) -> Any:
    return scatter(np.unique(x, return_index=True)[1], g, np.shape(x))


for _name in ("max", "min"):
    primitive(_name, getattr(np, _name), _extreme, domain=over_axes(), kink=_tied)
for _name in ("nanmax", "nanmin"):
    primitive(_name, getattr(np, _name), _extreme, domain=HOLES, kink=_tied)
primitive("ptp", np.ptp, _ptp, domain=over_axes(), kink=_ptp_kink)
primitive("median", np.median, _median, domain=over_axes(), kink=_neighbours_tied)
primitive(
    "quantile",
    np.quantile,
    _quantile,
    domain=samples(
        case((5,), q=0.3),
        case((2, 5), q=[0.1, 0.55], axis=1),
        case((3, 4), q=0.9, axis=0, keepdims=True),
    ),
    kink=_neighbours_tied,
)
primitive(
    "sort",
    lambda x, axis=-1: np.sort(x, axis=axis),
    _sort,
    domain=samples(case((3, 4)), case((3, 4), axis=0), case((3, 4), axis=None)),
    kink=_neighbours_tied,
)
primitive("unique", np.unique, _unique, domain=samples(case((2, 3))), kink=_neighbours_tied)
primitive(
    "partition",
    lambda x, kth, axis=-1: np.partition(x, kth, axis),
    _partition,
    domain=samples(case((3, 5), kth=2), case((5, 2), kth=1, axis=0), case((2, 3), kth=0, axis=None)),
    kink=_neighbours_tied,
)
