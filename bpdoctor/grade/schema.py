"""What may stand in a table of the assignment file: each field's type, default and meaning, stated once."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from typing import Any

from bpdoctor.model.record import record

Test = Callable[[Any], bool]
_MISSING = object()


@record
class Field:
    """One key. `expected` says in words what it must be."""

    expected: str
    holds: Test
    default: Any = _MISSING

    @property
    def required(self) -> bool:
        """Say whether the key must be given."""
        return self.default is _MISSING


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def text(default: Any = _MISSING) -> Field:
    """A string."""
    return Field("a string", lambda v: isinstance(v, str), default)


def choice(*words: str, default: Any = _MISSING) -> Field:
    """One of some words."""
    return Field("one of " + ", ".join(words), lambda v: v in words, default)


def number(default: Any = _MISSING, *, least: float = 0.0, most: float = float("inf")) -> Field:
    """A number in a range."""
    told = f"a number of at least {least:g}" + ("" if most == float("inf") else f" and at most {most:g}")
    return Field(told, lambda v: _number(v) and least <= v <= most, default)


def whole(default: Any = _MISSING, *, least: int = 0) -> Field:
    """An integer."""
    return Field(f"a whole number of at least {least}", lambda v: type(v) is int and v >= least, default)


def flag(default: bool) -> Field:
    """True or false."""
    return Field("true or false", lambda v: isinstance(v, bool), default)


def words(default: Any = _MISSING) -> Field:
    """A list of strings."""
    return Field("a list of strings", lambda v: isinstance(v, list) and all(isinstance(x, str) for x in v), default)


def anything(expected: str, holds: Test, default: Any = _MISSING) -> Field:
    """A field with its own test."""
    return Field(expected, holds, default)


def checked(table: Any, fields: Mapping[str, Field], where: str, problems: list[str]) -> dict[str, Any]:
    """Return the table with its defaults; what is wrong with it is added to `problems`."""
    if not isinstance(table, dict):
        problems.append(f"{where}: must be a table")
        table = {}
    for key in table:
        if key not in fields:
            close = difflib.get_close_matches(key, fields, n=1)
            problems.append(f"{where}: unknown key `{key}`" + (f"; did you mean `{close[0]}`?" if close else ""))
    values = {}
    for name, field in fields.items():
        if name not in table:
            if field.required:
                problems.append(f"{where}: `{name}` is missing ({field.expected})")
            values[name] = None if field.required else field.default
        elif not field.holds(table[name]):
            problems.append(f"{where}: `{name}` must be {field.expected}")
            values[name] = None
        else:
            values[name] = table[name]
    return values
