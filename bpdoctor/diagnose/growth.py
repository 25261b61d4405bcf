"""Weights that grow by a multiple of themselves beside a right gradient: a decay of the wrong sign."""

from __future__ import annotations

import numpy as np

from bpdoctor.diagnose.believed import Fault, shaped

_SAME = 1e-6


def growth_of(fault: Fault) -> float | None:
    """By how much of the weights a claimed gradient is less than the true one; None where that is not what is wrong.

    Notes
    -----
    A step along ``g - k w`` makes w larger by the rate times k w. It is one k for all entries, in all steps. With a
    plus it would be a decay, which needs no penalty in the loss.
    """
    found: list[float] = []
    for trial in fault.assessment.trials:
        for user, forward in fault.pairs:
            u, n = trial.view.by_key.get(user), trial.view.by_key.get(forward)
            true = None if n is None or n not in trial.view.starts else trial.adjoints.get(n)
            own = None if u is None or true is None else shaped(trial.view.tape.values[u], np.shape(true))
            if own is None or n is None:
                return None
            weights = np.asarray(trial.view.tape.values[n], dtype=np.float64)
            left = own / fault.scale - true
            k = -float(np.vdot(left, weights)) / float(np.vdot(weights, weights)) if np.any(weights) else 0.0
            if np.size(weights) < 2 or k <= 0 or np.abs(left + k * weights).max() > _SAME * np.abs(left).max():
                return None
            found.append(k)
    return found[0] if found and max(abs(k / found[0] - 1) for k in found) <= _SAME else None
