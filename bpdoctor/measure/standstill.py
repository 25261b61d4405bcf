"""Runs that do not move: a loss that stays where it began, and outputs that are the same for every sample."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bpdoctor.measure.course import course
from bpdoctor.measure.descent import descents
from bpdoctor.measure.sample import spread_of
from bpdoctor.model.examination import Examination, Measurement

_FEWEST = 100
# Outputs that vary by less than a fiftieth of what the targets do.
_CONSTANT = 0.02


@dataclass(frozen=True, slots=True)
class Standstill:
    """A loss that stays at `loss` over `steps` steps of the same data, the gradients being right.

    `outputs` and `targets` are their standard deviations over samples, `constant` tells that the outputs were
    practically the same for every sample throughout. `gains` are the shares of the loss that the last sampled
    step would have gained, had it been 10, 100 and 1000 times as long.
    """

    loss: float
    steps: int
    outputs: float
    targets: float
    constant: bool
    gains: tuple[float, ...]


def standstill(examination: Examination) -> list[Standstill]:
    """The run as a whole, if it stands."""
    samples = examination.samples
    if len(samples) < 2 or any(s.loss is None or s.targets is None for s in samples):
        return []
    steps = samples[-1].iteration - samples[0].iteration
    targets = samples[0].targets
    same = all(np.array_equal(s.targets, targets) for s in samples)
    if steps < _FEWEST or not same or course([s.loss for s in samples]) != "plateau":
        return []
    wanted, spreads = spread_of(targets), [s.varying for s in samples]
    if not wanted or any(x is None for x in spreads):
        return []
    last = descents(examination)[-1:]
    gains = tuple((d.before - d.after[i]) / abs(d.before) for d in last for i in (4, 5) if d.before)
    constant = max(x for x in spreads if x is not None) < _CONSTANT * wanted
    return [Standstill(float(samples[-1].loss), steps, float(spreads[-1] or 0), wanted, constant, gains)]


MEASURE = Measurement("standstill", standstill)
