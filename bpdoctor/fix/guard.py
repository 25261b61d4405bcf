"""The user's arrays while changes are tried beside them: a change may give one another name and write into it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import numpy as np

from bpdoctor.fix.scope import evaluated
from bpdoctor.fix.stretch import Scope, Stretch

_MOST = 400


@contextmanager
def guarded(stretch: Stretch, scope: Scope) -> Iterator[None]:
    """Make the arrays that a scope reaches read-only for a while, where the stretch itself writes into none of them.

    Those that it overwrites and that are put back after each run are left as they are.
    """
    free = {id(evaluated(stretch, scope, base)) for base in stretch.restored}
    held = {id(a): a for a in _arrays(scope) if a.flags.writeable and id(a) not in free}
    for array in held.values():
        array.flags.writeable = False
    try:
        stretch.run(dict(scope))
    except Exception:  # what writes elsewhere, or raises anyway
        _open(held.values())
        held = {}
    try:
        yield
    finally:
        _open(held.values())


def _open(arrays: Iterable[Any]) -> None:
    # A view cannot be opened before what it is a view of.
    for array in sorted(arrays, key=lambda a: a.base is not None):
        array.flags.writeable = True


def _arrays(scope: Scope) -> Iterator[Any]:
    """What names, and items and attributes one step from them, hold."""
    near = [value for name, value in scope.items() if not name.startswith("__")]
    for value in near[:_MOST]:
        yield from (v for v in (value, *_parts(value)) if isinstance(v, np.ndarray))


def _parts(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())[:_MOST]
    if isinstance(value, list | tuple):
        return list(value[:_MOST])
    if isinstance(value, ModuleType | type) or callable(value):
        return []
    return list(getattr(value, "__dict__", {}).values())[:_MOST]
