"""The same random numbers for every evaluation: global generators, and those that a function can reach."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from types import FunctionType, MethodType, TracebackType
from typing import Any

import numpy as np

REWINDABLE = (np.random.Generator, np.random.RandomState, random.Random)


class Frozen:
    """Puts every generator back to one state before each call; at the end, to the state it was found in."""

    def __init__(self, functions: Iterable[Any], data: Iterable[Any], seed: int) -> None:
        self.found = (random.getstate(), np.random.get_state())
        self.start = (random.Random(seed).getstate(), np.random.RandomState(seed).get_state())
        reached = {id(item): item for item in _reached(functions, data)}
        self.own: list[tuple[Callable[[Any], None], Any]] = [_rewinding(item) for item in reached.values()]

    def __enter__(self) -> Frozen:
        return self

    def rewind(self) -> None:
        """Before an evaluation."""
        random.setstate(self.start[0])
        np.random.set_state(self.start[1])
        self._own()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        random.setstate(self.found[0])
        np.random.set_state(self.found[1])
        self._own()

    def _own(self) -> None:
        for put, state in self.own:
            put(state)


def _rewinding(item: Any) -> tuple[Callable[[Any], None], Any]:
    if isinstance(item, np.random.Generator):
        bits: Any = item.bit_generator
        return (lambda state: setattr(bits, "state", state)), bits.state
    if isinstance(item, np.random.RandomState):
        return item.set_state, item.get_state()
    return item.setstate, item.getstate()


def _reached(functions: Iterable[Any], data: Iterable[Any]) -> Iterator[Any]:
    """Generators among the arguments, in closures, defaults, globals that are used, and on the object itself."""
    for item in (*data, *(value for function in functions for value in _used_by(function))):
        for value in (item, *(vars(item).values() if _has_fields(item) else ())):
            if isinstance(value, REWINDABLE) and not isinstance(value, random.SystemRandom):
                yield value


def _has_fields(item: Any) -> bool:
    return hasattr(item, "__dict__") and not isinstance(item, type) and not hasattr(item, "__path__")


def _used_by(function: Any, depth: int = 3) -> Iterator[Any]:
    """What a function can reach, and what the functions can reach that it uses."""
    for value in _names_of(function):
        yield value
        if depth and isinstance(value, FunctionType | MethodType):
            yield from _used_by(value, depth - 1)


def _names_of(function: Any) -> Iterator[Any]:
    owner = getattr(function, "__self__", None)
    if owner is not None:
        yield owner
    function = getattr(function, "__func__", function)
    yield from getattr(function, "__defaults__", None) or ()
    for cell in getattr(function, "__closure__", None) or ():
        try:
            yield cell.cell_contents
        except ValueError:
            continue
    code = getattr(function, "__code__", None)
    names = getattr(function, "__globals__", {})
    for name in code.co_names if code is not None else ():
        value = names.get(name)
        if value is not random:
            yield value


def data_of(functions: Iterable[Any], args: Iterable[Any]) -> list[Any]:
    """The arrays that the functions can reach besides their parameters: what they must not change."""
    found = {id(v): v for v in (*args, *(v for f in functions for v in _used_by(f))) if isinstance(v, np.ndarray)}
    return list(found.values())
