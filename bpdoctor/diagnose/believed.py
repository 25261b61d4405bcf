"""What it is to believe a user's value: it takes the place of the adjoint it stands for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from bpdoctor.model.record import record

Key = tuple[int, int]
Pair = tuple[Key, Key]


@record(eq=False)
class Fault:
    """One wrong backward value.

    Attributes
    ----------
    pairs : tuple of (user's value, forward value)
        The user's values that stand where the adjoints of these forward values belong.
    scale : float
        Factor between the user's adjoints and the true ones just upstream.
    upstream : key or None
        Forward value whose adjoint the user has right and from which the wrong one is computed.
    families : tuple of int
        Families that agree once the wrong value is believed.
    assessment
        The state of things before this fault was believed.
    right : int
        How many families agree at the common rate once it is.
    first : Fault or None
        The same with the earliest value that explains as much once it is believed, where that is another one.
    """

    pairs: tuple[Pair, ...]
    scale: float
    upstream: Key | None
    families: tuple[int, ...]
    assessment: Any
    missing_step: bool
    misshapen: bool = False
    right: int = 0
    first: Fault | None = None


def believe(trial: Any, pairs: Sequence[Pair], scale: float) -> dict[int, Any] | None:
    """The user's values as adjoints of the forward values they stand for, at the true scale."""
    out: dict[int, Any] = {}
    for user, forward in pairs:
        u, n = trial.view.by_key.get(user), trial.view.by_key.get(forward)
        if u is None or n is None or not scale:
            return None
        value = shaped(trial.view.tape.values[u], np.shape(trial.view.tape.values[n]))
        if value is None:
            return None
        out[n] = value / scale
    return out


def moved(trial: Any, changes: Any) -> Any:
    """The adjoints of the parameters once their changes are added to them."""
    values = {}
    for c in trial.view.step.parameters:
        held, change = trial.adjoints.get(c.start), changes.get(c.start)
        if held is not None:
            values[c.start] = held if change is None else held + change
        elif change is not None:
            values[c.start] = change
    tainted = {c.start: c.start for c in trial.view.step.parameters if c.start in trial.adjoints.tainted}
    return type(trial.adjoints)(values, tainted)


def shaped(value: Any, shape: tuple[int, ...]) -> Any | None:
    """The user's value in the shape of the forward value, transposed or reshaped as needed."""
    a = np.asarray(value, dtype=np.float64)
    if a.shape == shape:
        return a
    if a.T.shape == shape:
        return a.T
    if a.size == int(np.prod(shape)):
        return a.reshape(shape)
    try:
        return np.broadcast_to(a, shape)
    except ValueError:
        return None


def believing(trial: Any, fault: Fault) -> Any:
    """The step as it is once the fault's values are believed, for a fault that one expression makes repeatedly.

    What it computes in one layer is what it is given in the next one below.
    """
    believed = believe(trial, fault.pairs, fault.scale) if len(fault.pairs) > 1 else None
    if believed is None:
        return trial
    held = trial.overrides | believed
    return replace(
        trial,
        adjoints=trial.view.under(trial.candidate, held),
        overrides=held,
        sweeps={},
    )
