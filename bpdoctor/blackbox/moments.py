"""Which entries are wrong: signed index moments of the error, with recursive splitting.

On a set of entries the error e is seen through three slopes: along s, along s·row and along s·column. One
wrong entry gives its row as the second over the first and its column as the third over the first. Otherwise
the set is split, and what was found is taken off before anything else is measured; the moments of a last part
are what its siblings leave. So k wrong entries among n cost about k·log n slopes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from bpdoctor.blackbox.parameters import Vector
from bpdoctor.model.record import record

PARTS = 4
LONGEST = 4096
LARGE = 1 << 31
NEAR = 0.05
"""So near to a whole number a row must be read, where noise would allow for more."""
BLURRED = 8.0
"""Where noise may shift a reading by more rows than this, that it is near a whole number says nothing."""
MOST = 400
"""Slopes spent on one tensor before its error counts as spread out."""
Indices = npt.NDArray[np.intp]
Measure = Callable[[Indices, "Vector | None"], tuple[float, float]]
"""The error along the base direction on some entries, weighted; and the largest one that means nothing."""


@record
class Cell:
    """A set of entries with the three moments of its error, each with its threshold."""

    entries: Indices
    moments: tuple[float, float, float]
    thresholds: tuple[float, float, float]

    @property
    def empty(self) -> bool:
        """Nothing in it can be told from right."""
        return all(abs(m) <= t for m, t in zip(self.moments, self.thresholds, strict=True))

    def less(self, other: Cell, entries: Indices) -> Cell:
        """The entries that are not in the other, with what is left of the moments."""
        return Cell(
            entries,
            tuple(a - b for a, b in zip(self.moments, other.moments, strict=True)),  # type: ignore[arg-type]
            tuple(float(np.hypot(a, b)) for a, b in zip(self.thresholds, other.thresholds, strict=True)),  # type: ignore[arg-type]
        )


class TooMany(Exception):
    """The error is not in a few entries."""


@dataclass(slots=True)
class Locator:
    """Finds the wrong entries of a set; `columns` is the width of the grid that rows and columns refer to."""

    measure: Measure
    base: Vector
    columns: int
    offset: int
    rows: int
    seed: int
    spent: int = 0
    found: dict[int, float] = field(default_factory=dict)

    def run(self, entries: Indices, root: Cell | None = None) -> dict[int, float]:
        """Return the errors by position.

        Raises
        ------
        TooMany
            When they do not become few by splitting.
        """
        root = root or self.cell(entries)
        self._solve(root, 0)
        return self.found

    def try_one(self, entries: Indices) -> dict[int, float]:
        """The only wrong entry; nothing when there are more."""
        self._single(self.cell(entries))
        return self.found

    def cell(self, entries: Indices) -> Cell:
        """Measure the three moments; one is enough where there is nothing."""
        if not entries.size:
            return Cell(entries, (0.0, 0.0, 0.0), (0.0, 0.0, 0.0))
        zeroth, limit = self._measured(entries, None)
        if abs(zeroth) <= limit:
            return Cell(entries, (zeroth, 0.0, 0.0), (limit, limit, limit))
        row, column = self._grid(entries)
        (first, at_row), (second, at_column) = self._measured(entries, row), self._measured(entries, column)
        return Cell(entries, (zeroth, first, second), (limit, at_row, at_column))

    def _measured(self, entries: Indices, weights: Vector | None) -> tuple[float, float]:
        self.spent += 1
        if self.spent > min(24 + 14 * len(self.found), MOST):
            raise TooMany
        return self.measure(entries, weights)

    def _grid(self, entries: Indices) -> tuple[Vector, Vector]:
        """Row and column, each between -1 and 1."""
        place = (entries - self.offset).astype(np.int32) if self.rows * self.columns < LARGE else entries - self.offset
        row, column = np.divmod(place, self.columns)
        return _centred(row, self.rows), _centred(column, self.columns)

    def _solve(self, cell: Cell, depth: int) -> None:
        unknown = self._peeled(cell)
        if not cell.entries.size or unknown.empty or self._single(unknown):
            return
        if cell.entries.size == 1:
            # One entry, and its moments do not agree with each other: noise of the size of the error.
            self._take(int(cell.entries[0]), unknown.moments[0])
            return
        labels = self._labels(cell.entries, depth)
        for k in range(PARTS - 1):
            child = self.cell(cell.entries[labels == k])
            self._solve(child, depth + 1)
            cell = cell.less(child, cell.entries[labels > k])
            rest = self._peeled(cell)
            if rest.empty or self._single(rest):
                return
            labels = labels[labels > k]
        self._solve(cell, depth + 1)

    def _peeled(self, cell: Cell) -> Cell:
        """Take off what is known by now."""
        known = [i for i in self.found if _holds(cell.entries, i)]
        if not known:
            return cell
        at = np.array(known, dtype=np.intp)
        errors = np.array([self.found[i] for i in known]) * self.base[at]
        row, column = self._grid(at)
        off = (float(errors.sum()), float(errors @ row), float(errors @ column))
        return Cell(cell.entries, tuple(m - o for m, o in zip(cell.moments, off, strict=True)), cell.thresholds)  # type: ignore[arg-type]

    def _single(self, cell: Cell) -> bool:
        """Read the position of a single wrong entry off the moments, if that is what they say."""
        zeroth, limit = cell.moments[0], cell.thresholds[0]
        if abs(zeroth) <= 2 * limit:
            return False
        place = []
        for moment, at, count in zip(cell.moments[1:], cell.thresholds[1:], (self.rows, self.columns), strict=True):
            ratio = moment / zeroth
            # Thresholds are guarded several times over; a wrong reading costs its confirmation, nothing else.
            blur = (at + limit * abs(ratio)) / abs(zeroth) / 3
            exact = (ratio + 1) / 2 * (count - 1) if count > 1 else 0.0
            index = round(exact)
            slack = max(blur * (count - 1) / 2, 1e-9 * count)
            if not (0 <= index < count) or abs(exact - index) > min(slack, NEAR) or slack > BLURRED:
                return False
            place.append(index)
        position = self.offset + place[0] * self.columns + place[1]
        if not _holds(cell.entries, position):
            return False
        return self._confirmed(position, zeroth)

    def _confirmed(self, position: int, moment: float) -> bool:
        """Measure that one entry by itself: a mixture of errors can look like one elsewhere."""
        alone, limit = self._measured(np.array([position], dtype=np.intp), None)
        if abs(alone) <= limit or abs(alone - moment) > 0.01 * abs(moment) + 4 * limit:
            return False
        self._take(position, alone)
        return True

    def _take(self, position: int, moment: float) -> None:
        self.found[position] = moment / float(self.base[position])

    def _labels(self, entries: Indices, depth: int) -> Any:
        """Share the entries out at random, but always in the same way."""
        if entries.size <= PARTS:
            return np.arange(entries.size)
        return np.random.default_rng([self.seed, 11, depth, int(entries[0])]).integers(0, PARTS, entries.size, np.uint8)


def _holds(entries: Indices, position: int) -> bool:
    """Entries are sorted."""
    at = int(np.searchsorted(entries, position))
    return at < entries.size and int(entries[at]) == position


def _centred(index: Any, count: int) -> Vector:
    return np.asarray(2.0 * index / (count - 1) - 1.0) if count > 1 else np.zeros(len(index))


def grid(shape: tuple[int, ...], size: int) -> tuple[int, int]:
    """Rows and columns of a tensor for its moments: its own where neither is too long to be told exactly."""
    if len(shape) >= 2 and shape[0] <= LONGEST and size // shape[0] <= LONGEST:
        return shape[0], size // shape[0]
    columns = max(1, int(np.ceil(np.sqrt(size))))
    return -(-size // columns), columns
