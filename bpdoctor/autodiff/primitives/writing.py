"""Writes in place, as functions from the old content to the new.

`x` is the content before the write; the primitive's value is the whole array afterwards.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..domains import case, samples
from ..registry import primitive, unbroadcast
from .indexing import KEYS, is_basic


def _setitem(x: Any, value: Any, key: Any) -> Any:
    new = np.array(x)
    if np.iscomplexobj(value) and not np.iscomplexobj(new):
        new = new.astype(complex)
    new[key] = value
    return new


def _overwritten(g: Any, out: Any, x: Any, value: Any, key: Any) -> Any:
    result = np.array(g, dtype=float)
    result[key] = 0.0
    return result


def _fitted(g: Any, value: Any) -> Any:
    # an assignment also drops leading axes of length one from the value
    shape = np.shape(value)
    spare = len(shape) - np.ndim(g)
    return unbroadcast(g, shape[spare:] if spare > 0 else shape).reshape(shape)


def _written(g: Any, out: Any, x: Any, value: Any, key: Any) -> Any:
    g = np.asarray(g)
    if np.asarray(out).dtype in (np.int32, np.int64) and np.asarray(value).dtype.kind == "f":
        return np.zeros(np.shape(value))  # cut to whole numbers: a step. Shorter ones are what is quantised on purpose.
    if is_basic(key):
        return _fitted(np.asarray(g[key]), value)
    # where a key repeats an element the last write wins: let NumPy itself say who wrote what
    shape = np.shape(g[key])
    writer = np.zeros(g.shape, dtype=int)
    writer[key] = np.arange(1, int(np.prod(shape)) + 1).reshape(shape)
    total = np.bincount(writer.ravel(), weights=g.ravel(), minlength=int(np.prod(shape)) + 1)
    return _fitted(total[1:].reshape(shape), value)


def _accumulate(x: Any, value: Any, key: Any, sign: float) -> Any:
    new = np.array(x)
    if np.iscomplexobj(value) and not np.iscomplexobj(new):
        new = new.astype(complex)
    np.add.at(new, key, sign * np.asarray(value))
    return new


def _put(x: Any, value: Any, indices: Any, mode: str = "raise") -> Any:
    new = np.array(x, dtype=np.result_type(x, np.asarray(value)))
    put: Any = np.put
    put(new, indices, value, mode=mode)
    return new


def _put_along_axis(x: Any, value: Any, indices: Any, axis: Any) -> Any:
    new = np.array(x, dtype=np.result_type(x, np.asarray(value)))
    np.put_along_axis(new, indices, value, axis)
    return new


def _fill_diagonal(x: Any, value: Any, wrap: bool = False) -> Any:
    new = np.array(x, dtype=np.result_type(x, np.asarray(value)))
    np.fill_diagonal(new, value, wrap)
    return new


def _copyto(x: Any, value: Any, where: Any = True) -> Any:
    return np.where(where, value, x)


def _masked(writer: Any) -> Any:
    """Return np.place or np.putmask as a function from old content to new; they repeat short values."""

    def write(x: Any, value: Any, mask: Any) -> Any:
        new = np.array(x, dtype=np.result_type(x, np.asarray(value)))
        writer(new, mask, value)
        return new

    return write


def _unknown(k: int, g: Any, out: Any, x: Any, value: Any, **static: Any) -> Any:
    raise NotImplementedError(f"the derivative of np.{static['name']}.at")


def _ufunc_at(x: Any, value: Any, key: Any, name: str) -> Any:
    new = np.array(x)
    getattr(np, name).at(new, key, value)
    return new


def _old_content(function: Any) -> Any:
    """Return the vjp for the old content: what the write left standing."""

    def vjp(g: Any, out: Any, x: Any, value: Any, **static: Any) -> Any:
        standing = function(np.ones(np.shape(x)), np.zeros(np.shape(value)), **static)
        return np.where(standing == 1.0, g, 0.0)

    return vjp


def _new_values(function: Any) -> Any:
    """Return the vjp for the written values: write their numbers and see where they end."""

    def vjp(g: Any, out: Any, x: Any, value: Any, **static: Any) -> Any:
        size = int(np.prod(np.shape(value)))
        numbers = np.arange(1, size + 1).reshape(np.shape(value))
        writer = function(np.zeros(np.shape(x), dtype=int), numbers, **static)
        total = np.bincount(np.ravel(writer), weights=np.ravel(g), minlength=size + 1)
        return total[1:].reshape(np.shape(value))

    return vjp


def _shuffled(g: Any, out: Any, x: Any, axis: int = 0) -> Any:
    """Find the permutation by comparing rows before and after; equal rows are interchangeable."""
    before = np.moveaxis(np.asarray(x), axis, 0).reshape(np.shape(x)[axis], -1)
    after = np.moveaxis(np.asarray(out), axis, 0).reshape(before.shape)
    if not before.shape[1]:
        return None
    order = np.empty(len(before), dtype=int)
    order[np.lexsort(before.T)] = np.lexsort(after.T)
    if not np.array_equal(after[order], before, equal_nan=True):
        raise ValueError("the result is no permutation of the operand")
    return np.take(g, order, axis=axis)


primitive(
    "setitem",
    _setitem,
    _overwritten,
    _written,
    domain=samples(
        *[case((2, 3), float, key=k) for k in KEYS],
        case((2, 3), (3,), key=slice(None)),
        case((2, 3), (2, 1), key=(slice(None), slice(1, None))),
        case((4,), (3,), key=[1, 1, 2]),
        case((2, 3), (1, 3), key=0),
        case((2, 3), (2,), key=np.array([[True, False, False], [False, False, True]])),
    ),
)
primitive(
    "add_at",
    lambda x, value, key: _accumulate(x, value, key, 1.0),
    lambda g, out, x, value, key: g,
    lambda g, out, x, value, key: _fitted(np.asarray(g[key]), value),
    domain=samples(
        case((4,), (3,), key=[1, 1, 2]),
        case((2, 3), float, key=(slice(None), [0, 0])),
        case((2, 3), (3,), key=0),
    ),
)
primitive(
    "subtract_at",
    lambda x, value, key: _accumulate(x, value, key, -1.0),
    lambda g, out, x, value, key: g,
    lambda g, out, x, value, key: -_fitted(np.asarray(g[key]), value),
    domain=samples(case((4,), (3,), key=[1, 1, 2])),
)
primitive(
    "put",
    _put,
    _old_content(_put),
    _new_values(_put),
    domain=samples(
        case((2, 3), (2,), indices=[1, 4, 5]), case((4,), float, indices=2), case((4,), (2,), indices=[1, 1])
    ),
)
primitive(
    "put_along_axis",
    _put_along_axis,
    _old_content(_put_along_axis),
    _new_values(_put_along_axis),
    domain=samples(
        case((2, 3), float, indices=np.array([[2], [0]]), axis=1),
        case((2, 3), (2, 1), indices=np.array([[2], [0]]), axis=1),
    ),
)
primitive(
    "fill_diagonal",
    _fill_diagonal,
    _old_content(_fill_diagonal),
    _new_values(_fill_diagonal),
    domain=samples(case((3, 3), float), case((3, 3), (3,))),
)
primitive(
    "copyto",
    _copyto,
    lambda g, out, x, value, where=True: np.where(where, 0.0, g),
    lambda g, out, x, value, where=True: np.where(where, g, 0.0),
    domain=samples(case((2, 3), (3,)), case((2, 3), float, where=np.array([True, False, True]))),
)
primitive(
    "fill",
    lambda x, value: np.full(np.shape(x), value),
    None,
    lambda g, out, x, value: np.sum(g),
    domain=samples(case((2, 3), float)),
)
primitive(
    # The permutation is drawn inside the call; `function` stands in with a reversal, and the vjp
    # reads the true one off the values before and after.
    "shuffle",
    lambda x, axis=0: np.flip(x, axis),
    _shuffled,
    domain=samples(case((4,)), case((3, 2)), case((2, 3), axis=1)),
)
for _writer in (np.place, np.putmask):
    _write = _masked(_writer)
    primitive(
        _writer.__name__,
        _write,
        _old_content(_write),
        _new_values(_write),
        domain=samples(
            case((2, 3), (2,), mask=np.array([[True, False, True], [False, True, True]])),
            case((4,), (1,), mask=np.array([True, False, True, False])),
        ),
    )
primitive(
    # A write must not go unseen, even where its derivative is not known: pulling back raises.
    "ufunc-at",
    _ufunc_at,
    variadic=_unknown,
    domain=lambda rng: [],
)
