"""Modules that show training and take no part in it: where one is not installed, what stands for it does nothing."""

from __future__ import annotations

import importlib.machinery
import sys
import types
from collections.abc import Sequence
from typing import Any

from bpdoctor.observe.standins import DECORATION, PLOTTING, Inert


class _Absent:
    """Asked last, when nobody else has found the module."""

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: Any = None) -> Any:
        """Answer for plots, progress bars and windows only."""
        if name.partition(".")[0] not in DECORATION | PLOTTING:
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)  # type: ignore[arg-type]

    def create_module(self, spec: Any) -> types.ModuleType:
        """Make a module that has whatever it is asked for."""
        return _Module(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        """There is nothing to run."""


class _Module(types.ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return Inert(name)


def install() -> None:
    """Let programs import what only shows."""
    sys.meta_path.append(_Absent())
