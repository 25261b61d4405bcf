"""What is drawn of an analysis: the computation with both derivatives, the error of each entry of a gradient."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from bpdoctor.measure.assess import Assessment, Trial
from bpdoctor.model.picture import Convergence, Grid, Heat, Pictures
from bpdoctor.observe.sites import Sites
from bpdoctor.pipeline.analysis import Analysis
from bpdoctor.pipeline.naming import family_names
from bpdoctor.pipeline.places import places_of

MOST_ROWS, MOST_COLUMNS = 28, 56
MOST_HEATS = 16


def pictures_of(a: Analysis, sites: Sites, convergence: tuple[Convergence, ...] = ()) -> Pictures | None:
    """Pictures of the first recorded step in which something flows; None where no gradient was established."""
    if a.assessment is None or a.rest is None:
        return None
    i, names = _lively(a.assessment), family_names(a.views[0], sites)
    trial = a.assessment.trials[i]
    rates = claimed_rates(a.rest.trials[i], trial)
    return Pictures(
        trial.view.step.iteration,
        places_of(a, i, names, sites),
        tuple(_heats(trial, rates, names)),
        convergence,
    )


def claimed_rates(believed: Trial, trial: Trial) -> list[float]:
    """The factor that each family's claim carries: the step's common one, else the one that fits best."""
    out = []
    for family, found in zip(trial.view.families, trial.fits, strict=True):
        plain = all(c.plain for c in family.claims)
        rate = believed.rate[plain] or trial.rate[plain]
        if not rate and found is not None and np.isfinite(found.scale):
            rate = found.scale
        out.append(rate)
    return out


def claimed_of(believed: Trial, trial: Trial) -> list[Any | None]:
    """Each family's claimed gradient at the scale of the true one; None where it has no scale."""
    rates = claimed_rates(believed, trial)
    return [change / rate if rate else None for change, rate in zip(trial.view.changes, rates, strict=True)]


def _lively(assessment: Assessment) -> int:
    """The first recorded step whose gradient is not zero; a probe only where there is none."""
    first = assessment.trials[0].view.tape
    order = sorted(range(len(assessment.trials)), key=lambda i: assessment.trials[i].view.tape is not first)
    return next((i for i in order if np.isfinite(assessment.trials[i].top) and assessment.trials[i].top > 0), 0)


def _heats(trial: Trial, rates: Sequence[float], names: Sequence[str]) -> list[Heat]:
    """One for each family whose gradient can be held against the reference."""
    out: list[Heat] = []
    for k, (family, reference) in enumerate(zip(trial.view.families, trial.references, strict=True)):
        change = np.asarray(trial.view.changes[k], dtype=np.float64)
        if reference is None or not rates[k] or len(out) >= MOST_HEATS:
            continue
        true = np.asarray(reference, dtype=np.float64)
        top = float(np.abs(true).max()) if true.size else 0.0
        if not (top and np.isfinite(true).all() and np.isfinite(change).all()) or change.size != true.size:
            continue
        out.append(Heat(names[k], blocks(np.abs(change / rates[k] - true) / top, family.shape)))
    return out


def blocks(values: Any, shape: tuple[int, ...]) -> Grid:
    """The largest entry of each block, with as few blocks as are needed to fit."""
    flat = np.asarray(values, dtype=np.float64)
    table = flat.reshape(shape[0], -1) if len(shape) > 1 else flat.reshape(1, -1)
    down, across = -(-table.shape[0] // MOST_ROWS), -(-table.shape[1] // MOST_COLUMNS)
    rows = tuple(
        tuple(float(table[i : i + down, j : j + across].max()) for j in range(0, table.shape[1], across))
        for i in range(0, table.shape[0], down)
    )
    return Grid(rows, shape, (down, across))
