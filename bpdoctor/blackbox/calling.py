"""How a function of the parameters is called: with the container, spread out, by name, or with nothing at all."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Container, Mapping, Sequence
from typing import Any, Literal

import numpy as np

Way = Literal["whole", "spread", "named", "nothing"]
POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def way_of(function: Callable[..., Any], params: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Way:
    """Read from the signature how the function takes its parameters.

    Several required arguments, as many as the list has items (or named as the dict's keys), are filled
    from the container one by one; no argument at all means that the function reads the parameters where
    they are, in the arrays or in an object's attributes.
    """
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return "whole"
    given = [p for p in signature.parameters.values() if p.name not in kwargs]
    places = [p for p in given if p.kind in POSITIONAL]
    several = any(p.kind is inspect.Parameter.VAR_POSITIONAL for p in given)
    if len(places) <= len(args) and not several:
        return "nothing"
    required = [p for p in places if p.default is inspect.Parameter.empty]
    wanted = len(required) - len(args)
    if isinstance(params, list | tuple) and not hasattr(params, "_fields"):
        fits = wanted == len(params) and (wanted > 1 or isinstance(params, tuple))
        if fits or (several and not places):
            return "spread"
    if isinstance(params, Mapping) and wanted > 1 and {p.name for p in required[:wanted]} <= set(params):
        return "named"
    return "whole"


def names_from(function: Callable[..., Any], params: Any, way: Way) -> list[str]:
    """The function's own names for a list of parameters, where it takes them one by one."""
    if way != "spread":
        return []
    try:
        places = [p.name for p in inspect.signature(function).parameters.values() if p.kind in POSITIONAL]
    except (TypeError, ValueError):
        return []
    return places[: len(params)] if len(places) >= len(params) else []


def call(function: Callable[..., Any], way: Way, params: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """Call it in that way."""
    if way == "nothing":
        return function(*args, **kwargs)
    if way == "spread":
        return function(*params, *args, **kwargs)
    if way == "named":
        return function(*args, **{str(key): value for key, value in params.items()}, **kwargs)
    return function(params, *args, **kwargs)


class Place:
    """Where a function without arguments reads its parameters: the user's arrays, or attributes of objects.

    `attributes` tells of each name which attribute of which object it is; empty for the user's arrays.
    """

    def __init__(self, params: Any, attributes: Mapping[str, tuple[Any, str]]) -> None:
        self.attributes = attributes
        self.held = {name: getattr(*place) for name, place in attributes.items()}
        self.before = [] if attributes else [(a, a.copy()) for a in _arrays(params)]

    def put(self, params: Any) -> None:
        """Write the parameters there."""
        if self.attributes:
            for name, value in params.items():
                setattr(*self.attributes[name], value)
            return
        for (array, _), new in zip(self.before, _arrays(params), strict=True):
            array[...] = new

    def restore(self) -> None:
        """Undo every write."""
        if self.attributes:
            self.put(self.held)
        for array, saved in self.before:
            array[...] = saved


def _arrays(params: Any) -> list[Any]:
    """The arrays of a container; what is no array cannot be written into."""
    if isinstance(params, Mapping):
        return [array for value in params.values() for array in _arrays(value)]
    if isinstance(params, list | tuple):
        return [array for value in params for array in _arrays(value)]
    if not isinstance(params, np.ndarray):
        kind = type(params).__name__
        raise TypeError(f"the loss takes no parameters, and a {kind} cannot be changed in place; give arrays")
    return [params]


# ---- an object whose attributes are the parameters

PARTNERS = (
    "d{}", "d_{}", "grad_{}", "grad{}", "gradient_{}", "g{}", "g_{}", "{}_grad", "{}_gradient", "delta_{}", "nabla_{}",
    "dL_d{}", "dLd{}", "dJ_d{}", "dJd{}", "D{}",
)  # fmt: skip
TABLES = ("grads", "gradients", "grad", "dparams")


def is_object(params: Any) -> bool:
    """Whether the parameters are attributes of this thing, not items of it."""
    return hasattr(params, "__dict__") and not isinstance(params, np.ndarray | Mapping | list | tuple | np.generic)


def partners(owner: Any, name: str) -> Any:
    """The gradient that an object keeps beside an attribute, by the usual names; None when there is none."""
    for table in TABLES:
        kept = getattr(owner, table, None)
        if isinstance(kept, Mapping):
            for key in (name, f"d{name}"):
                if key in kept:
                    return kept[key]
    for pattern in PARTNERS:
        found = getattr(owner, pattern.format(name), None)
        if found is not None and not callable(found):
            return found
    held = vars(owner).get(name)
    return _of_items(owner, held) if isinstance(held, Mapping) and held else None


def _of_items(owner: Any, held: Mapping[Any, Any]) -> dict[Any, Any] | None:
    """The gradients of a dict's items, from a table of the object: ``grads["W"]`` beside ``params["W"]``."""
    for table in TABLES:
        kept = getattr(owner, table, None)
        if isinstance(kept, Mapping) and kept is not held:
            found = {key: kept.get(key, kept.get(f"d{key}")) for key in held}
            if any(value is not None for value in found.values()):
                return found
    return None


def unread(owner: Any, name: str, number: Callable[[], Any]) -> bool:
    """Whether a number does not come from an attribute: it is set again first, or its arrays are reached elsewhere."""
    held = getattr(owner, name)
    before = number()
    setattr(owner, name, _moved(held))
    try:
        return bool(number() == before)
    except Exception:  # the user's own function, at other numbers
        return False
    finally:
        setattr(owner, name, held)


def _moved(value: Any) -> Any:
    """Floating-point numbers a little aside, in containers of the same kinds."""
    if isinstance(value, Mapping):
        return {key: _moved(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_moved(inner) for inner in value]
    return value + 0.01 * (1 + abs(value))


def left_out(owner: Any, known: Container[str], number: Callable[[], Any]) -> tuple[str, ...]:
    """Attributes that a number depends on and that are not among the parameters: nothing was seen of their gradients.

    Each is moved and put back; of a number that is another one every time, nothing can be told.
    """
    before = number()
    if before != number():
        return ()
    found = []
    for name, array in attributes(owner).items():
        if name in known or not isinstance(array, np.ndarray) or not array.flags.writeable:
            continue
        kept = array.copy()
        try:
            array[...] = _moved(array)
            if number() != before:
                found.append(name)
        except Exception:  # the user's own function, at other numbers
            continue
        finally:
            array[...] = kept
    return tuple(found)


def attributes(owner: Any) -> dict[str, Any]:
    """The attributes that hold floating-point numbers and nothing else."""
    return {name: value for name, value in vars(owner).items() if _is_floats(value)}


def _is_floats(value: Any) -> bool:
    if isinstance(value, np.ndarray):
        return bool(value.dtype.kind == "f")
    if isinstance(value, list | tuple):
        return bool(value) and all(_is_floats(item) for item in value)
    return isinstance(value, Mapping) and bool(value) and all(_is_floats(item) for item in value.values())
