"""Learning rates of their own: factors between gradients that the update statements themselves spell out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Sequence
from typing import Any

import numpy as np

from bpdoctor.identify.rates import Rate

_SAME = 1e-6


def explained(scale: float, own: Sequence[Rate], other: Sequence[Rate], sizes: Container[int]) -> bool:
    """Whether `scale` between two gradients is that of the rates they are applied with.

    Notes
    -----
    A division by a number of samples or units that one update has and the other has not is an averaging, no
    rate; so is a single factor that one of them has in addition, where it is the inverse of such a number. Where
    one gradient is averaged by its update and the other before it, ``W -= 0.5 * X.T @ d`` beside
    ``U -= 0.1 * 2 * h.T @ e / n``, the averagings belong to the gradients, and so may the 2 of a square: two rates
    are left.
    """

    def averaging(rate: Rate) -> bool:
        return _averages(rate, sizes)

    if not spelled(scale, own, other):
        return any(
            _of_the_rest(scale, own, other, belongs)
            for belongs in (averaging, lambda r: averaging(r) or _of_a_square(r))
        )
    mine, theirs = Counter(own) - Counter(other), Counter(other) - Counter(own)
    lone = not mine or not theirs
    return not any(averaging(r) for r in [*mine, *theirs] if lone or r.divided)


def _of_the_rest(scale: float, own: Sequence[Rate], other: Sequence[Rate], belongs: Callable[[Rate], bool]) -> bool:
    """Whether two rates are left that make `scale`, without the constants that belong to the gradients."""
    mine, theirs = ([r for r in rates if not belongs(r)] for rates in (own, other))
    return bool(mine and theirs) and spelled(scale, mine, theirs)


def _of_a_square(rate: Rate) -> bool:
    return rate.factor in (1.0, 2.0)


def spelled(scale: float, own: Sequence[Rate], other: Sequence[Rate]) -> bool:
    """Whether two update statements that differ in their constants make `scale` of one gradient beside another."""
    ratio = _product(Counter(own) - Counter(other)) / (_product(Counter(other) - Counter(own)) or np.inf)
    return bool(ratio) and abs(ratio - 1) >= _SAME and abs(abs(scale) - ratio) <= _SAME * ratio


def _product(rates: Counter[Rate]) -> float:
    return float(np.prod([abs(r.factor) ** count for r, count in rates.items()]))


def _averages(rate: Rate, sizes: Container[int]) -> bool:
    number = 1 / abs(rate.factor) if rate.factor else 0.0
    return round(number) > 1 and abs(number - round(number)) < 1e-9 * number and round(number) in sizes


def averaged_over(trial: Any) -> set[int]:
    """What an averaging may divide by: dimensions, entries of the output, how often the same parameter is used.

    That is once for each sample, where every one goes through the network alone.
    """
    nodes, values = trial.view.tape.nodes, trial.view.tape.values
    starts = {c.start for c in trial.view.step.parameters}
    used = Counter((nodes[n].site, s) for n in trial.view.forward for s in nodes[n].inputs if s in starts)
    outputs = {np.size(values[o]) for o, _ in trial.candidate.pairs}
    return {n for m in trial.adjoints.values for n in np.shape(values[m])} | set(used.values()) | outputs
