"""Variance, standard deviation and norms."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..domains import case, samples
from ..registry import Domain, primitive
from .axes import count, kept, reduced


def _var(g: Any, out: Any, x: Any, *, axis: Any = None, ddof: float = 0, keepdims: bool = False) -> Any:
    shape = np.shape(x)
    centred = x - np.mean(x, axis=reduced(axis, len(shape)), keepdims=True)
    return kept(g, shape, axis) * 2.0 * centred / (count(shape, axis) - ddof)


def _std(g: Any, out: Any, x: Any, *, axis: Any = None, ddof: float = 0, keepdims: bool = False) -> Any:
    # equal values: the deviation has a corner at 0; the subgradient taken there is 0
    halved = np.where(out == 0.0, 0.0, g / np.where(out == 0.0, 1.0, 2.0 * out))
    return _var(halved, out, x, axis=axis, ddof=ddof)


def _nan_guard(x: Any) -> Any:
    return np.where(x == 0.0, 1.0, x)


def _entrywise(g: Any, out: Any, x: Any, order: float, axis: Any) -> Any:
    """Pull back the vector norm of any order over `axis`; 0 is taken where the norm is 0."""
    x = np.asarray(x, dtype=float)
    g, out = kept(g, x.shape, axis), kept(out, x.shape, axis)
    if order == 2:
        return g * x / _nan_guard(out)
    if order == 1:
        return g * np.sign(x)
    if order == 0:
        return None
    if np.isinf(order):
        there = np.abs(x) == out
        return g * np.sign(x) * there / np.sum(there, axis=reduced(axis, x.ndim), keepdims=True)
    ratio = np.abs(x) / _nan_guard(out)
    return g * np.sign(x) * np.where(ratio == 0.0, 0.0, _nan_guard(ratio) ** (order - 1.0))


def _induced(g: Any, out: Any, x: Any, order: Any, axis: tuple[int, int]) -> Any:
    """Pull back a matrix norm by its singular vectors (2, -2, nuclear) or its largest row or column."""
    x = np.asarray(x, dtype=float)
    matrices = np.moveaxis(x, axis, (-2, -1))
    g = np.reshape(g, (*matrices.shape[:-2], 1, 1))
    if order in (2, -2, "nuc"):
        u, s, vt = np.linalg.svd(matrices, full_matrices=False)
        picked = slice(None) if order == "nuc" else slice(0, 1) if order == 2 else slice(s.shape[-1] - 1, s.shape[-1])
        inner = g * (u[..., :, picked] @ vt[..., picked, :])
    else:
        sums = np.sum(np.abs(matrices), axis=-2 if abs(order) == 1 else -1, keepdims=True)
        best = sums == (np.max if order > 0 else np.min)(sums, axis=(-2, -1), keepdims=True)
        inner = g * np.sign(matrices) * best / np.sum(best, axis=(-2, -1), keepdims=True)
    return np.moveaxis(inner, (-2, -1), axis)


def _norm(g: Any, out: Any, x: Any, *, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    ndim = np.ndim(x)
    if ord is None or ord == "fro":
        return _entrywise(g, out, x, 2.0, axis)
    if axis is None and ndim == 2:
        axis = (0, 1)
    if isinstance(axis, tuple) and len(axis) == 2:
        return _induced(g, out, x, ord, axis)
    return _entrywise(g, out, x, float(ord), axis)


def _vector_norm(x: Any, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> Any:
    axes = reduced(axis, np.ndim(x))
    rows = np.moveaxis(np.asarray(x), axes, range(-len(axes), 0))
    rows = rows.reshape(*rows.shape[: rows.ndim - len(axes)], -1)
    value = np.linalg.norm(rows, ord=ord, axis=-1)
    return kept(value, np.shape(x), axes) if keepdims else value


def _pull_vector_norm(g: Any, out: Any, x: Any, *, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> Any:
    return _entrywise(g, out, x, float(ord), axis)


def _norm_kink(out: Any, x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    return np.any(np.asarray(x) == 0.0) if ord in (1, np.inf, -np.inf) else np.any(np.asarray(out) == 0.0)


def _over_axes() -> Domain:
    return samples(
        case((2, 3)),
        case((2, 3), axis=0),
        case((3, 2), axis=-1, ddof=1, keepdims=True),
        case((2, 3, 2), axis=(0, 2)),
        case((4,), ddof=1),
    )


primitive("var", np.var, _var, domain=_over_axes())
primitive("std", np.std, _std, domain=_over_axes(), kink=lambda out, x, **static: np.any(np.asarray(out) == 0.0))
primitive(
    "linalg.norm",
    np.linalg.norm,
    _norm,
    domain=samples(
        case((3,)),
        case((2, 3)),
        case((2, 3), axis=1),
        case((2, 3), axis=0, keepdims=True),
        case((2, 3), ord="fro"),
        case((3,), ord=1),
        case((2, 3), ord=np.inf, axis=1),
        case((3,), ord=3),
        case((2, 3), ord=2),
        case((3, 2), ord="nuc"),
        case((3, 2), ord=1),
        case((2, 2, 3), ord=-2, axis=(1, 2)),
        case((2, 3), axis=(0, 1)),
    ),
    kink=_norm_kink,
)

primitive(
    "distance",  # math.dist
    lambda x, y: np.sqrt(np.sum(np.square(np.subtract(x, y)))),
    lambda g, out, x, y: g * np.subtract(x, y) / _nan_guard(out),
    lambda g, out, x, y: g * np.subtract(y, x) / _nan_guard(out),
    domain=samples(case((3,), (3,))),
    kink=lambda out, x, y: out == 0.0,
)
primitive(
    "vector-norm",  # np.linalg.vector_norm: over all axes as one vector unless told otherwise
    _vector_norm,
    _pull_vector_norm,
    domain=samples(
        case((2, 3)),
        case((2, 3), axis=1, ord=1),
        case((2, 3, 2), axis=(0, 2), keepdims=True),
        case((2, 3), ord=3),
    ),
    kink=_norm_kink,
)
