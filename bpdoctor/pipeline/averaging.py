"""Whether a gradient is averaged over the samples once more than its loss is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from bpdoctor.identify.loss import Residual, implied_losses
from bpdoctor.measure.fit import fit

_NEAR = 1e-6


def averaged_again(rate: float, claims: Sequence[Any], trial: Any) -> float | None:
    """1/n where the loss is a mean over n already and the gradient is divided by n once more.

    A sum that is reported beside an averaged gradient is no such thing: there the loss holds no 1/n.
    """
    stated = {abs(c.factor) for c in claims} - {0.0, 1.0}
    share = _share(trial)
    if len(stated) != 1 or share is None:
        return None
    k: float = rate / stated.pop()
    for n in {n for v in trial.candidate.pairs for n in np.shape(v[1])} - {1}:
        if abs(k * n - 1) < _NEAR and any(abs(share * n / c - 1) < _NEAR for c in (1, 2)):
            return k
    return None


def _share(trial: Any) -> float | None:
    """The computed loss's derivative at the outputs, as a multiple of that of the plain sum over samples."""
    if not trial.candidate.pairs:
        return None
    for standard in implied_losses(trial.view.tape, Residual(0, trial.candidate.pairs, ())):
        held = [trial.adjoints.get(o) for o, _ in trial.candidate.pairs]
        if any(g is None for g in held):
            return None
        wanted = np.concatenate([np.ravel(standard.seeds[o]) for o, _ in trial.candidate.pairs])
        found = fit(np.concatenate([np.ravel(g) for g in held]), wanted, 1e-7)
        if found.matches:
            return found.scale
    return None
