"""Seeded random directions in units of the parameters' own scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from bpdoctor.blackbox.parameters import Array, Layout, Vector

Support = slice | npt.NDArray[np.intp]
EVERYWHERE = slice(None)
SMALLEST, LARGEST = 0.5, 1.5
DEPTH = PIECE = 1 << 16


@dataclass(frozen=True, slots=True)
class Direction:
    """A vector that is zero outside its support."""

    vector: Vector
    support: Support = field(default_factory=lambda: EVERYWHERE)

    def dot(self, other: Array) -> float:
        """Inner product."""
        return float(np.dot(self.vector[self.support], other[self.support]))

    def size_of(self, other: Array) -> float:
        """Norm of the elementwise product: how far rounding of `other` can be seen along this direction.

        In pieces that fit the processor's cache: at a million entries, fresh memory costs more than arithmetic.
        """
        a, b = self.vector[self.support], other[self.support]
        total = 0.0
        for start in range(0, a.size, PIECE):
            product = a[start : start + PIECE] * b[start : start + PIECE]
            total += float(np.dot(product, product))
        return float(np.sqrt(total))


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
        """A fresh direction over all leaves that take part."""
        count = self.layout.size
        picks = np.frombuffer(self.rng.bytes(2 * count), dtype=np.uint16)
        vector: Vector = self.table.take(picks)
        for i, leaf in enumerate(self.layout.leaves):
            vector[leaf.where] *= 0.0 if i in self.left_out else self.scale[i]
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
