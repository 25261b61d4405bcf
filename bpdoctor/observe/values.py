"""What a recorded number is, what Python's operators do to it, and what reaches it inside containers."""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable, Container, Iterator
from types import FrameType
from typing import Any

import numpy as np

BINARY: dict[str, tuple[Callable[[Any, Any], Any], Callable[[Any, Any], Any], str]] = {
    "Add": (operator.add, operator.iadd, "add"),
    "Sub": (operator.sub, operator.isub, "subtract"),
    "Mult": (operator.mul, operator.imul, "multiply"),
    "Div": (operator.truediv, operator.itruediv, "divide"),
    "FloorDiv": (operator.floordiv, operator.ifloordiv, "floor_divide"),
    "Mod": (operator.mod, operator.imod, "remainder"),
    "Pow": (operator.pow, operator.ipow, "power"),
    "MatMult": (operator.matmul, operator.imatmul, "matmul"),
    "BitAnd": (operator.and_, operator.iand, "logical_and"),
    "BitOr": (operator.or_, operator.ior, "logical_or"),
    "BitXor": (operator.xor, operator.ixor, "logical_xor"),
    "LShift": (operator.lshift, operator.ilshift, "left_shift"),
    "RShift": (operator.rshift, operator.irshift, "right_shift"),
}
UNARY: dict[str, tuple[Callable[[Any], Any], str]] = {
    "USub": (operator.neg, "negative"),
    "UAdd": (operator.pos, "positive"),
    "Invert": (operator.invert, "logical_not"),
}
COMPARE: dict[str, tuple[Callable[[Any, Any], Any], str]] = {
    "Gt": (operator.gt, "greater"),
    "Lt": (operator.lt, "less"),
    "GtE": (operator.ge, "greater_equal"),
    "LtE": (operator.le, "less_equal"),
    "Eq": (operator.eq, "equal"),
    "NotEq": (operator.ne, "not_equal"),
}
NUMERIC_KINDS = frozenset("fiub")
# A nested list is read as numbers only up to this many; beyond it is data, not computation.
MOST_LEAVES = 20_000
_PLAIN = frozenset({dict, list, tuple})
# Containers within containers are looked into this far.
_DEEPEST = 12


def is_number(value: Any) -> bool:
    """Whether a value is recorded: float arrays and floats; integers only as arrays."""
    kind = type(value)
    if kind is float or kind is np.float64:
        return True
    if kind is np.ndarray or isinstance(value, np.ndarray):
        return value.dtype.kind in NUMERIC_KINDS
    return isinstance(value, np.floating)


def is_complex(value: Any) -> bool:
    """Whether a value is an array of complex numbers: what is made of it is known, its derivatives are not."""
    return isinstance(value, np.ndarray) and value.dtype.kind == "c"


def flatten(items: Any, into: list[Any]) -> bool:
    """Collect the leaves of nested lists and tuples; false when there are too many or not numbers."""
    for item in items:
        if isinstance(item, list | tuple):
            if not flatten(item, into):
                return False
        elif isinstance(item, int | float | np.number | np.ndarray):
            into.append(item)
        else:
            return False
        if len(into) > MOST_LEAVES:
            return False
    return True


def structure(items: Any) -> Any:
    """The nesting of `items`: a count of leaves, a tuple of structures, None for a leaf."""
    if not isinstance(items, list | tuple):
        return None
    inner = tuple(structure(i) for i in items)
    return len(inner) if all(i is None for i in inner) else inner


def contents(value: Any) -> list[tuple[str, Any]] | None:
    """What a container holds, each with the text that reaches it; a record's fields by their names."""
    kind = type(value)
    if kind is dict:
        return [(f"[{key!r}]", item) for key, item in value.items()]
    if kind is list or kind is tuple:
        return [(f"[{i}]", item) for i, item in enumerate(value)]
    if issubclass(kind, tuple) and hasattr(kind, "_fields"):
        return [(f".{name}", item) for name, item in zip(kind._fields, value, strict=False)]
    if hasattr(kind, "__dataclass_fields__"):
        return [(f".{name}", item) for name, item in attributes(value).items()]
    return None


def named_leaves(
    value: Any, most: int, path: str = "", depth: int = 0, record: bool = False
) -> Iterator[tuple[str, Any]]:
    """Numbers inside nested containers with the texts that reach them; of a record in a record nothing is asked.

    Such are nodes of a graph, each of which reaches all others.
    """
    held = contents(value)
    if held is None or len(held) > most or depth > _DEEPEST:
        return
    within = type(value) not in _PLAIN
    if within and record:
        return
    for text, item in held:
        if is_number(item):
            yield path + text, item
        else:
            yield from named_leaves(item, most, path + text, depth + 1, record or within)


def frozen_key(key: Any) -> Any:
    """A subscript that later changes to its arrays cannot reach."""
    if isinstance(key, np.ndarray):
        return key.copy()
    if isinstance(key, tuple):
        return tuple(frozen_key(k) for k in key)
    return list(key) if isinstance(key, list) else key


def peek(obj: Any, key: Any) -> Any:
    """What an item holds before it is stored to; only plain lists and dicts are asked."""
    try:
        return obj[key] if type(obj) in (list, dict) else None
    except (KeyError, IndexError, TypeError):
        return None


def running() -> frozenset[int]:
    """The calls that are under way, by the identity of their frames."""
    out: set[int] = set()
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        out.add(id(frame))
        frame = frame.f_back
    return frozenset(out)


def held_by(frame: FrameType, name: str, calls: Container[int]) -> Any:
    """What a name holds before it is bound in a frame; None where a call that began since has it to itself."""
    code = frame.f_code
    own = name in code.co_varnames or name in code.co_cellvars
    if own or name in code.co_freevars:
        return None if own and id(frame) not in calls else frame.f_locals.get(name)
    return frame.f_locals.get(name, frame.f_globals.get(name))


def item_key(obj: Any, key: Any) -> Any:
    """A hashable name of an item; negative list indices name the item they reach."""
    if isinstance(obj, list) and isinstance(key, int) and key < 0:
        return key + len(obj)
    return key if isinstance(key, int | str | float | tuple) else repr(key)


def attributes(obj: Any) -> dict[str, Any]:
    """The attributes that an object holds; nothing that its class defines is asked for them."""
    try:
        held = object.__getattribute__(obj, "__dict__")
    except AttributeError:
        return {}
    return held if isinstance(held, dict) else {}
