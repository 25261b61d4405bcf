"""A call of the user's program in the table's terms, and how positional and keyword arguments get there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpdoctor.model.record import record

__all__ = ["Binder", "Call", "Signature", "nested_shape", "operation", "unnest"]


@record
class Call:
    """One application of a primitive.

    Attributes
    ----------
    name : str
        Key of the table of primitives.
    operands : tuple
        The user's own objects, never copies. One may be a nested list or tuple of numbers and arrays.
    static : dict
        Arguments without a derivative (axis, key, shape...). Arrays in it are the user's too:
        copy them if they may change before the reverse sweep.
    writes : object
        The array overwritten in place by this call; the primitive's value is its new content.
    """

    name: str
    operands: tuple[Any, ...]
    static: dict[str, Any]
    writes: Any = None


Binder = Callable[[Any, tuple[Any, ...], dict[str, Any]], Call | None]

_NO_VALUE = np._NoValue


class Signature:
    """The parameters of a function and what each of them is to the table.

    Written as a string: ``*x`` is an operand, ``axis`` a static argument, ``out>`` the array that
    is written to, ``order-`` has no influence on the derivative, ``where!`` is bound only when
    left out, ``dtype~`` is harmless when it is None or a floating type. ``k=shift`` renames.
    """

    __slots__ = ("_allowed", "_marks", "_plans", "name")

    def __init__(self, name: str, parameters: str) -> None:
        self.name = name
        self._marks: list[tuple[str, str, str]] = []  # (parameter, mark, name in the table)
        for word in parameters.split():
            mark = word[0] if word[0] == "*" else word[-1] if word[-1] in ">-!~" else ""
            bare, _, renamed = word.strip("*>-!~").partition("=")
            self._marks.append((bare, mark, renamed or bare))
        self._allowed = {bare for bare, _, _ in self._marks}
        self._plans: dict[Any, Any] = {}

    def __call__(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call | None:
        """Bind one call, by a plan made once for each way of spelling it."""
        spelling = (len(args), *kwargs) if kwargs else len(args)
        try:
            plan = self._plans[spelling]
        except KeyError:
            plan = self._plans[spelling] = self._plan(len(args), tuple(kwargs))
        if plan is None:
            return None
        operands, static, writes, guards = plan
        values = (*args, *kwargs.values()) if kwargs else args
        for i, mark in guards:
            if not _harmless(values[i], mark):
                return None
        return Call(
            self.name,
            values if operands is None else tuple([values[i] for i in operands]),
            {key: values[i] for key, i in static if values[i] is not _NO_VALUE} if static else {},
            None if writes is None else _written(values[writes]),
        )

    def _plan(self, count: int, keywords: tuple[str, ...]) -> Any:
        if count > len(self._marks) or not self._allowed.issuperset(keywords):
            return None
        given = [bare for bare, _, _ in self._marks[:count]] + list(keywords)
        if len(set(given)) != len(given):
            return None
        place = {bare: i for i, bare in enumerate(given)}
        operands = [place.get(bare, -1) for bare, mark, _ in self._marks if mark == "*"]
        while operands and operands[-1] == -1:  # trailing operands may be left out
            operands.pop()
        if not operands or -1 in operands:
            return None
        static = [(to, place[bare]) for bare, mark, to in self._marks if mark == "" and bare in place]
        writes = [place[bare] for bare, mark, _ in self._marks if mark == ">" and bare in place]
        guards = [(place[bare], mark) for bare, mark, _ in self._marks if mark and mark in "!~" and bare in place]
        every = operands == list(range(len(given)))
        return None if every else operands, static, writes[0] if writes else None, guards


def _harmless(value: Any, mark: str) -> bool:
    if value is None or value is _NO_VALUE:
        return True
    if mark == "!":
        return value is True  # where=True
    try:
        return bool(np.issubdtype(value, np.floating))
    except TypeError:
        return False


def _written(value: Any) -> Any:
    return value[0] if isinstance(value, tuple) and len(value) == 1 else value


def operation(name: str, left: Any, right: Any, writes: Any = None) -> Call:
    """Return the call of an arithmetic operator, which np.matrix turns into matrix algebra."""
    if isinstance(left, np.matrix) or isinstance(right, np.matrix):
        if name == "multiply":
            return Call("dot", (left, right), {}, writes)
        if name == "power":
            return Call("linalg.matrix_power", (left,), {"n": right}, writes)
    return Call(name, (left, right), {}, writes)


def unnest(value: Any) -> tuple[tuple[Any, ...], Any]:
    """Flatten nested lists and tuples into leaves and a structure (see primitives.joining.nested).

    Examples
    --------
    >>> unnest([[1.0, 2.0], [3.0, 4.0]])
    ((1.0, 2.0, 3.0, 4.0), (2, 2))
    >>> unnest(7.0)
    ((7.0,), None)
    """
    if not isinstance(value, (list, tuple)):
        return (value,), None
    if not any(isinstance(v, (list, tuple)) for v in value):
        return tuple(value), len(value)
    parts = [unnest(v) for v in value]
    return tuple(leaf for leaves, _ in parts for leaf in leaves), tuple(structure for _, structure in parts)


def nested_shape(value: Any) -> tuple[int, ...] | None:
    """Return the shape that a nested list has as an array, or None where it is ragged or not numbers."""
    if isinstance(value, (list, tuple)):
        if not value:
            return (0,)
        if all(type(v) is float or type(v) is int for v in value):
            return (len(value),)
        shapes = {nested_shape(v) for v in value}
        inner = shapes.pop()
        return None if shapes or inner is None else (len(value), *inner)
    if isinstance(value, (float, int, np.ndarray, np.generic)):
        return np.shape(value)
    return None
