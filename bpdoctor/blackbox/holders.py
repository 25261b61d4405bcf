"""The objects that a layer is made of: itself and the layers within it, as they were before they were run."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

_DEEPEST = 3


def holders(owner: Any) -> dict[str, Any]:
    """A layer and the layers within it (in attributes, lists and dicts), by the path that leads there.

    The path of the layer itself is empty, that of another ends with a dot: ``layers[0].``.
    """
    if not hasattr(owner, "__dict__") or inspect.isroutine(owner):
        return {}
    found = {"": owner}
    for path, layer in _within(owner, "", _DEEPEST):
        if all(layer is not known for known in found.values()):
            found[f"{path}."] = layer
    return found


def _within(owner: Any, path: str, depth: int) -> Iterator[tuple[str, Any]]:
    for name, value in vars(owner).items() if depth else ():
        for place, inner in _items(f"{path}.{name}" if path else name, value):
            if callable(getattr(inner, "backward", None)) and hasattr(inner, "__dict__"):
                yield place, inner
                yield from _within(inner, place, depth - 1)


def _items(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        yield from ((f"{path}[{key!r}]", inner) for key, inner in value.items())
    elif isinstance(value, list | tuple):
        yield from ((f"{path}[{i}]", inner) for i, inner in enumerate(value))
    else:
        yield path, value


class Saved:
    """What an object holds, to be put back: running it leaves caches, and moves running means."""

    def __init__(self, owner: Any) -> None:
        self.held: dict[str, Any] = vars(owner)
        self.before = {name: _seen(value) for name, value in self.held.items()}

    def restore(self) -> None:
        """The same attributes with the same objects, and in arrays and containers what they held."""
        self.held.clear()
        self.held.update({name: _again(seen) for name, seen in self.before.items()})


def _seen(value: Any) -> tuple[Any, Any]:
    """An object with what it holds, where that is numbers or further objects."""
    if isinstance(value, np.ndarray):
        return value, value.copy()
    if type(value) is dict:
        return value, {key: _seen(inner) for key, inner in value.items()}
    return value, [_seen(inner) for inner in value] if type(value) is list else None


def _again(seen: tuple[Any, Any]) -> Any:
    value, held = seen
    if isinstance(value, np.ndarray):
        if value.flags.writeable and value.shape == held.shape:
            value[...] = held
    elif type(value) is dict:
        value.clear()
        value.update({key: _again(inner) for key, inner in held.items()})
    elif type(value) is list:
        value[:] = [_again(inner) for inner in held]
    return value
