"""Functions that put several arrays together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..domains import case, samples
from ..registry import Domain, primitive
from .gathering import joint_pullback


def _concatenate(*parts: Any, axis: Any = 0) -> Any:
    return np.concatenate(parts, axis=axis)


def _concatenated(k: int, g: Any, out: Any, *parts: Any, axis: Any = 0) -> Any:
    if axis is None:
        start = sum(np.size(p) for p in parts[:k])
        return np.reshape(g[start : start + np.size(parts[k])], np.shape(parts[k]))
    axis = axis % np.ndim(g)
    start = sum(np.shape(p)[axis] for p in parts[:k])
    return g[(slice(None),) * axis + (slice(start, start + np.shape(parts[k])[axis]),)]


def _stack(*parts: Any, axis: int = 0) -> Any:
    return np.stack(parts, axis=axis)


def _stacked(k: int, g: Any, out: Any, *parts: Any, axis: int = 0) -> Any:
    return np.take(g, k, axis=axis)


def _insert(x: Any, values: Any, obj: Any, axis: Any = None) -> Any:
    return np.insert(x, obj, values, axis=axis)


def _inserted_values(g: Any, out: Any, x: Any, values: Any, *, obj: Any, axis: Any = None) -> Any:
    # np.insert broadcasts `values` by rules of its own (a scalar obj moves axes): let it number them
    size = int(np.prod(np.shape(values)))
    numbers = np.arange(1, size + 1).reshape(np.shape(values))
    origins = np.insert(np.zeros(np.shape(x), int), obj, numbers, axis=axis)
    total = np.bincount(origins.ravel(), weights=np.ravel(g), minlength=size + 1)
    return total[1:].reshape(np.shape(values))


def _inserted_into(g: Any, out: Any, x: Any, values: Any, *, obj: Any, axis: Any = None) -> Any:
    origins = np.insert(np.arange(1, np.size(x) + 1).reshape(np.shape(x)), obj, 0, axis=axis)
    total = np.bincount(origins.ravel(), weights=np.ravel(g), minlength=np.size(x) + 1)
    return total[1:].reshape(np.shape(x))


def _block(*parts: Any, structure: Any) -> Any:
    return np.block(nested(parts, structure))


def nested(leaves: Any, structure: Any) -> Any:
    """Put flat leaves back into nested lists.

    In a structure an int counts leaves, a tuple holds structures and None is a single leaf.
    """
    remaining = iter(leaves)

    def build(part: Any) -> Any:
        if part is None:
            return next(remaining)
        if isinstance(part, int):
            return [next(remaining) for _ in range(part)]
        return [build(p) for p in part]

    return build(structure)


def _joiner(name: str, function: Callable[..., Any], domain: Domain) -> None:
    def join(*parts: Any) -> Any:
        return function(parts)

    primitive(name, join, variadic=joint_pullback(join), domain=domain)


def _joined(x: Any, how: str, **static: Any) -> Any:
    return getattr(np, how)(list(x), **static)


def _pull_joined(g: Any, out: Any, x: Any, how: str, **static: Any) -> Any:
    numbers = np.arange(np.size(x)).reshape(np.shape(x))
    result = np.empty(np.size(x))
    result[np.ravel(_joined(numbers, how, **static))] = np.ravel(g)
    return result.reshape(np.shape(x))


primitive(
    "concatenate",
    _concatenate,
    variadic=_concatenated,
    domain=samples(
        case((2, 3), (1, 3)),
        case((2, 3), (2, 1), (2, 2), axis=-1),
        case((2,), (3, 1), axis=None),
    ),
)
primitive(
    "stack",
    _stack,
    variadic=_stacked,
    domain=samples(case((2, 3), (2, 3)), case((2, 3), (2, 3), (2, 3), axis=-1), case(float, float)),
)
_joiner(
    "vstack",
    np.vstack,
    samples(case((3,), (3,)), case((2, 3), (1, 3)), case((3,), (2, 3)), case(float, float)),
)
_joiner("hstack", np.hstack, samples(case((3,), (2,)), case((2, 3), (2, 1)), case(float, (2,))))
_joiner("dstack", np.dstack, samples(case((3,), (3,)), case((2, 3), (2, 3))))
_joiner("column_stack", np.column_stack, samples(case((3,), (3,)), case((2, 3), (2,))))
_joiner("r_", lambda parts: np.r_[parts], samples(case((3,), (2,)), case((2, 3), (1, 3)), case((3,), float)))
_joiner("c_", lambda parts: np.c_[parts], samples(case((3,), (3,)), case((2, 3), (2,)), case((2, 3), (2, 1))))
primitive(
    "append",
    lambda x, values, axis=None: np.append(x, values, axis=axis),
    variadic=joint_pullback(np.append),
    domain=samples(case((2, 3), (2,)), case((2, 3), (2, 1), axis=1), case((2,), float)),
)
primitive(
    "insert",
    _insert,
    _inserted_into,
    _inserted_values,
    domain=samples(
        case((3,), float, obj=1),
        case((2, 3), float, obj=0, axis=1),
        case((2, 3), (2,), obj=0, axis=1),
        case((2, 3), (2, 2), obj=[0, 2], axis=1),
    ),
)
primitive(
    "block",
    _block,
    variadic=joint_pullback(_block),
    domain=samples(case((2, 2), (2, 1), (1, 3), structure=(2, 1)), case((2,), (3,), structure=2)),
)
primitive(
    "joined",  # concatenate and its kin, given one array instead of a sequence of arrays
    _joined,
    _pull_joined,
    domain=samples(
        case((2, 3, 2), how="concatenate"),
        case((2, 3, 2), how="stack", axis=1),
        case((2, 3), how="hstack"),
        case((2, 3), how="column_stack"),
    ),
)
