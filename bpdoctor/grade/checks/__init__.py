"""The kinds of checks, one file each, found by their KIND."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from bpdoctor.grade.checks.check import Check

__all__ = ["Check", "kinds"]


@cache
def kinds() -> dict[str, type[Check]]:
    """Return every kind by the word that stands for it in an assignment."""
    found: dict[str, type[Check]] = {}
    for info in pkgutil.iter_modules(__path__):
        for thing in vars(importlib.import_module(f"{__name__}.{info.name}")).values():
            if isinstance(thing, type) and issubclass(thing, Check) and thing.KIND:
                found[thing.KIND] = thing
    return dict(sorted(found.items()))
