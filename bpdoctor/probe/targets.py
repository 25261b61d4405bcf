"""Made-up labels that refuse to be broadcast: a network that takes them for targets of another shape was given
the wrong ones."""

from __future__ import annotations

from typing import Any

import numpy as np

_ARITHMETIC = frozenset({"add", "subtract", "multiply", "divide", "power"})


class Targets(np.ndarray):
    """An array that may only meet numbers, and arrays of its own size, in arithmetic."""

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **given: Any) -> Any:
        if "out" in given:
            given["out"] = tuple(_plain(x) for x in given["out"])
        result = getattr(ufunc, method)(*(_plain(x) for x in inputs), **given)
        if method != "__call__" or ufunc.__name__ not in _ARITHMETIC:
            return result
        if any(isinstance(x, Targets) and x.ndim and x.size != np.size(result) for x in inputs):
            raise ValueError("labels would be broadcast")
        numbers = all(isinstance(x, Targets) or np.ndim(x) == 0 for x in inputs)
        return np.asarray(result).view(Targets) if numbers else result


def _plain(value: Any) -> Any:
    return value.view(np.ndarray) if isinstance(value, Targets) else value


def refusing(value: Any) -> Any:
    """Labels as such an array; what is no array of several entries stays as it is."""
    return value.view(Targets) if isinstance(value, np.ndarray) and value.ndim else value
