"""What comes of sorting: medians, quantiles, levels. NumPy's own import numpy.ma, as long as a small analysis takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


def median(x: Any) -> float:
    """The middle value, of two their mean; NaN where one is."""
    ordered = np.sort(x, axis=None)  # NaN comes last
    half = ordered.size // 2
    middle = ordered[half] if ordered.size % 2 else (ordered[half - 1] + ordered[half]) / 2
    return float(middle if ordered[-1] == ordered[-1] else ordered[-1])


def quantiles(x: Any, parts: Sequence[float]) -> tuple[float, ...]:
    """The values below which these parts of all lie, between two of them in proportion."""
    ordered = np.sort(x, axis=None)
    places = np.array(parts) * (ordered.size - 1)
    return tuple(float(q) for q in np.interp(places, np.arange(ordered.size), ordered) + 0.0)  # no -0.0


def levels(x: Any) -> Any:
    """The different values, in order."""
    ordered = np.sort(x, axis=None)
    return ordered[np.append(True, ordered[1:] != ordered[:-1])[: ordered.size]]
