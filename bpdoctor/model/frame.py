"""A stopped frame of the user's program, as repairs see it: what it runs, where it stands, and its names."""

from __future__ import annotations

from types import CodeType
from typing import Any, NamedTuple


class Stopped(NamedTuple):
    """What of a frame is looked at, under the names that Python gives it; `f_locals` may be written to."""

    f_code: CodeType
    f_globals: dict[str, Any]
    f_locals: dict[str, Any]
    f_lasti: int
    f_lineno: int
