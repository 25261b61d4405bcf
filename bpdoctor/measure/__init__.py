"""Measurements on recorded steps: one idea a file, found by its MEASURE."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from functools import cache
from typing import Any

from bpdoctor.model.examination import Examination, Measurement

__all__ = ["measurements"]


@cache
def measurements() -> dict[str, Callable[[Examination], Any]]:
    """Every measurement's function by its name, in alphabetical order."""
    found: dict[str, Callable[[Examination], Any]] = {}
    for info in pkgutil.iter_modules(__path__):
        measure = getattr(importlib.import_module(f"{__name__}.{info.name}"), "MEASURE", None)
        if isinstance(measure, Measurement):
            if measure.name in found:
                raise ValueError(f"two measurements are called {measure.name}")
            found[measure.name] = measure.function
    return dict(sorted(found.items()))
