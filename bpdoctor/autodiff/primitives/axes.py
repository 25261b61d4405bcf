"""Axis arguments: int, tuple, None and negatives, in one form."""

from __future__ import annotations

from typing import Any

import numpy as np


def reduced(axis: Any, ndim: int) -> tuple[int, ...]:
    """Return the reduced axes as a sorted tuple of non-negative numbers."""
    if axis is None:
        return tuple(range(ndim))
    axes = axis if isinstance(axis, (tuple, list)) else (axis,)
    return tuple(sorted(int(a) % ndim for a in axes)) if ndim else ()


def kept(value: Any, shape: tuple[int, ...], axis: Any) -> Any:
    """Reshape a reduction's value (or its cotangent) so that it broadcasts against the operand."""
    axes = reduced(axis, len(shape))
    return np.reshape(value, tuple(1 if i in axes else n for i, n in enumerate(shape)))


def count(shape: tuple[int, ...], axis: Any) -> int:
    """Return how many elements are reduced into one."""
    return int(np.prod([shape[a] for a in reduced(axis, len(shape))]))
