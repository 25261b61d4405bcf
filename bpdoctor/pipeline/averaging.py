"""Whether a gradient is averaged over the samples once more than its loss is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from bpdoctor.measure.averages import averages, divided_by, without_rates
from bpdoctor.model.tape import Tape

_NEAR = 1e-6


def averaged_again(trial: Any, rate: float, plain: bool, tensors: Sequence[int]) -> tuple[int, float] | None:
    """How many samples or outputs all gradients are averaged over twice, and how many times the reference they are.

    Parameters
    ----------
    trial : Trial
        A step under its loss.
    rate : float
        What all updates are, as a multiple of the loss's derivative.
    plain : bool
        Whether the updates are this multiple of their gradient, with no optimiser in between.
    tensors : sequence of int
        The families that have this rate.

    Notes
    -----
    A sum that is reported beside an averaged gradient is no such thing: there the loss holds no 1/n. Behind an
    optimiser, and of a loss that is not computed, a number may be the rate: there the program must be seen to
    divide twice by one n, which no two dimensions of its outputs have.
    """
    view, computed = trial.view, trial.candidate.node is not None
    held = averages(view.tape, trial.candidate.node) if computed else _sizes(view.tape, trial.candidate.pairs)
    claims = [c for k in tensors for c in view.families[k].claims]
    for n in sorted(held, reverse=True):
        left = [without_rates(c, n, rate) for c in claims]
        # A half of the square may be missing besides.
        times, halves = (n, (1, 0.5)) if computed else (n * n, (1, 2, 0.5))
        if any(abs(k - left[0]) > _NEAR * k for k in left) or all(abs(left[0] * times / c - 1) > _NEAR for c in halves):
            continue
        if (computed and plain) or all(divided_by(view, view.families[j], n) > 1 for j in tensors):
            return n, left[0]
    return None


def _sizes(tape: Tape, pairs: Sequence[tuple[int, Any]]) -> set[int]:
    """The dimensions that one array of outputs has once, and how many outputs there are."""
    shapes = [np.shape(tape.values[o]) for o, _ in pairs]
    if len(shapes) != 1:
        return set()
    own = [n for n in shapes[0] if shapes[0].count(n) == 1]
    return {n for n in (*own, int(np.prod(shapes[0]))) if n > 2}
