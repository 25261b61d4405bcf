"""Reports as text, one line a finding, JSON...: one file a format, found by its FORMAT."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from bpdoctor.report.format import Format, Hints, Options

__all__ = ["Format", "Hints", "Options", "formats"]


@cache
def formats() -> dict[str, Format]:
    """Return the formats by name: every module of this package that has a FORMAT."""
    found: dict[str, Format] = {}
    for info in sorted(pkgutil.iter_modules(__path__), key=lambda info: info.name):
        module = importlib.import_module(f"{__name__}.{info.name}")
        candidate = getattr(module, "FORMAT", None)
        if isinstance(candidate, Format):
            if candidate.name in found:
                raise ValueError(f"two report formats are called {candidate.name!r}")
            found[candidate.name] = candidate
    return dict(sorted(found.items()))
