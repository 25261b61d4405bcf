"""What a loss does over a run, in a word.

Notes
-----
A word is given only where it is evident from comparable losses, those of the same data. A run that ends higher
than it began by a factor of two diverges; one that never leaves a band of a hundredth of its size stands on a
plateau; one whose moves change sign most of the time and are a tenth of its size oscillates.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bpdoctor.autodiff.ordered import median

# Fewer points than this have no course.
_FEWEST = 5
FLAT = 0.01
_TURNS = 0.6
_SWING = 0.1


def course(losses: Sequence[float | None]) -> str:
    """Name what a loss does.

    Returns
    -------
    str
        "diverging", "plateau", "oscillating", "falling", or "" where nothing is evident.

    Examples
    --------
    >>> course([1.0, 0.5, 0.3, 0.2, 0.1]), course([1.0, 4.0, 9.0, 30.0, 90.0]), course([0.25] * 6)
    ('falling', 'diverging', 'plateau')
    """
    values = np.array([x for x in losses if x is not None], dtype=np.float64)
    if len(values) < _FEWEST:
        return ""
    if not np.isfinite(values).all():
        return "diverging"
    size = float(np.abs(values).max())
    if values[-1] - values[0] > max(abs(values[0]), 1e-12):
        return "diverging"
    moves = np.diff(values)
    turning = np.sum(moves[1:] * moves[:-1] < 0) > _TURNS * (len(moves) - 1)
    if turning and median(np.abs(moves)) > _SWING * size:
        return "oscillating"
    if np.ptp(values) <= FLAT * size:
        return "plateau"
    return "falling" if values[-1] < values[0] - FLAT * size else ""
