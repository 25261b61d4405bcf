"""Seeded random directions in units of the parameters' own scale."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import field

import numpy as np
import numpy.typing as npt

from bpdoctor.blackbox.parameters import Array, Layout, Vector
from bpdoctor.model.record import record

Support = slice | npt.NDArray[np.intp]
EVERYWHERE = slice(None)
SMALLEST, LARGEST = 0.5, 1.5
DEPTH = 1 << 16
PIECE = 1 << 13
"""Fits the processor's cache, and is too short for a library to share it out to threads that wait for each other."""


@record
class Direction:
    """A vector that is zero outside its support."""

    vector: Vector
    support: Support = field(default_factory=lambda: EVERYWHERE)

    def dot(self, other: Array) -> float:
        """Inner product."""
        return inner(self.vector[self.support], other[self.support])

    def size_of(self, other: Array) -> float:
        """Norm of the elementwise product: how far rounding of `other` can be seen along this direction."""
        return self.against(other)[1]

    def against(self, *others: Array) -> tuple[float, ...]:
        """Inner product with the first, and the norm of the elementwise product with each, in one pass."""
        vector, parts = self.vector[self.support], [other[self.support] for other in others]
        found = [0.0] * (1 + len(parts))
        for part in pieces(vector.size):
            piece = vector[part]
            found[0] += float(np.dot(piece, parts[0][part]))
            for k, other in enumerate(parts, 1):
                product = piece * other[part]
                found[k] += float(np.dot(product, product))
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
        size = float(np.sqrt(np.dot(part, part) / leaf.size)) if leaf.size else 0.0
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
        vector = np.empty(self.layout.size)
        for i, leaf in enumerate(self.layout.leaves):
            if i in self.left_out:
                vector[leaf.where] = 0.0
                continue
            for part in pieces(leaf.size, leaf.start):
                np.multiply(stretch(self.table, part, self.rng), self.scale[i], out=vector[part])
        return Direction(vector)

    def part(self, whole: Direction, support: Support, weights: Array | None = None) -> Direction:
        """The same direction on a part of the parameters only, weighted where asked."""
        if not isinstance(support, slice) and support.size == support[-1] - support[0] + 1:
            # A stretch without gaps: copying it costs a fraction of gathering it.
            support = slice(int(support[0]), int(support[-1]) + 1)
        vector = np.zeros_like(whole.vector)
        piece = whole.vector[support]
        vector[support] = piece if weights is None else piece * weights
        return Direction(vector, support)
