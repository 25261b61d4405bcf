"""A step along a direction, in one buffer: of what the direction leaves alone nothing is written again."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bpdoctor.blackbox.directions import EVERYWHERE, Direction, Stretch, Support, pieces
from bpdoctor.blackbox.parameters import Array, Vector

SPARSE = 16
"""Single entries are written one by one where there are so many times fewer of them than in all."""


class Stepping:
    """Holds origin + t·v; an origin of None is 0.

    With `afresh`, all of it is written every time: for functions that change what they are given.
    """

    def __init__(self, buffer: Array, origin: Vector | None, *, afresh: bool) -> None:
        self.buffer, self.origin, self.afresh = buffer, origin, afresh
        self.left: Support = EVERYWHERE
        """Where the buffer may differ from the origin."""

    def to(self, direction: Direction, t: float) -> Array:
        """The buffer, a step along the direction away from the origin."""
        support = EVERYWHERE if self.afresh else self._few(direction.support)
        if support is not self.left and support is not EVERYWHERE:
            self._restore()
        if isinstance(support, slice):
            for where, entries, factor in self._over(direction, support):
                there = self.buffer[where]
                np.multiply(entries, factor * t, out=there)
                if self.origin is not None:
                    there += self.origin[where]
        else:
            step = direction.vector[support] * t
            self.buffer[support] = step if self.origin is None else self.origin[support] + step
        self.left = support
        return self.buffer

    def _few(self, support: Support) -> Support:
        if isinstance(support, slice):
            return EVERYWHERE if support == EVERYWHERE else support
        return support if support.size * SPARSE < self.buffer.size else EVERYWHERE

    def _restore(self) -> None:
        self.buffer[self.left] = 0.0 if self.origin is None else self.origin[self.left]

    def _over(self, direction: Direction, support: slice) -> Iterator[Stretch]:
        """The direction's entries here: all that it has, or zeros too where it is written as if it were whole."""
        if support is EVERYWHERE and not direction.whole:
            return ((part, direction.vector[part], 1.0) for part in pieces(self.buffer.size))
        return direction.stretches()
