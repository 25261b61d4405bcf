"""The reference held against the program itself: directional derivatives from real re-runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

import numpy as np

from bpdoctor.identify.loss import FORMS, implied_value
from bpdoctor.measure.assess import Trial
from bpdoctor.measure.fit import resolution
from bpdoctor.model.record import record

Losses = Callable[[], list[float | None]]
LossesAlong = Callable[[dict[int, Any], Sequence[float]], Losses]
DIRECTIONS = 2
# A direction over so many entries would not miss any part of them; a second one only takes time.
MANY = 100_000
_STEP = 1e-4
# A swept slope may differ from a measured one by this much of it, beyond the measured error estimate.
_SLACK = 1e-6


@record
class Slope:
    """One directional derivative: as swept, as measured, and the error estimate of the measurement.

    At a `corner` of the loss, of its slopes to both sides, the measured one is their mean.
    """

    swept: float
    measured: float
    error: float
    corner: tuple[float, float] | None = None

    @property
    def between(self) -> bool:
        """Whether the parameters are at a corner and the swept slope is one that it has there."""
        if self.corner is None:
            return False
        return min(self.corner) - self.error <= self.swept <= max(self.corner) + self.error

    @property
    def agrees(self) -> bool:
        """Whether the two are the same within the error estimate."""
        return self.between or abs(self.swept - self.measured) <= 10 * self.error + _SLACK * max(
            abs(self.measured), abs(self.swept)
        )


Slopes = Callable[[], list[Slope] | None]


def unmeasured() -> list[Slope] | None:
    """No slopes: the program could not be run again."""
    return None


def slopes(trial: Trial, losses_along: LossesAlong, seed: int) -> Slopes:
    """Begin to measure a few random directions over all parameters together.

    Parameters
    ----------
    trial : Trial
        The step and the adjoints to be confirmed.
    losses_along : callable
        ``losses_along(direction, steps)`` begins to run the program again with each of the steps along the
        direction added to the parameters' start versions, and gives what waits for the losses; None where a
        re-run failed.
    seed : int

    Returns
    -------
    callable
        Waits for the slopes; None when the program could not be run again.

    Notes
    -----
    Central differences at h and h/2 with Richardson extrapolation: four runs a direction. Their
    difference is the error estimate, plus the rounding of the loss divided by the step. In single precision the
    step is the cube root of the rounding (Press et al., Numerical Recipes, 5.7).
    """
    nodes = [*loss_nodes(trial), *trial.view.starts]
    eps = resolution(*(trial.view.tape.values[n] for n in nodes))
    step = _STEP if eps == np.finfo(float).eps else float(np.cbrt(eps))
    begun = [(direction, swept, losses_along(direction, _around(step))) for direction, swept in directions(trial, seed)]
    here = loss_from(trial, [trial.view.tape.values[n] for n in loss_nodes(trial)])

    def measured() -> list[Slope] | None:
        out: list[Slope] = []
        while begun:  # a direction is as large as the parameters: it is let go
            direction, swept, losses = begun.pop(0)
            found = _slope(swept, step, eps, losses())
            if found is not None and not found.agrees:
                # A corner may lie within the step: a smaller one stays on one side of it, or the parameters are at it.
                found = _slope(swept, step / 100, eps, losses_along(direction, _around(step / 100))(), here)
            if found is None:
                return None
            out.append(found)
        return out

    return cache(measured)


def directions(trial: Trial, seed: int) -> Iterator[tuple[dict[int, Any], float]]:
    """The random directions of a seed, each with the slope that the sweep gives along it."""
    rng = np.random.default_rng(seed)
    entries = sum(np.size(trial.view.tape.values[c.start]) for c in trial.view.step.parameters)
    for _ in range(DIRECTIONS if entries < MANY else 1):
        yield _direction(trial, rng)


def _around(step: float) -> tuple[float, ...]:
    return step, -step, step / 2, -step / 2


def _slope(
    swept: float, step: float, eps: float, found: Sequence[float | None], here: float | None = None
) -> Slope | None:
    """One direction from the losses around a step; None when a re-run failed. With the loss `here` a corner is seen."""
    values = [v for v in found if v is not None and np.isfinite(v)]
    if len(values) < len(found):
        return None
    wide, narrow = (values[0] - values[1]) / (2 * step), (values[2] - values[3]) / step
    rounding = 16 * eps * max(map(abs, values)) / step
    sides = None if here is None else (2 * (values[2] - here) / step, 2 * (here - values[3]) / step)
    return Slope(swept, (4 * narrow - wide) / 3, abs(narrow - wide) + rounding, sides)


def _direction(trial: Trial, rng: np.random.Generator) -> tuple[dict[int, Any], float]:
    """Random signs scaled to each parameter's size, and the slope the sweep gives along them."""
    out: dict[int, Any] = {}
    swept = 0.0
    tape = trial.view.tape
    # What is run again has the numbers that keep a logarithm finite, and targets that change.
    other = trial.candidate.bare or trial.candidate.given
    adjoints = trial.view.sweep(trial.candidate.seeds) if other else trial.adjoints
    for c in trial.view.step.parameters:
        value = np.asarray(tape.values[c.start], dtype=np.float64)
        if tape.nodes[c.start].prim in ("leaf", "view") or c.start in adjoints.tainted or c.start in out:
            continue
        size = float(np.sqrt(np.mean(value**2))) if value.size else 0.0
        v = rng.choice([-1.0, 1.0], size=value.shape) * max(size, 0.05)
        g = adjoints.get(c.start)
        out[c.start] = v
        swept += 0.0 if g is None else float(np.sum(g * v))
    return out, swept


def loss_nodes(trial: Trial) -> list[int]:
    """What must be read back to know the loss."""
    return list(trial.candidate.scalars) or [o for o, _ in trial.candidate.pairs]


def loss_from(trial: Trial, values: list[Any]) -> float:
    """The loss from the values of `loss_nodes`."""
    if trial.candidate.node is not None:
        terms = zip(trial.candidate.factors, values, strict=True)
        return sum(factor * float(np.asarray(v, dtype=np.float64).ravel()[0]) for factor, v in terms)
    if trial.candidate.form not in FORMS:
        # Only the derivative is known: that of the product of it with the outputs.
        seeds = (trial.candidate.seeds[o] for o in dict(trial.candidate.pairs))
        held = dict(zip(loss_nodes(trial), values, strict=True))
        return sum(float(np.sum(seed * held[o])) for seed, o in zip(seeds, dict(trial.candidate.pairs), strict=True))
    pairs = zip(values, trial.candidate.pairs, strict=True)
    return sum(implied_value(trial.candidate.form, np.asarray(o, dtype=np.float64), t) for o, (_, t) in pairs)
