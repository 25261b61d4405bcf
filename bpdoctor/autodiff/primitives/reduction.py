"""Sums, means and products over axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..domains import case, samples
from ..registry import Domain, primitive
from .axes import count, kept, reduced


def over_axes(low: float = -2.0, high: float = 2.0) -> Domain:
    """Return samples with every kind of axis argument."""
    return samples(
        case((2, 3)),
        case((2, 3), axis=0),
        case((2, 3), axis=-1, keepdims=True),
        case((2, 3, 2), axis=(0, -1)),
        case((2, 3, 2), axis=None, keepdims=True),
        case((4,)),
        case(float),
        low=low,
        high=high,
    )


def _sum(g: Any, out: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return np.broadcast_to(kept(g, np.shape(x), axis), np.shape(x))


def _mean(g: Any, out: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    shape = np.shape(x)
    return np.broadcast_to(kept(g, shape, axis) / count(shape, axis), shape)


def _prod(g: Any, out: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    # the product of all the others, from both sides: dividing by x would fail where x is 0
    x = np.asarray(x, dtype=float)
    axes = reduced(axis, x.ndim)
    moved = np.moveaxis(x, axes, range(-len(axes), 0)) if axes else x[..., None]
    flat = moved.reshape((*moved.shape[: moved.ndim - max(len(axes), 1)], -1))
    ones = np.ones_like(flat[..., :1])
    before = np.cumprod(np.concatenate([ones, flat[..., :-1]], axis=-1), axis=-1)
    after = np.cumprod(np.concatenate([ones, flat[..., :0:-1]], axis=-1), axis=-1)[..., ::-1]
    others = (before * after).reshape(moved.shape)
    others = np.moveaxis(others, range(-len(axes), 0), axes) if axes else others[..., 0]
    return kept(g, x.shape, axis) * others


def _nansum(g: Any, out: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return np.where(np.isnan(x), 0.0, kept(g, np.shape(x), axis))


def _nanmean(g: Any, out: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    there = ~np.isnan(x)
    number = np.sum(there, axis=reduced(axis, np.ndim(x)), keepdims=True)
    return np.where(there, kept(g, np.shape(x), axis) / number, 0.0)


def _average(x: Any, weights: Any, axis: Any = None, keepdims: bool = False) -> Any:
    average: Any = np.average
    return average(x, axis=axis, weights=weights, keepdims=keepdims)


def _weights_like(x: Any, weights: Any, axis: Any) -> Any:
    # a vector of weights lies along the one axis it averages
    if np.shape(weights) == np.shape(x):
        return np.asarray(weights, dtype=float)
    shape = [1] * np.ndim(x)
    for position, a in enumerate(axis if isinstance(axis, tuple) else (axis,)):
        shape[a] = np.shape(weights)[position]
    return np.reshape(np.asarray(weights, dtype=float), shape)


def _average_operand(g: Any, out: Any, x: Any, weights: Any, *, axis: Any = None, keepdims: bool = False) -> Any:
    w = np.broadcast_to(_weights_like(x, weights, axis), np.shape(x))
    total = np.sum(w, axis=reduced(axis, np.ndim(x)), keepdims=True)
    return kept(g, np.shape(x), axis) * w / total


def _average_weights(g: Any, out: Any, x: Any, weights: Any, *, axis: Any = None, keepdims: bool = False) -> Any:
    like = _weights_like(x, weights, axis)
    total = np.sum(np.broadcast_to(like, np.shape(x)), axis=reduced(axis, np.ndim(x)), keepdims=True)
    shape = np.shape(x)
    full = kept(g, shape, axis) * (x - kept(out, shape, axis)) / total
    stretched = tuple(i for i, n in enumerate(like.shape) if n == 1 and shape[i] != 1)
    return np.sum(full, axis=stretched).reshape(np.shape(weights)) if stretched else full.reshape(np.shape(weights))


def _array_sum(g: Any, out: Any, x: Any, start: Any = 0) -> Any:
    return np.broadcast_to(g, np.shape(x))


HOLES = samples(
    case(np.array([[1.0, np.nan, 2.0], [0.5, 3.0, np.nan]])),
    case(np.array([[1.0, np.nan, 2.0], [0.5, 3.0, np.nan]]), axis=1, keepdims=True),
    case((2, 3), axis=0),
)

primitive("sum", np.sum, _sum, domain=over_axes())
primitive("mean", np.mean, _mean, domain=over_axes())
primitive("prod", np.prod, _prod, domain=over_axes())
primitive("nansum", np.nansum, _nansum, domain=HOLES)
primitive("nanmean", np.nanmean, _nanmean, domain=HOLES)
primitive(
    "average",
    _average,
    _average_operand,
    _average_weights,
    domain=samples(
        case((2, 3), (2, 3)),
        case((2, 3), (3,), axis=1),
        case((2, 3), (2,), axis=0, keepdims=True),
        case((4,), (4,), axis=-1),
        low=0.2,
    ),
)
primitive(
    "array-sum",  # the built-in sum(): over the first axis, in order, from `start`
    lambda x, start=0: sum(x, start),
    _array_sum,
    lambda g, out, x, start=0: g,
    domain=samples(case((4,)), case((3, 2)), case((4,), float), case((3, 2), (2,))),
)
