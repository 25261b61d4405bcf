"""A value that is right once all executions of its expression are added: each one overwrote the one before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from bpdoctor.diagnose.believed import Fault, believing, shaped
from bpdoctor.model.evidence import Prediction
from bpdoctor.model.rule import Rule

_SAME = 1e-8


def overwritten(fault: Fault, rules: Sequence[Rule]) -> tuple[Rule, Prediction, float] | None:
    """The rule of sums that are assigned, what it says, and how far the sum is from the truth.

    Notes
    -----
    Where the one term that is left is 0, as it is at the start of a sequence, any prediction of 0 fits and none
    proves anything; the terms that were lost do.
    """
    rule = next((r for r in rules if r.slug == "shared-weight-gradient-overwritten"), None)
    if rule is None:
        return None
    worst = 0.0
    for trial in fault.assessment.trials:
        seen = believing(trial, fault)
        for user, forward in fault.pairs:
            off = _off(seen, user, forward, fault.scale)
            if off is None or off > _SAME:
                return None
            worst = max(worst, off)
    true = np.zeros(1)
    return rule, Prediction(true, "all uses", "one of its terms alone", "the sum over all uses"), worst


def _off(trial: Any, user: tuple[int, int], forward: tuple[int, int], scale: float) -> float | None:
    """How far the sum of all executions of an expression is from the true adjoint; None where it is run once."""
    view = trial.view
    if user not in view.by_key or forward not in view.by_key or not scale:
        return None
    place, last = view.by_key[forward], view.by_key[user]
    true = trial.adjoints.get(place)
    executed = (view.by_key[key] for key in view.by_site.get(user[0], ()))
    terms = [n for n in executed if view.step.start <= n < view.step.stop]
    if true is None or not np.any(true) or len(terms) < 2 or last != max(terms):
        return None
    shapes = (shaped(view.tape.values[n], np.shape(view.tape.values[place])) for n in terms)
    values = [v for v in shapes if v is not None]
    if len(values) < len(terms):
        return None
    return float(np.abs(np.sum(np.stack(values), axis=0) / scale - true).max() / np.abs(true).max())
