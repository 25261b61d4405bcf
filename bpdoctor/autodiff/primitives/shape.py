"""Functions that rearrange the elements of one array."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..domains import case, samples
from ..registry import primitive
from .gathering import pullback


def _transpose(g: Any, out: Any, x: Any, axes: Any = None) -> Any:
    return np.transpose(g, None if axes is None else np.argsort([a % np.ndim(x) for a in axes]))


def _reshape(g: Any, out: Any, x: Any, order: str = "C", **static: Any) -> Any:
    # "A" and "K" read the memory layout of x, which only moving the elements themselves repeats
    if order in "CF":
        return np.reshape(g, np.shape(x), order=order)  # type: ignore[call-overload]
    origins = np.empty_like(x, dtype=int)
    origins[...] = np.arange(np.size(x)).reshape(np.shape(x))
    result = np.empty(np.size(x))
    ravel: Any = np.ravel
    result[ravel(origins, order=order)] = np.ravel(g)
    return result.reshape(np.shape(x))


def _same_elements(g: Any, out: Any, x: Any, *rest: Any, **static: Any) -> Any:
    return np.reshape(g, np.shape(x))


def _broadcast_to(g: Any, out: Any, x: Any, shape: Any) -> Any:
    return g  # the table sums over stretched axes


def _moved(g: Any, out: Any, x: Any, source: Any, destination: Any) -> Any:
    return np.moveaxis(g, destination, source)


def _tile(x: Any, reps: Any) -> Any:
    return np.tile(x, reps)


def _window(x: Any, window_shape: Any, axis: Any = None) -> Any:
    return np.lib.stride_tricks.sliding_window_view(x, window_shape, axis=axis)


def offsets(shape: tuple[int, ...], strides: tuple[int, ...]) -> Any:
    """Return how many bytes after the first each element of an array lies."""
    total = np.zeros((), dtype=int)
    for n, stride in zip(shape, strides, strict=True):
        total = np.add.outer(total, np.arange(n) * stride)
    return total


def _as_strided(x: Any, shape: Any, strides: Any, layout: Any) -> Any:
    # `layout` holds the strides that x had in the program: a copy of x on the tape may have others
    own = offsets(np.shape(x), layout).ravel()
    order = np.argsort(own, kind="stable")
    wanted = offsets(shape, strides)
    origins = order[np.minimum(np.searchsorted(own[order], wanted), own.size - 1)]
    if not np.array_equal(own[origins], wanted):
        raise ValueError("as_strided reads memory outside its operand")
    return np.ravel(x)[origins]


def _delete(x: Any, obj: Any, axis: Any = None) -> Any:
    return np.delete(x, obj, axis=axis)


primitive(
    "transpose",
    np.transpose,
    _transpose,
    domain=samples(case((2, 3)), case((2, 3, 4), axes=(1, -1, 0)), case((3,))),
)
primitive(
    "swapaxes",
    np.swapaxes,
    lambda g, out, x, axis1, axis2: np.swapaxes(g, axis1, axis2),
    domain=samples(case((2, 3, 4), axis1=0, axis2=-1)),
)
primitive(
    "moveaxis",
    np.moveaxis,
    _moved,
    domain=samples(case((2, 3, 4), source=0, destination=-1), case((2, 3, 4), source=(0, 1), destination=(2, 0))),
)
primitive(
    "rollaxis",
    np.rollaxis,
    pullback(np.rollaxis),
    domain=samples(case((2, 3, 4), axis=2), case((2, 3, 4), axis=0, start=2)),
)
primitive(
    "reshape",
    lambda x, shape, order="C": np.reshape(x, shape, order=order),
    _reshape,
    domain=samples(case((2, 6), shape=(3, -1)), case((2, 6), shape=(4, 3), order="F"), case((2, 6), shape=12)),
)
primitive(
    "ravel",
    np.ravel,
    _reshape,
    domain=samples(case((2, 3)), case((2, 3), order="F"), case((2, 3), order="K")),
)
primitive(
    "flatten",
    lambda x, order="C": np.asanyarray(x).flatten(order),
    _reshape,
    domain=samples(case((2, 3)), case((2, 3), order="F")),
)
primitive("squeeze", np.squeeze, _same_elements, domain=samples(case((1, 3, 1)), case((1, 3, 1), axis=0)))
primitive(
    "expand_dims",
    np.expand_dims,
    _same_elements,
    domain=samples(case((2, 3), axis=1), case((3,), axis=(0, 2))),
)
for _name in ("atleast_1d", "atleast_2d", "atleast_3d"):
    primitive(_name, getattr(np, _name), _same_elements, domain=samples(case((3,)), case((2, 3)), case(float)))
primitive(
    "broadcast_to",
    np.broadcast_to,
    _broadcast_to,
    domain=samples(case((3,), shape=(2, 3)), case((2, 1), shape=(2, 3)), case(float, shape=(2,))),
)
primitive(
    "full",  # np.full(shape, value)
    lambda value, shape: np.full(shape, value),
    _broadcast_to,
    domain=samples(case(float, shape=(2, 2)), case((3,), shape=(2, 3)), case(float, shape=3)),
)
primitive(
    "roll",
    np.roll,
    pullback(np.roll),
    domain=samples(case((2, 3), shift=1), case((3, 3), shift=-1, axis=1), case((3, 3), shift=(1, 2), axis=(0, 1))),
)
primitive(
    "flip",
    np.flip,
    lambda g, out, x, axis=None: np.flip(g, axis),
    domain=samples(case((2, 3)), case((2, 3), axis=1)),
)
primitive("fliplr", np.fliplr, lambda g, out, x: np.fliplr(g), domain=samples(case((2, 3))))
primitive("flipud", np.flipud, lambda g, out, x: np.flipud(g), domain=samples(case((2, 3))))
primitive(
    "rot90",
    np.rot90,
    pullback(np.rot90),
    domain=samples(case((2, 3)), case((2, 3), k=-1), case((2, 3, 2), k=3, axes=(1, 2))),
)
primitive(
    "repeat",
    np.repeat,
    pullback(np.repeat),
    domain=samples(case((2, 3), repeats=2), case((2, 3), repeats=[1, 0, 2], axis=1), case(float, repeats=3)),
)
primitive(
    "tile",
    _tile,
    pullback(_tile),
    domain=samples(case((2, 3), reps=2), case((3,), reps=(2, 2)), case(float, reps=(2, 1))),
)
primitive(
    "delete",
    _delete,
    pullback(_delete),
    domain=samples(case((2, 3), obj=1), case((2, 3), obj=[0, 2], axis=1)),
)
primitive("resize", np.resize, pullback(np.resize), domain=samples(case((2, 3), new_shape=(4, 4))))
primitive(
    "sliding_window_view",
    _window,
    pullback(_window),
    domain=samples(case((5,), window_shape=3), case((3, 4), window_shape=(2, 2)), case((3, 4), window_shape=2, axis=1)),
)


def _grid(x: Any, place: int, shape: Any) -> Any:
    along = [1] * len(shape)
    along[place] = -1
    return np.broadcast_to(np.reshape(x, along), shape)


primitive(
    "grid",  # one of the arrays that np.meshgrid returns
    _grid,
    pullback(_grid),
    domain=samples(case((3,), place=1, shape=(2, 3)), case(float, place=0, shape=(1, 2))),
)
primitive(
    "matrix_transpose",
    lambda x: np.swapaxes(x, -1, -2),
    lambda g, out, x: np.swapaxes(g, -1, -2),
    domain=samples(case((2, 3)), case((2, 3, 4))),
)
primitive(
    "as_strided",
    _as_strided,
    pullback(_as_strided),
    domain=samples(
        case((5,), shape=(3, 3), strides=(8, 8), layout=(8,)),
        case((4, 4), shape=(2, 2, 2, 2), strides=(64, 16, 32, 8), layout=(32, 8)),
        case((2, 3), shape=(3, 2), strides=(16, 8), layout=(8, 16)),
    ),
)
