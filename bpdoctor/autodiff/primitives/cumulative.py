"""Running sums and products, and differences."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..domains import case, samples
from ..registry import Domain, primitive


def _backwards(g: Any, axis: int) -> Any:
    return np.flip(np.cumsum(np.flip(g, axis), axis=axis), axis)


def _cumsum(g: Any, out: Any, x: Any, axis: Any = None) -> Any:
    if axis is None:
        return _backwards(np.ravel(g), 0).reshape(np.shape(x))
    return _backwards(g, axis)


def _cumprod(g: Any, out: Any, x: Any, axis: Any = None) -> Any:
    x = np.asarray(x, dtype=float)
    rows = np.ravel(x) if axis is None else np.moveaxis(x, axis, -1)
    g = np.ravel(g) if axis is None else np.moveaxis(g, axis, -1)
    result = np.empty(rows.shape)
    for i in range(rows.shape[-1]):
        # set x_i to 1 in the product: no division, so zeros are no special case
        before = np.prod(rows[..., :i], axis=-1, keepdims=True)
        rest = np.concatenate([np.ones_like(before), rows[..., i + 1 :]], axis=-1)
        result[..., i] = np.sum(g[..., i:] * before * np.cumprod(rest, axis=-1), axis=-1)
    return result.reshape(x.shape) if axis is None else np.moveaxis(result, -1, axis)


def _diff(g: Any, out: Any, x: Any, n: int = 1, axis: int = -1) -> Any:
    for _ in range(n):
        width = [(0, 0)] * np.ndim(g)
        width[axis] = (1, 1)
        g = -np.diff(np.pad(g, width), axis=axis)
    return g


def _along() -> Domain:
    return samples(case((2, 3)), case((2, 3), axis=0), case((2, 3), axis=-1), case((4,)))


primitive("cumsum", np.cumsum, _cumsum, domain=_along())
primitive("cumprod", np.cumprod, _cumprod, domain=_along())
primitive("diff", np.diff, _diff, domain=samples(case((5,)), case((3, 4), axis=0), case((2, 5), n=2)))
