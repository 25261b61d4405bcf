"""Gradients that are nothing beside the others of their step: zero but for rounding, or without their digits."""

from __future__ import annotations

from typing import Any

import numpy as np

from bpdoctor.measure.fit import resolution

# A gradient this small beside the largest of its step is zero but for rounding.
_NEGLIGIBLE = 1e-12
# What a sum of errors that cancel may leave, in roundings of the largest of them; larger ones are not looked at.
_LEFT, _LEFT_AT_ALL = 50, 5_000
# So much smaller than others of its step is a gradient whose digits may be lost.
_SMALL = 1e-6


def nothing(trial: Any, reference: Any, change: Any, rate: float) -> bool:
    """Whether both are zero beside the gradients of the step, or what rounding leaves of errors that cancel.

    That is left of a bias whose best value has been reached.
    """
    if _tiny(reference, trial.top) and _tiny(change, trial.top * rate):
        return True
    left = max(float(np.abs(reference).max(initial=0.0)), float(np.abs(change).max(initial=0.0)) / rate)
    rounding = resolution(*(trial.view.tape.values[n] for n in trial.view.starts))
    if left > _LEFT_AT_ALL * rounding:
        return False
    sizes = (float(np.abs(v).max()) for v in trial.adjoints.values.values() if np.size(v) > 1)
    return left <= _LEFT * rounding * max((s for s in sizes if np.isfinite(s)), default=0.0)


def lost(trial: Any, reference: Any, change: Any, rate: float) -> bool:
    """Whether a gradient is so small beside others of its step that ``1 - a`` of a saturated unit lost its digits."""
    if not rate or np.size(reference) != np.size(change):
        return False
    claimed, reference = np.ravel(change) / rate, np.ravel(reference)
    largest = max(float(np.abs(claimed).max(initial=0.0)), float(np.abs(reference).max(initial=0.0)))
    rounding = resolution(*(trial.view.tape.values[n] for n in trial.view.starts))
    apart = float(np.abs(claimed - reference).max(initial=0.0))
    return largest <= _SMALL * float(trial.top) and apart <= _LEFT_AT_ALL * rounding * float(trial.top)


def _tiny(values: Any, top: float) -> bool:
    return not values.size or bool(float(np.abs(values).max()) <= _NEGLIGIBLE * top)
