"""Runs that do not move: a loss that stays where it is for nine tenths of the steps.

Notes
-----
The mean of the targets is found within a few steps by the last bias alone, and the loss falls with it; what counts
is that it stays from there on.
"""

from __future__ import annotations

import numpy as np

from bpdoctor.measure.course import FLAT
from bpdoctor.measure.descent import descents
from bpdoctor.measure.layers import named_site
from bpdoctor.measure.sample import spread_of
from bpdoctor.model.examination import Examination, Measurement
from bpdoctor.model.record import record

_FEWEST = 100
_TENTH = 10
_POINTS = 4
# Where nothing bends, a thousand times the step gains a thousand times as much.
_STRAIGHT = 300
# Outputs that vary by less than a fiftieth of what the targets do.
_CONSTANT = 0.02


@record
class Standstill:
    """A loss that stays at `loss` over `steps` steps of the same data; `site` computes the outputs.

    `outputs` and `targets` are their standard deviations over samples; `constant` tells that the outputs were
    practically the same for every sample all that time. `gain` is the share of the loss that the last sampled step
    would have gained had it been 1000 times as long; `straight` tells that this is hundreds of times what it gained.
    """

    site: int
    loss: float
    steps: int
    outputs: float
    targets: float
    constant: bool
    gain: float
    straight: bool


def standstill(examination: Examination) -> list[Standstill]:
    """The run as a whole, if it stands."""
    samples = examination.samples
    if len(samples) < 2 or any(s.loss is None or s.targets is None for s in samples):
        return []
    steps = samples[-1].iteration - samples[0].iteration
    targets, tail = samples[0].targets, [s.loss for s in samples if s.iteration >= samples[-1].iteration / _TENTH]
    if steps < _FEWEST or len(tail) < _POINTS or not all(np.array_equal(s.targets, targets) for s in samples):
        return []
    wanted, spreads = spread_of(targets), [s.varying for s in samples[-len(tail) :]]
    if not np.isfinite(tail).all() or np.ptp(tail) > FLAT * max(np.abs(tail)) or not wanted:
        return []
    if any(x is None for x in spreads) or examination.assessment is None:
        return []
    gain, straight = _ahead(examination)
    constant = max(x for x in spreads if x is not None) < _CONSTANT * wanted
    site = _output(examination)
    return [Standstill(site, float(tail[-1]), steps, float(spreads[-1] or 0), wanted, constant, gain, straight)]


def _output(examination: Examination) -> int:
    trial = examination.assessment.trials[0]
    return named_site(trial.view.tape, trial.candidate.pairs[0][0])


def _ahead(examination: Examination) -> tuple[float, bool]:
    """What lies before the last recorded step, on the line along which it went."""
    last = next(iter(descents(examination)[-1:]), None)
    if last is None or not last.before:
        return 0.0, False
    short, long = last.before - last.after, last.before - last.at(1000.0)
    return long / abs(last.before), long > _STRAIGHT * short > 0


MEASURE = Measurement("standstill", standstill)
