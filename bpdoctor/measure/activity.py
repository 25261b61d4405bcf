"""How active the units of each layer are: rectified units that are silent, squashing units that saturate.

References
----------
Glorot & Bengio, "Understanding the difficulty of training deep feedforward neural networks", AISTATS
2010: saturation of logistic and tanh layers at the start of training. Lu et al., "Dying ReLU and
Initialization", 2019: units that are silent for all data never recover.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from bpdoctor.measure.layers import Forward, forward_of, named_site
from bpdoctor.measure.units import Unit
from bpdoctor.measure.view import View
from bpdoctor.model.examination import Examination, Measurement
from bpdoctor.model.record import record

# A derivative below this passes less than a thousandth of the error: |z| > 6.9 for the logistic
# function, |z| > 4.1 for tanh (CATALOGUE.md, `saturation`).
VANISHED = 1e-3
SQUASHING = frozenset({"sigmoid", "tanh", "bipolar sigmoid", "softsign", "arctan"})


@record
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
    own = [v for v in examination.views if v.tape is examination.tape]
    forward = forward_of(examination, examination.views[0])
    out = []
    for members in groups_of(examination.units, forward):
        layers = list(_layers([*examination.views, *examination.late], members, forward))
        if 0 < len(own) < len(examination.views):
            # Other parameters than the program's wake units that are all dead in its own steps.
            layers = [x for x in _layers([*own, *examination.late], members, forward) if x.silent == x.units] or layers
        out.extend(layers)
    return out


def groups_of(units: Iterable[Unit], forward: Forward) -> list[list[Unit]]:
    """Units of the forward pass by the expression that computes them; single numbers are units of one layer."""
    first = forward.view
    groups: dict[tuple[int, int], list[Unit]] = {}
    for unit in units:
        if first.by_key.get(unit.after) not in forward.nodes:
            continue
        scalar = np.ndim(first.tape.values[first.by_key[unit.after]]) == 0
        groups.setdefault((unit.after[0], -1 if scalar else unit.after[1]), []).append(unit)
    return list(groups.values())


def _layers(steps: list[View], members: list[Unit], forward: Forward) -> Iterable[Layer]:
    """One layer for an array; for single numbers, one for all executions of the expression."""
    first = forward.view
    pairs = [pair_of(view, members) for view in steps]
    tables = [p for p in pairs if p is not None]
    if not tables:
        return
    spread = float(np.std(tables[0][0]))
    name = "relu" if all(np.array_equal(b, np.maximum(y, 0)) for y, b in tables) else members[0].activation.name
    into = side_of(forward, first.by_key[members[0].before])
    units = [by_unit(y, into, len(members)) for y, _ in tables]
    silent, samples = _silent(units) if name == "relu" else (0, 0)
    derivative = members[0].activation.derivative if name in SQUASHING else None
    shares = tuple(float(np.mean(derivative(y) < VANISHED)) for y, _ in tables) if derivative else ()
    yield Layer(
        named_site(first.tape, first.by_key[members[0].after]), name,
        any(first.by_key[u.after] in forward.feeding for u in members),
        units[0].shape[1], silent, samples, _same_data(steps, forward), shares, spread,
    )  # fmt: skip


def pair_of(view: View, members: list[Unit]) -> tuple[Any, Any] | None:
    """Pre-activations and activations of a layer in one step."""
    if any(u.before not in view.by_key or u.after not in view.by_key for u in members):
        return None
    z = [np.asarray(view.tape.values[view.by_key[u.before]], dtype=np.float64) for u in members]
    a = [np.asarray(view.tape.values[view.by_key[u.after]], dtype=np.float64) for u in members]
    if any(y.shape != b.shape for y, b in zip(z, a, strict=True)):
        return None
    return (z[0], a[0]) if len(members) == 1 else (np.array(z), np.array(a))


def side_of(forward: Forward, z: int) -> str:
    """Where the units lie: along the bias; else last, with the weights to the right of the data, or first."""
    view = forward.view
    matrices = {p.node: p for p in forward.products if np.ndim(view.tape.values[p.weight]) == 2}
    pending = [z]
    seen: set[int] = set()
    whole = np.shape(view.tape.values[z])
    while pending:
        n = pending.pop(0)
        if (told := _side_of_bias(view, n, whole)) is not None:
            return told
        if n in matrices:
            return "last" if matrices[n].right else "first"
        if n in view.forward and n not in seen and len(seen) < 12:
            seen.add(n)
            pending.extend(s for s in view.tape.nodes[n].inputs if s >= 0)
    return "last"


def _side_of_bias(view: View, n: int, whole: tuple[int, ...]) -> str | None:
    """Along which axis of a value a bias lies that is added on the way to it; None where that is not clear."""
    node = view.tape.nodes[n]
    if node.prim not in ("add", "subtract") or len(whole) < 2:
        return None
    for s in node.inputs:
        shape = np.shape(view.tape.values[s]) if s >= 0 else ()
        if s not in view.starts or np.size(view.tape.values[s]) < 2 or max(shape) != np.size(view.tape.values[s]):
            continue
        axes = [k for k, m in enumerate(whole) if m == max(shape)]
        sum_of = np.shape(view.tape.values[n])
        if len(sum_of) == len(whole) and (sum_of == whole or sum_of[::-1] != whole):
            axes = [len(whole) - len(shape) + shape.index(max(shape))]
        if len(axes) == 1:
            return "first" if axes == [0] else "last" if axes == [len(whole) - 1] else "second"
    return None


def by_unit(z: Any, side: str, members: int) -> Any:
    """Rows of samples, a column for each unit."""
    if z.ndim <= 1:
        return z.reshape(1, -1)
    if side == "first" and members == 1:
        return z.reshape(len(z), -1).T
    if side == "second" and members == 1:
        z = np.moveaxis(z, 1, -1)
    return z.reshape(-1, z.shape[-1])


def _silent(tables: list[Any]) -> tuple[int, int]:
    """Units that are negative in every row, with the number of rows seen.

    Notes
    -----
    Exactly 0 is not counted: on the kink a program may let the gradient pass, and the unit moves.
    """
    width = tables[0].shape[1]
    rows = np.vstack([t for t in tables if t.shape[1] == width])
    return int(np.sum(rows.max(axis=0) < 0)), len(rows)


def _same_data(steps: list[View], forward: Forward) -> bool:
    """Whether the first product of the network gets the same numbers in every step."""
    first = forward.view
    entering = [p for p in forward.products if p.other not in first.forward and p.other >= 0]
    if not entering or len(steps) < 2:
        return False
    key, data = first.keys.get(entering[0].node), first.tape.values[entering[0].other]
    side = first.tape.nodes[entering[0].node].inputs.index(entering[0].other)
    for view in steps[1:]:
        if key is None or key not in view.by_key:
            return False
        inputs = view.tape.nodes[view.by_key[key]].inputs
        source = inputs[side] if side < len(inputs) else -1
        if source < 0 or not np.array_equal(view.tape.values[source], data):
            return False
    return True


MEASURE = Measurement("activity", activity)
