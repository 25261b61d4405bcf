"""Weights of the samples: the error of each is multiplied by a number of its own, which no parameter moves.

Such a gradient is that of a weighted loss, and may be meant: rare classes count more, doubtful samples less.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from bpdoctor.diagnose.believed import Fault, shaped
from bpdoctor.diagnose.meant import Meant
from bpdoctor.diagnose.name import after_network
from bpdoctor.model.tape import CONST

_SAME = 1e-9
_FACTORS = 6


def weights_of(fault: Fault) -> Meant | None:
    """The weights that alone tell a wrong error at the network's end from the right one; None for other faults.

    Notes
    -----
    They are factors on the tape, positive, and the same in all outputs of a sample. What is left when they are taken
    out is one multiple of the true adjoint in all steps. In a hidden layer they would be weights of no loss.
    """
    found: list[tuple[int, Any]] = []
    scales: list[float] = []
    if not after_network(fault):
        return None
    for trial in fault.assessment.trials:
        for user, forward in fault.pairs:
            u, n = trial.view.by_key.get(user), trial.view.by_key.get(forward)
            true = None if n is None else trial.adjoints.get(n)
            factor = None if u is None else _factor(trial.view, u)
            if factor is None or true is None:
                return None
            error = shaped(trial.view.tape.values[u], np.shape(true))
            weights = shaped(factor[1], np.shape(true))
            if error is None or weights is None or not _of_samples(weights):
                return None
            left = error / weights
            scale = float(np.vdot(left, true) / np.vdot(true, true)) if np.any(true) else 0.0
            if not scale or np.abs(left - scale * true).max() > _SAME * abs(scale) * np.abs(true).max():
                return None
            found.append((factor[0], weights))
            scales.append(scale)
    if not found or max(abs(s / scales[0] - 1) for s in scales) > _SAME:
        return None
    low, high = (float(f(w)) for f, w in ((np.min, found[0][1]), (np.max, found[0][1])))
    return Meant(
        found[0][0],
        f"the errors of the samples are weighted, by {low:.4g} to {high:.4g}; the loss is not",
        "weighted here",
        "without these weights all that follows is the derivative of the loss",
        "a weighted loss is descended: rare or doubtful samples may be meant to count more or less than others",
    )


def _of_samples(weights: Any) -> bool:
    """Whether these are positive, not all one number, and of each row one."""
    rows = weights.reshape(len(weights), -1) if np.ndim(weights) else np.zeros((1, 1))
    positive = np.isfinite(rows).all() and rows.min() > 0
    return bool(positive and np.ptp(rows) > _SAME * rows.max() and np.ptp(rows, axis=1).max() <= _SAME * rows.max())


def _factor(view: Any, n: int) -> tuple[int, Any] | None:
    """Where a value is multiplied by an array that no parameter moves, and the array."""
    tape = view.tape
    for _ in range(_FACTORS):
        node = tape.nodes[n]
        if node.prim not in ("multiply", "divide", "negative", "copy"):
            return None
        moved = [s for s in node.inputs if s in view.masks]
        fixed = [s for s in node.inputs if s != CONST and s not in view.masks and np.size(tape.values[s]) > 1]
        if len(moved) != 1:
            return None
        if fixed:
            value = np.asarray(tape.values[fixed[0]], dtype=np.float64)
            return node.site, 1 / value if node.prim == "divide" and np.all(value) else value
        n = moved[0]
    return None
