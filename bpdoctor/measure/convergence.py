"""The error of a difference quotient by its step size: truncation falls, rounding rises, and a V remains.

Notes
-----
The error of central differences is ``c h²`` from truncation and about ``ε |f| / h`` from rounding (Press et al.,
"Numerical Recipes", §5.7). A slope that is right shows both branches; one that is wrong by a factor shows a level
line at that error, whatever the step.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from bpdoctor.autodiff.sweep import Adjoints
from bpdoctor.measure.assess import Trial
from bpdoctor.measure.confirm import directions
from bpdoctor.model.picture import Convergence

STEPS = tuple(10.0 ** -(k / 2) for k in range(2, 19))
# Beyond this many seconds no further direction is begun.
_SECONDS = 2.0


def convergence(
    trial: Trial, claimed: Sequence[Any | None], loss_at: Callable[[dict[int, Any]], float | None], seed: int
) -> tuple[Convergence, ...]:
    """Measure the confirmed directions at many step sizes.

    Parameters
    ----------
    trial : Trial
    claimed : sequence of ndarray or None
        The program's gradient by family, at the scale of the true one; None where it has no scale.
    loss_at : callable
        As in `bpdoctor.measure.confirm.slopes`.
    seed : int
        The seed that the directions were confirmed with.
    """
    out: list[Convergence] = []
    started = time.monotonic()
    for direction, swept in directions(trial, seed):
        if out and time.monotonic() - started > _SECONDS:
            break
        found = _one(direction, swept, _slope(trial, direction, claimed), loss_at)
        if found is not None:
            out.append(found)
    return tuple(out)


def _one(
    direction: dict[int, Any], swept: float, claimed: float | None, loss_at: Callable[[dict[int, Any]], float | None]
) -> Convergence | None:
    steps, reference, mine = [], [], []
    for h in STEPS:
        above, below = (loss_at({n: s * v for n, v in direction.items()}) for s in (h, -h))
        if above is None or below is None or not np.isfinite(above - below):
            continue
        slope = (above - below) / (2 * h)
        steps.append(h)
        reference.append(_relative(slope, swept))
        if claimed is not None:
            mine.append(_relative(slope, claimed))
    return Convergence(tuple(steps), tuple(reference), tuple(mine)) if len(steps) > 1 else None


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
