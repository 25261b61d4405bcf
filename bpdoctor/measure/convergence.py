"""The error of a difference quotient by its step size: truncation falls, rounding rises, and a V remains.

Notes
-----
The error of central differences is ``c h²`` from truncation and about ``ε |f| / h`` from rounding (Press et al.,
"Numerical Recipes", §5.7). A slope that is right shows both branches; one that is wrong by a factor shows a level
line at that error, whatever the step.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from bpdoctor.autodiff.sweep import Adjoints
from bpdoctor.measure.assess import Trial
from bpdoctor.measure.confirm import LossesAlong, directions
from bpdoctor.model.picture import Convergence

# Whole powers of ten first, so that what the time allows covers the whole range.
STEPS = (*(10.0**-k for k in range(1, 10)), *(10.0 ** -(k + 0.5) for k in range(1, 9)))
_SECONDS = 2.0


def convergence(
    trial: Trial, claimed: Sequence[Any | None], losses_along: LossesAlong, seed: int
) -> tuple[Convergence, ...]:
    """Measure the confirmed directions at many step sizes.

    Parameters
    ----------
    trial : Trial
    claimed : sequence of ndarray or None
        The program's gradient by family, at the scale of the true one; None where it has no scale.
    losses_along : callable
        As in `bpdoctor.measure.confirm.slopes`.
    seed : int
        The seed that the directions were confirmed with.
    """
    out: list[Convergence] = []
    deadline = time.monotonic() + _SECONDS
    for direction, swept in directions(trial, seed):
        found = _one(direction, swept, _slope(trial, direction, claimed), losses_along, deadline)
        if found is not None:
            out.append(found)
    return tuple(out)


def _one(
    direction: dict[int, Any],
    swept: float,
    claimed: float | None,
    losses_along: LossesAlong,
    deadline: float,
) -> Convergence | None:
    slopes: dict[float, float] = {}
    for h in STEPS:
        if time.monotonic() > deadline:
            break
        above, below = losses_along(direction, (h, -h))()
        if above is not None and below is not None and np.isfinite(above - below):
            slopes[h] = (above - below) / (2 * h)
    steps = tuple(sorted(slopes, reverse=True))
    if len(steps) < 2:
        return None
    reference = tuple(_relative(slopes[h], swept) for h in steps)
    return Convergence(steps, reference, () if claimed is None else tuple(_relative(slopes[h], claimed) for h in steps))


def _relative(measured: float, slope: float) -> float:
    size = max(abs(measured), abs(slope))
    return abs(measured - slope) / size if size else 0.0


def _slope(trial: Trial, direction: dict[int, Any], claimed: Sequence[Any | None]) -> float | None:
    """The slope that the program's own gradient gives along a direction."""
    moved = Adjoints(dict(direction))
    total = 0.0
    for family, gradient in zip(trial.view.families, claimed, strict=True):
        along = family.reference(trial.view.step, moved)
        if gradient is None or along is None:
            return None
        total += float(np.dot(np.ravel(gradient), np.ravel(along)))
    return total if np.isfinite(total) else None
