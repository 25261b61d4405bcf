"""How active the units of each layer are: rectified units that are silent, squashing units that saturate.

References
----------
Glorot & Bengio, "Understanding the difficulty of training deep feedforward neural networks", AISTATS
2010: saturation of logistic and tanh layers at the start of training. Lu et al., "Dying ReLU and
Initialization", 2019: units that are silent for all data never recover.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from bpdoctor.measure.layers import hidden, parameter_views, products
from bpdoctor.measure.units import Unit, find_units
from bpdoctor.measure.view import View
from bpdoctor.model.examination import Examination, Measurement

# A derivative below this passes less than a thousandth of the error: |z| > 6.9 for the logistic
# function, |z| > 4.1 for tanh (CATALOGUE.md, `saturation`).
VANISHED = 1e-3
SQUASHING = frozenset({"sigmoid", "tanh", "softsign", "arctan"})


@dataclass(frozen=True, slots=True)
class Layer:
    """Activity of the units that one expression computes.

    Attributes
    ----------
    site : int
        The activation's place.
    name : str
        Which function it is.
    hidden : bool
        Whether it feeds further weights.
    units, silent : int
        How many units, and how many of them were 0 for every sample at every step seen.
    samples : int
        Rows seen, over all steps.
    whole : bool
        Whether every step sees the same data.
    saturated : tuple of float
        Share of entries with a derivative below `VANISHED`, step by step.
    spread : float
        Standard deviation of the pre-activations at the first step.
    """

    site: int
    name: str
    hidden: bool
    units: int
    silent: int
    samples: int
    whole: bool
    saturated: tuple[float, ...]
    spread: float


def activity(examination: Examination) -> list[Layer]:
    """Activity of every activation in the forward pass, in order."""
    if not examination.views:
        return []
    first = examination.views[0]
    found = products(first, parameter_views(first))
    groups: dict[tuple[int, int], list[Unit]] = {}
    for unit in find_units(examination.views):
        scalar = np.ndim(first.tape.values[first.by_key[unit.after]]) == 0
        groups.setdefault((unit.after[0], -1 if scalar else unit.after[1]), []).append(unit)
    steps = [*examination.views, *examination.late]
    return [layer for members in groups.values() for layer in _layers(steps, members, found)]


def _layers(steps: list[View], members: list[Unit], found: list[Any]) -> Iterable[Layer]:
    """One layer for an array; for single numbers, one for all executions of the expression."""
    first = steps[0]
    pairs = [_pair(view, members) for view in steps]
    tables = [p for p in pairs if p is not None]
    if not tables:
        return
    z, a = tables[0]
    name = "relu" if all(np.array_equal(b, np.maximum(y, 0)) for y, b in tables) else members[0].activation.name
    into = _matrix_side(first, first.by_key[members[0].before], found)
    by_unit = [_by_unit(y, into, len(members)) for y, _ in tables]
    silent, samples = _silent(by_unit) if name == "relu" else (0, 0)
    derivative = members[0].activation.derivative if name in SQUASHING else None
    shares = tuple(float(np.mean(derivative(y) < VANISHED)) for y, _ in tables) if derivative else ()
    yield Layer(
        members[0].after[0], name, any(hidden(first, first.by_key[u.after], found) for u in members),
        by_unit[0].shape[1], silent, samples, _same_data(steps, members, found), shares, float(np.std(z)),
    )  # fmt: skip


def _pair(view: View, members: list[Unit]) -> tuple[Any, Any] | None:
    """Pre-activations and activations of a layer in one step."""
    if any(u.before not in view.by_key or u.after not in view.by_key for u in members):
        return None
    z = [np.asarray(view.tape.values[view.by_key[u.before]], dtype=np.float64) for u in members]
    a = [np.asarray(view.tape.values[view.by_key[u.after]], dtype=np.float64) for u in members]
    if any(y.shape != b.shape for y, b in zip(z, a, strict=True)):
        return None
    return (z[0], a[0]) if len(members) == 1 else (np.array(z), np.array(a))


def _matrix_side(view: View, z: int, found: list[Any]) -> str:
    """Whether the weights stood to the right of the data (units last) or to the left (units first)."""
    matrices = {p.node: p for p in found if np.ndim(view.tape.values[p.weight]) == 2}
    pending, seen = [z], set()
    while pending:
        n = pending.pop(0)
        if n in matrices:
            return "last" if matrices[n].right else "first"
        if n in view.forward and n not in seen and len(seen) < 12:
            seen.add(n)
            pending.extend(s for s in view.tape.nodes[n].inputs if s >= 0)
    return "last"


def _by_unit(z: Any, side: str, members: int) -> Any:
    """Rows of samples, a column for each unit."""
    if z.ndim <= 1:
        return z.reshape(1, -1)
    if side == "first" and members == 1:
        return z.reshape(len(z), -1).T
    return z.reshape(-1, z.shape[-1])


def _silent(tables: list[Any]) -> tuple[int, int]:
    """Units that are never positive, and negative at least once, with the number of rows seen."""
    width = tables[0].shape[1]
    rows = np.vstack([t for t in tables if t.shape[1] == width])
    return int(np.sum((rows.max(axis=0) <= 0) & (rows.min(axis=0) < 0))), len(rows)


def _same_data(steps: list[View], members: list[Unit], found: list[Any]) -> bool:
    """Whether the first product of the network gets the same numbers in every step."""
    if not found or len(steps) < 2:
        return False
    keys = [(p.node, steps[0].keys.get(p.node)) for p in found if p.other >= 0 and p.other not in steps[0].forward]
    for node, key in keys[:1]:
        data = [steps[0].tape.values[s] for s in steps[0].tape.nodes[node].inputs if s not in steps[0].forward]
        for view in steps[1:]:
            if key not in view.by_key:
                return False
            here = view.by_key[key]
            other = [view.tape.values[s] for s in view.tape.nodes[here].inputs if s not in view.forward]
            if len(other) != len(data) or not all(np.array_equal(x, y) for x, y in zip(data, other, strict=True)):
                return False
        return True
    return False


MEASURE = Measurement("activity", activity)
