"""The derivative of any function that only moves elements, found by moving their numbers.

Apply the function to an array of element numbers instead of values: the result says where each
output element came from, and the vector-Jacobian product adds every cotangent up at its origin.
Correct by construction for repeats, reversals, windows and every kind of index.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def scatter(origins: Any, g: Any, shape: tuple[int, ...]) -> Any:
    """Add the elements of `g` up at the flat positions `origins` of an array of `shape`."""
    size = int(np.prod(shape))
    flat = np.asarray(origins).ravel()
    g = np.broadcast_to(g, np.shape(origins)).ravel()
    return np.bincount(flat, weights=g, minlength=size).reshape(shape)


def numbered(shape: tuple[int, ...], start: int = 0) -> Any:
    """Return an array of `shape` that holds the numbers of its own elements."""
    size = int(np.prod(shape))
    return np.arange(start, start + size).reshape(shape)


def pullback(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the vjp of ``function(x, **static)``, which moves, repeats or drops elements of x."""

    def vjp(g: Any, out: Any, x: Any, **static: Any) -> Any:
        return scatter(function(numbered(np.shape(x)), **static), g, np.shape(x))

    return vjp


def joint_pullback(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the variadic vjp of a function that moves elements of several operands into one array."""

    def vjp(k: int, g: Any, out: Any, *operands: Any, **static: Any) -> Any:
        # number 0 stands for "from another operand" and is dropped at the end
        numbers = [numbered(np.shape(x), 1) if i == k else np.zeros(np.shape(x), int) for i, x in enumerate(operands)]
        shape = np.shape(operands[k])
        size = int(np.prod(shape))
        return scatter(function(*numbers, **static), g, (size + 1,))[1:].reshape(shape)

    return vjp
