"""Standard losses with an array of their own: weights of entries or samples, or labels that are smoothed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

import numpy as np

from bpdoctor.identify.dependence import ancestors
from bpdoctor.identify.loss import implied_losses
from bpdoctor.identify.residuals import Residual
from bpdoctor.measure.assess import Trial
from bpdoctor.model.tape import CONST

_SAME = 1e-6
_TAKING = frozenset({"getitem", "take", "reshape", "astype", "copy", "expand_dims", "transpose", "asarray", "float"})


def weighed(trial: Trial, descended: Collection[str]) -> bool:
    """Whether a computed scalar is one of these standard losses with weights or a mask that the program multiplies by.

    Nobody weighs the errors of what is only printed: the weights are missing in the gradient.
    """
    pairs = trial.candidate.pairs
    slope = trial.adjoints.get(pairs[0][0]) if len(pairs) == 1 else None
    if slope is None or not np.isfinite(slope).all() or not np.any(slope):
        return False
    implied = implied_losses(trial.view.tape, Residual(0, pairs, ()))
    plain = [np.asarray(c.seeds[pairs[0][0]], dtype=np.float64) for c in implied if c.form in descended]
    target = np.asarray(pairs[0][1], dtype=np.float64)
    weights = list(_weights(trial, slope.shape, target))
    return any(_explains(w, slope, d) for d in plain if d.shape == slope.shape for w in weights)


def smoothed(trial: Trial, descended: Collection[str]) -> bool:
    """Whether a computed scalar is one of these standard losses with softer labels than those of the gradient.

    Hard labels may be kept for what is printed; nobody softens them for it (Szegedy et al. 2016, "Rethinking the
    Inception architecture", section 7: label smoothing).
    """
    pairs = trial.candidate.pairs
    slope = trial.adjoints.get(pairs[0][0]) if len(pairs) == 1 else None
    hard = len(pairs) == 1 and bool(np.isin(pairs[0][1], (0.0, 1.0)).all())
    if slope is None or not hard or not np.isfinite(slope).all() or not np.any(slope):
        return False
    for labels in _multiplied(trial, slope.shape):
        if ((labels >= 0) & (labels <= 1)).all() and ((labels > 0) & (labels < 1)).any():
            implied = implied_losses(trial.view.tape, Residual(0, ((pairs[0][0], labels),), ()))
            if any(c.form in descended and _multiple(slope, c.seeds[pairs[0][0]]) for c in implied):
                return True
    return False


def _weights(trial: Trial, shape: tuple[int, ...], target: Any) -> Iterator[Any]:
    """Arrays of the program by which something on the way to the loss is multiplied, as large as the output.

    The targets are none: ``t * log(p)`` is half of a cross-entropy. What a step makes of its data, as the size of the
    targets, may be there to measure an error by.
    """
    sides = (target, 1 - target)
    for found in _multiplied(trial, shape, lambda n: _given(trial, n)):
        if not any(np.size(t) == found.size and np.allclose(np.ravel(t), np.ravel(found)) for t in sides):
            yield found


def _multiplied(trial: Trial, shape: tuple[int, ...], known: Callable[[int], bool] = lambda n: True) -> Iterator[Any]:
    """Arrays that no parameter moves by which something on the way to the loss is multiplied, as large as an output."""
    view, tape = trial.view, trial.view.tape
    for n in ancestors(tape, trial.candidate.scalars, view.masks):
        node = tape.nodes[n]
        for s, const in zip(node.inputs, node.consts, strict=True) if node.prim == "multiply" else ():
            value = np.asarray(const if s == CONST else tape.values[s])
            fixed = s == CONST or (s not in view.masks and known(s))
            if fixed and value.size > 1 and value.dtype.kind in "fiub":
                for seen in (value, value[..., None]):
                    try:
                        yield np.broadcast_to(seen, shape).astype(np.float64)
                    except ValueError:
                        continue


def _given(trial: Trial, n: int) -> bool:
    """Whether a value was there before the step, or is entries of one that was."""
    view, tape = trial.view, trial.view.tape
    while n >= view.step.start and tape.nodes[n].prim in _TAKING and tape.nodes[n].inputs[0] != CONST:
        n = tape.nodes[n].inputs[0]
    return n not in view.masks and (n < view.step.start or not tape.nodes[n].inputs)


def _explains(weights: Any, slope: Any, plain: Any) -> bool:
    """Whether a slope is that of the plain loss times weights that are not all the same."""
    if (weights < 0).any() or np.ptp(weights) <= _SAME * weights.max():
        return False
    return _multiple(slope, weights * plain)


def _multiple(slope: Any, whole: Any) -> bool:
    """Whether a slope is a positive multiple of another."""
    scale = float(np.sum(slope * whole) / np.sum(whole * whole)) if np.any(whole) else 0.0
    return scale > 0 and bool(np.abs(slope - scale * whole).max() <= _SAME * np.abs(slope).max())
