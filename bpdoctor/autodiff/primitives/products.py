"""Bilinear products: matmul and its kin, all of them special cases of einsum."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..domains import case, samples
from ..registry import primitive, unbroadcast
from .einsum import pull_einsum

LETTERS = "abcdefghijklmnopqrstuvw"


def _flat(k: int, g: Any, x: Any, y: Any) -> Any:
    """The pullback of a product of vectors and matrices, one of them a vector."""
    if np.ndim(x) == 1 and np.ndim(y) == 1:
        return g * np.asarray(y if k == 0 else x, dtype=float)
    if np.ndim(x) == 1:
        return np.asarray(y) @ g if k == 0 else np.multiply.outer(x, g)
    return np.multiply.outer(g, y) if k == 0 else g @ np.asarray(x)


def _matmul_left(g: Any, out: Any, x: Any, y: Any) -> Any:
    if np.ndim(x) == 2 and np.ndim(y) == 2:
        return g @ np.transpose(y)
    if 0 < np.ndim(x) <= 2 and 0 < np.ndim(y) <= 2:
        return _flat(0, g, x, y)
    return pull_einsum(0, g, (x, y), _matmul_subscripts(x, y))


def _matmul_right(g: Any, out: Any, x: Any, y: Any) -> Any:
    if np.ndim(x) == 2 and np.ndim(y) == 2:
        return np.transpose(x) @ g
    if 0 < np.ndim(x) <= 2 and 0 < np.ndim(y) <= 2:
        return _flat(1, g, x, y)
    return pull_einsum(1, g, (x, y), _matmul_subscripts(x, y))


def _matmul_subscripts(x: Any, y: Any) -> str:
    first = "z" if np.ndim(x) == 1 else "...xz"
    second = "z" if np.ndim(y) == 1 else "...zy"
    result = "..." + ("" if np.ndim(x) == 1 else "x") + ("" if np.ndim(y) == 1 else "y")
    return f"{first},{second}->{result if '...' in first + second else result[3:]}"


def _dot_subscripts(x: Any, y: Any) -> str:
    first, second = LETTERS[: np.ndim(x) - 1], LETTERS[np.ndim(x) : np.ndim(x) + np.ndim(y) - 1]
    right = second[:-1] + "z" + second[-1] if np.ndim(y) > 1 else "z"
    return f"{first}z,{right}->{first}{second}"


def _dot(k: int) -> Any:
    def vjp(g: Any, out: Any, x: Any, y: Any) -> Any:
        if np.ndim(x) == 0 or np.ndim(y) == 0:
            return g * (y if k == 0 else x)
        if np.ndim(x) == 2 and np.ndim(y) == 2:
            return g @ np.transpose(y) if k == 0 else np.transpose(x) @ g
        if np.ndim(x) <= 2 and np.ndim(y) <= 2:
            return _flat(k, g, x, y)
        return pull_einsum(k, g, (x, y), _dot_subscripts(x, y))

    return vjp


def _inner(k: int) -> Any:
    def vjp(g: Any, out: Any, x: Any, y: Any) -> Any:
        if np.ndim(x) == 0 or np.ndim(y) == 0:
            return g * (y if k == 0 else x)
        first, second = LETTERS[: np.ndim(x) - 1], LETTERS[np.ndim(x) : np.ndim(x) + np.ndim(y) - 1]
        return pull_einsum(k, g, (x, y), f"{first}z,{second}z->{first}{second}")

    return vjp


def _outer(k: int) -> Any:
    def vjp(g: Any, out: Any, x: Any, y: Any) -> Any:
        result = g @ np.ravel(y) if k == 0 else np.ravel(x) @ g
        return np.reshape(result, np.shape((x, y)[k]))

    return vjp


def _tensordot(k: int) -> Any:
    def vjp(g: Any, out: Any, x: Any, y: Any, axes: Any = 2) -> Any:
        if isinstance(axes, (int, np.integer)):
            left: list[int] = list(range(np.ndim(x) - int(axes), np.ndim(x)))
            right: list[int] = list(range(int(axes)))
        else:
            left, right = (list(np.atleast_1d(a)) for a in axes)
        first = list(LETTERS[: np.ndim(x)])
        second = list(LETTERS[np.ndim(x) : np.ndim(x) + np.ndim(y)])
        for i, j in zip(left, right, strict=True):
            second[j] = first[i]
        free = [c for c in first if c not in second] + [c for c in second if c not in first]
        return pull_einsum(k, g, (x, y), f"{''.join(first)},{''.join(second)}->{''.join(free)}")

    return vjp


def _kron(k: int) -> Any:
    def vjp(g: Any, out: Any, x: Any, y: Any) -> Any:
        ndim = max(np.ndim(x), np.ndim(y))
        sizes = [(1,) * (ndim - np.ndim(a)) + np.shape(a) for a in (x, y)]
        blocks = np.reshape(g, [n for pair in zip(*sizes, strict=True) for n in pair])
        other = np.reshape((y, x)[k], [n for size in sizes[1 - k] for n in ((1, size) if k == 0 else (size, 1))])
        summed = np.sum(blocks * other, axis=tuple(range(1 - k, 2 * ndim, 2)))
        return np.reshape(summed, np.shape((x, y)[k]))

    return vjp


def _cross(k: int) -> Any:
    cross: Any = np.cross

    def vjp(g: Any, out: Any, x: Any, y: Any, **axes: Any) -> Any:
        # bilinear: the cotangent of each component is g against the product of its unit vector
        given = axes.get("axis")
        place: Any = axes.get(AB[k], -1) if given is None else given
        last: Any = axes.get("axisc", -1) if given is None else given
        rows = np.moveaxis(np.asarray((x, y)[k], dtype=float), place, -1)
        result = np.empty(rows.shape)
        for i in range(rows.shape[-1]):
            unit = np.zeros(rows.shape)
            unit[..., i] = 1.0
            pair = [x, y]
            pair[k] = np.moveaxis(unit, -1, place)
            value = cross(*pair, **axes)
            planar = np.shape(x)[-1] == 2 and np.ndim(value) < max(np.ndim(x), np.ndim(y))
            result[..., i] = unbroadcast(g * value if planar else np.sum(g * value, axis=last), rows.shape[:-1])
        return np.moveaxis(result, -1, place)

    return vjp


AB = ("axisa", "axisb")


def _vecdot(x: Any, y: Any, axis: int = -1) -> Any:
    return np.sum(np.multiply(x, y), axis=axis)


def _pull_vecdot(k: int) -> Any:
    return lambda g, out, x, y, axis=-1: np.expand_dims(g, axis) * (x, y)[1 - k]


PAIRS = (
    ((2, 3), (3, 4)),
    ((3,), (3,)),
    ((2, 3), (3,)),
    ((3,), (3, 2)),
)

primitive(
    "matmul",
    np.matmul,
    _matmul_left,
    _matmul_right,
    domain=samples(
        *[case(*pair) for pair in PAIRS],
        case((2, 2, 3), (3, 2)),
        case((2, 3), (2, 3, 2)),
        case((2, 1, 2, 3), (4, 3, 2)),
        case((2, 2, 3), (3,)),
        case((3,), (2, 3, 2)),
    ),
)
primitive(
    "dot",
    np.dot,
    _dot(0),
    _dot(1),
    domain=samples(
        *[case(*pair) for pair in PAIRS],
        case((2, 2, 3), (2, 3, 2)),
        case((2, 2, 3), (3,)),
        case(float, (2, 3)),
        case((), ()),
    ),
)
primitive(
    "inner",
    np.inner,
    _inner(0),
    _inner(1),
    domain=samples(case((3,), (3,)), case((2, 3), (4, 3)), case((2, 2, 3), (3,)), case(float, (2,))),
)
primitive(
    "outer",
    np.outer,
    _outer(0),
    _outer(1),
    domain=samples(case((3,), (2,)), case((2, 2), (3,)), case(float, (2,))),
)
primitive(
    "vdot",
    np.vdot,
    lambda g, out, x, y: g * np.reshape(y, np.shape(x)),
    lambda g, out, x, y: g * np.reshape(x, np.shape(y)),
    domain=samples(case((3,), (3,)), case((2, 3), (2, 3))),
)
primitive(
    "tensordot",
    np.tensordot,
    _tensordot(0),
    _tensordot(1),
    domain=samples(
        case((2, 3, 4), (3, 4, 2)),
        case((2, 3), (3, 2), axes=1),
        case((2, 3), (4,), axes=0),
        case((2, 3, 4), (4, 2, 3), axes=([0, -1], [1, 0])),
        case((2, 3), (2, 4), axes=(0, 0)),
    ),
)
primitive(
    "kron",
    np.kron,
    _kron(0),
    _kron(1),
    domain=samples(case((2, 3), (3, 2)), case((2,), (3,)), case((2, 2), (3,)), case((2,), (2, 3))),
)
primitive(
    "cross",
    np.cross,
    _cross(0),
    _cross(1),
    domain=samples(
        case((3,), (3,)),
        case((2, 3), (3,)),
        case((3, 2), (3, 2), axis=0),
        case((3, 2), (2, 3), axisa=0),
    ),
)
primitive(
    "vecdot",
    _vecdot,
    _pull_vecdot(0),
    _pull_vecdot(1),
    domain=samples(case((2, 3), (2, 3)), case((2, 3), (3,)), case((3, 2), (3, 2), axis=0)),
)
