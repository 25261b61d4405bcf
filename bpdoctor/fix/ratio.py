"""The one number by which a value differs from what is wanted."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

_CLOSE = {8: 1e-8, 4: 2e-5}
# Entries at which a multiple is looked for first, beside the largest.
_LOOKS = 3


class Target:
    """What is wanted of a value: a multiple of it is recognised, as nearly as numbers of its kind can tell.

    Nearly all values that are tried are none, which a few entries tell: only where these agree, all are compared.
    """

    def __init__(self, wanted: Any) -> None:
        given = np.asarray(wanted)
        self.kind = given.dtype if given.dtype.kind == "f" else np.dtype(np.float64)
        self.close = _CLOSE.get(self.kind.itemsize, _CLOSE[8])
        self.value = given.astype(np.float64)
        self.flat = self.value.ravel()
        self.top = float(np.abs(self.flat).max(initial=0.0))
        self.looks: list[tuple[int, float]] = []
        if self.top and np.isfinite(self.top):
            step = max(self.flat.size // _LOOKS, 1)
            places = (int(np.abs(self.flat).argmax()), *range(0, self.flat.size, step))
            self.looks = [(i, float(self.flat[i])) for i in places]

    @property
    def shape(self) -> tuple[int, ...]:
        return self.value.shape

    def ratio(self, *factors: Any) -> float | None:
        """The number that takes the product of these arrays to what is wanted; None where there is none."""
        if any(f.shape != self.shape for f in factors) or not self._likely(factors):
            return None
        own = np.ravel(prod(factors[1:], start=factors[0]))
        size = float(np.dot(own, own))
        if not size or not np.isfinite(size):
            return None
        ratio = float(np.dot(own, self.flat)) / size
        return ratio if np.abs(self.flat - ratio * own).max() <= self.close * self.top else None

    def _likely(self, factors: Sequence[Any]) -> bool:
        """Whether one number does for the entries that are looked at."""
        if not self.looks:
            return False
        (at, wanted), *others = self.looks
        largest = _entry(factors, at)
        if not largest:
            return False
        ratio = wanted / largest
        # With a ratio from one entry the others may be off by that entry's share as well.
        return all(abs(wanted - ratio * _entry(factors, i)) <= 4 * self.close * self.top for i, wanted in others)


def _entry(factors: Sequence[Any], i: int) -> float:
    """One entry of the product of some arrays."""
    value = 1.0
    for f in factors:
        value *= f.item(i)
    return value
