"""Seeded random directions in units of the parameters' own scale."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from bpdoctor.blackbox.parameters import Array, Layout, Vector

Support = slice | npt.NDArray[np.intp]
EVERYWHERE = slice(None)
SMALLEST, LARGEST = 0.5, 1.5
DEPTH = 1 << 16
PIECE = 9984
"""Fits the processor's cache, and is too short for a library to share it out to threads that wait for each other."""


Stretch = tuple[slice, Array, float]
"""Where it lies, and the entries there but for a factor."""


class Direction:
    """A vector that is zero outside its support: as it is, or as stretches of a table that it is read off from.

    To write a million entries into fresh memory costs as much as several forward passes.
    """

    def __init__(self, vector: Vector, support: Support = EVERYWHERE) -> None:
        self.support = support
        self._vector: Vector | None = vector
        self._drawn: Sequence[Stretch] = ()
        self.size = vector.size

    @classmethod
    def drawn(cls, stretches: Sequence[Stretch], size: int) -> Direction:
        """One over everything, of stretches that follow each other."""
        made = cls.__new__(cls)
        made.support, made._vector, made._drawn, made.size = EVERYWHERE, None, stretches, size
        return made

    @property
    def vector(self) -> Vector:
        """All of it, written out when it is first asked for."""
        if self._vector is None:
            self._vector = np.empty(self.size)
            for where, entries, factor in self._drawn:
                np.multiply(entries, factor, out=self._vector[where])
        return self._vector

    def stretches(self, within: slice = EVERYWHERE) -> Iterator[Stretch]:
        """Its entries from one place to another, which is where leaves begin and end; of a support without gaps."""
        first, last, _ = within.indices(self.size)
        if self._drawn:
            yield from (s for s in self._drawn if first <= s[0].start and s[0].stop <= last)
        elif isinstance(self.support, slice):
            begin, end, _ = self.support.indices(self.size)
            begin, end = max(begin, first), min(end, last)
            yield from ((part, self.vector[part], 1.0) for part in pieces(end - begin, begin))

    @property
    def whole(self) -> bool:
        """Whether it goes over all entries."""
        return isinstance(self.support, slice) and self.support == EVERYWHERE

    def covers(self, position: int) -> bool:
        """Whether an entry takes part: none of them is 0 within the support."""
        return bool(self._drawn) or bool(self.vector[position])

    def dot(self, other: Array) -> float:
        """Inner product."""
        return self.against(other)[0]

    def along(self, where: slice, part: Array) -> float:
        """Inner product of a part of the direction with as many entries."""
        if not isinstance(self.support, slice):
            return inner(self.vector[where], part)
        begin = where.start
        found = self.stretches(where)
        return sum(factor * float(np.dot(v, part[at.start - begin : at.stop - begin])) for at, v, factor in found)

    def size_of(self, other: Array) -> float:
        """Norm of the elementwise product: how far rounding of `other` can be seen along this direction."""
        return self.against(other)[1]

    def against(self, *others: Array) -> tuple[float, ...]:
        """Inner product with the first, and the norm of the elementwise product with each, in one pass."""
        if isinstance(self.support, slice):
            parts, stretches = list(others), self.stretches()
        else:
            parts, gathered = [other[self.support] for other in others], self.vector[self.support]
            stretches = ((part, gathered[part], 1.0) for part in pieces(gathered.size))
        found = [0.0] * (1 + len(parts))
        for where, entries, factor in stretches:
            found[0] += factor * float(np.dot(entries, parts[0][where]))
            for k, other in enumerate(parts, 1):
                product = entries * other[where]
                found[k] += factor * factor * float(np.dot(product, product))
        return (found[0], *(float(np.sqrt(square)) for square in found[1:]))


def inner(a: Array, b: Array) -> float:
    """Inner product of two vectors."""
    return sum(float(np.dot(a[part], b[part])) for part in pieces(a.size))


def pieces(size: int, start: int = 0) -> Iterator[slice]:
    """Stretches of a vector, one after the other: at a million entries fresh memory costs more than arithmetic."""
    for first in range(start, start + size, PIECE):
        yield slice(first, min(first + PIECE, start + size))


def stretch(table: Array, part: slice, rng: np.random.Generator) -> Array:
    """As many entries of a table of random numbers as the piece has, from a random place on.

    To draw a number for each of a million entries costs as much as several forward passes.
    """
    length = part.stop - part.start
    at = int(rng.integers(table.size - length + 1))
    return table[at : at + length]


def scales(layout: Layout, theta: Vector) -> list[float]:
    """How far each leaf may move to change the function noticeably: its own size, or that of an initialisation."""
    found = []
    for leaf in layout.leaves:
        part = theta[leaf.where]
        size = float(np.sqrt(inner(part, part) / leaf.size)) if leaf.size else 0.0
        found.append(size if np.isfinite(size) and size > 0 else 1 / np.sqrt(max(leaf.shape, default=1)))
    return found


class Directions:
    """Entries of random sign and of magnitudes between 0.5 and 1.5, times the leaf's scale.

    No entry is near 0, so an error in one entry is never missed for its direction; no two have the same
    magnitude, so that equal errors do not cancel.
    """

    def __init__(self, layout: Layout, scale: Sequence[float], seed: int) -> None:
        self.layout, self.scale = layout, scale
        self.rng = np.random.default_rng([seed, 5])
        magnitudes = self.rng.uniform(SMALLEST, LARGEST, DEPTH)
        self.table = magnitudes * np.where(self.rng.random(DEPTH) < 0.5, -1.0, 1.0)
        self.left_out: set[int] = set()

    def draw(self) -> Direction:
        """A fresh direction over all leaves that take part: stretches of the table, each from a place of its own."""
        found = [
            (part, stretch(self.table, part, self.rng), self.scale[i])
            for i, leaf in enumerate(self.layout.leaves)
            if i not in self.left_out
            for part in pieces(leaf.size, leaf.start)
        ]
        if not self.left_out:
            return Direction.drawn(found, self.layout.size)
        vector = np.zeros(self.layout.size)
        for part, entries, factor in found:
            np.multiply(entries, factor, out=vector[part])
        return Direction(vector)

    def part(self, whole: Direction, support: Support, weights: Array | None = None) -> Direction:
        """The same direction on a part of the parameters only, weighted where asked."""
        if not isinstance(support, slice) and support.size == support[-1] - support[0] + 1:
            # A stretch without gaps: copying it costs a fraction of gathering it.
            support = slice(int(support[0]), int(support[-1]) + 1)
        vector = np.zeros(whole.size)
        piece = whole.vector[support]
        vector[support] = piece if weights is None else piece * weights
        return Direction(vector, support)
