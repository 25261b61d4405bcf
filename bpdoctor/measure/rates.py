"""Learning rates of their own: factors between gradients that the update statements themselves spell out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Sequence

import numpy as np

from bpdoctor.identify.rates import Rate

_SAME = 1e-6


def explained(scale: float, own: Sequence[Rate], other: Sequence[Rate], sizes: Container[int]) -> bool:
    """Whether `scale` between two gradients is that of the rates they are applied with.

    Notes
    -----
    A division by a number of samples or units that one update has and the other has not is an averaging, no
    rate; so is a single factor that one of them has in addition, where it is the inverse of such a number.
    """
    if not spelled(scale, own, other):
        return False
    mine, theirs = Counter(own) - Counter(other), Counter(other) - Counter(own)
    lone = not mine or not theirs
    return not any(_averages(r, sizes) for r in [*mine, *theirs] if lone or r.divided)


def spelled(scale: float, own: Sequence[Rate], other: Sequence[Rate]) -> bool:
    """Whether two update statements that differ in their constants make `scale` of one gradient beside another."""
    ratio = _product(Counter(own) - Counter(other)) / (_product(Counter(other) - Counter(own)) or np.inf)
    return bool(ratio) and abs(ratio - 1) >= _SAME and abs(abs(scale) - ratio) <= _SAME * ratio


def _product(rates: Counter[Rate]) -> float:
    return float(np.prod([abs(r.factor) ** count for r, count in rates.items()]))


def _averages(rate: Rate, sizes: Container[int]) -> bool:
    number = 1 / abs(rate.factor) if rate.factor else 0.0
    return round(number) > 1 and abs(number - round(number)) < 1e-9 * number and round(number) in sizes
