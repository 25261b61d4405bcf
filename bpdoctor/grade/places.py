"""Where a result stands: `return`, `return.0`, `return.dW`, `self.dW`; and what an argument's name means."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from bpdoctor.grade.remote import Reference

PLACE = re.compile(r"(return|self)(\.\w+)*$")


def steps(place: str) -> tuple[Any, ...]:
    """Return the indices and keys after the first word."""
    return tuple(int(w) if w.isdecimal() else w for w in place.split(".")[1:])


def at(value: Any, path: tuple[Any, ...]) -> Any:
    """Return a part of a result, None where there is none."""
    for step in path:
        many = isinstance(value, tuple) or (isinstance(value, np.ndarray) and value.ndim > 0)
        if many and isinstance(step, int) and step < len(value):
            value = value[step]
        elif isinstance(value, dict) and str(step) in value:
            value = value[str(step)]
        else:
            return None
    return value


def output(value: Any, place: str) -> tuple[Any, tuple[Any, ...]]:
    """Return the output in what a forward function returned; alone, or the first of several."""
    if place != "auto":
        return at(value, steps(place)), steps(place)
    return (value[0], (0,)) if isinstance(value, tuple) and value else (value, ())


def claim(value: Any, name: str, index: int, count: int) -> Any:
    """Find a gradient where it was not said where it stands: by order or by the usual names."""
    if isinstance(value, tuple):
        return value[index] if index < len(value) else None
    if isinstance(value, dict):
        short = name.rpartition(".")[2]
        return next((value[k] for k in (short, f"d{short}", f"grad_{short}", f"d_{short}") if k in value), None)
    return value if count == 1 else None


def argument(name: str, inputs: Mapping[str, Any], known: Mapping[str, Any]) -> Any:
    """Return the value of an argument: an input, a table of inputs, what is known, or a part of a result."""
    if name in known:
        return known[name]
    if name in inputs:
        return inputs[name]
    if name.split(".", maxsplit=1)[0] == "return":
        return Reference("forward", steps(name))
    return {k.partition(".")[2]: v for k, v in inputs.items() if k.startswith(f"{name}.")}


def arguable(name: str, inputs: Mapping[str, Any], known: tuple[str, ...]) -> bool:
    """Say whether an argument's name means anything."""
    table = any(k.startswith(f"{name}.") for k in inputs)
    return name in known or name in inputs or table or bool(PLACE.match(name) and name.startswith("return"))


def positional(inputs: Mapping[str, Any]) -> list[str]:
    """Return the arguments that the inputs make, in order: tables once, attributes not at all."""
    return list(dict.fromkeys(k.split(".")[0] for k in inputs if not k.startswith("self.")))
