"""``[tool.bpdoctor]`` of the nearest pyproject.toml."""

from __future__ import annotations

import shlex
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import field
from functools import lru_cache
from pathlib import Path
from typing import Any

from bpdoctor.model.record import record


@record
class Settings:
    """What a project asks for, by the names of options, and the file that says so."""

    file: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


class BadSettings(ValueError):
    """The file cannot be read, has an unknown key, or a value of the wrong kind."""


def _names(value: Any) -> tuple[str, ...]:
    listed = value.split(",") if isinstance(value, str) else value
    if not isinstance(listed, list) or not all(isinstance(item, str) for item in listed):
        raise ValueError("a list of names")
    return tuple(item.strip() for item in listed if item.strip())


def _words(value: Any) -> tuple[str, ...]:
    return tuple(shlex.split(value)) if isinstance(value, str) else _names(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("a text")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false")
    return value


def _seed(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError("a whole number, not negative")
    return value


def _seconds(value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or value <= 0:
        raise ValueError("a positive number of seconds")
    return float(value)


_KINDS: dict[str, Callable[[Any], Any]] = {
    "select": _names, "ignore": _names, "params": _names, "args": _words, "loss": _text, "step": _text,
    "format": _text, "hints": _text, "strict": _flag, "fix": _flag, "seed": _seed, "time-limit": _seconds,
    "data-stub": _flag,
}  # fmt: skip


def settings_for(path: str) -> Settings:
    """Return the settings of the project that a file or folder belongs to.

    Raises
    ------
    BadSettings
        The message names the file and the key.
    """
    here = Path(path).resolve()
    for folder in [here, *here.parents] if here.is_dir() else here.parents:
        file = folder / "pyproject.toml"
        if file.is_file():
            return _read(file, file.stat().st_mtime_ns)
    return Settings()


@lru_cache(maxsize=64)
def _read(file: Path, written: int) -> Settings:
    """The settings in a file as it was written at a time."""
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8")).get("tool", {}).get("bpdoctor", {})
    except (OSError, ValueError, AttributeError) as error:
        raise BadSettings(f"{file} cannot be read: {error}") from None
    if not isinstance(table, dict):
        raise BadSettings(f"{file}: tool.bpdoctor must be a table")
    return Settings(str(file), {key.replace("-", "_"): _value(file, key, value) for key, value in table.items()})


def _value(file: Path, key: str, value: Any) -> Any:
    if key not in _KINDS:
        import difflib

        close = difflib.get_close_matches(key, _KINDS, n=1)
        known = f"did you mean {close[0]}?" if close else f"there are {', '.join(sorted(_KINDS))}"
        raise BadSettings(f"{file}: [tool.bpdoctor] has no key '{key}'; {known}")
    try:
        return _KINDS[key](value)
    except ValueError as wanted:
        raise BadSettings(f"{file}: [tool.bpdoctor] {key} must be {wanted}") from None
