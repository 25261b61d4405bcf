"""One row or one column of a matrix wrong: the row moment over the plain one is an integer along any signs."""

from __future__ import annotations

import numpy as np

from bpdoctor.blackbox.moments import Cell, Locator
from bpdoctor.blackbox.parameters import Leaf, Vector
from bpdoctor.blackbox.telling import line_wrong
from bpdoctor.blackbox.trouble import Trouble


def wrong_line(locator: Locator, leaf: Leaf, claimed: Vector) -> Trouble | None:
    """The row or column that holds the whole error, if one does; a second part of it must say so too."""
    if len(leaf.shape) < 2 or min(locator.rows, locator.columns) < 2 or locator.rows != leaf.shape[0]:
        return None
    entries = np.arange(leaf.start, leaf.stop)
    row, column = np.divmod(np.arange(leaf.size), locator.columns)
    halves = [locator.cell(entries[(row + column) % 2 == k]) for k in (0, 1)]
    for axis, count in ((0, locator.rows), (1, locator.columns)):
        places = {_index(half, axis, count) for half in halves if not half.empty}
        if len(places) == 1 and (place := places.pop()) is not None and _spread(halves):
            part = claimed[leaf.where].reshape(locator.rows, locator.columns)
            return line_wrong(leaf, axis, place, part[place] if axis == 0 else part[:, place])
    return None


def _index(cell: Cell, axis: int, count: int) -> int | None:
    """The row (or column) that the moments point at; None when between two."""
    ratio = cell.moments[1 + axis] / cell.moments[0] if cell.moments[0] else np.inf
    blur = (cell.thresholds[1 + axis] + cell.thresholds[0] * abs(ratio)) / max(abs(cell.moments[0]), 1e-300)
    exact = (ratio + 1) / 2 * (count - 1)
    if not np.isfinite(exact) or blur * (count - 1) > 0.02 or abs(exact - round(exact)) > 0.02:
        return None
    return round(exact) if 0 <= round(exact) < count else None


def _spread(halves: list[Cell]) -> bool:
    """Along the other axis the error is in several places, or in both halves."""
    return all(not half.empty for half in halves)
