"""How far a claim may be from its reference without a mistake."""

from __future__ import annotations

import numpy as np

from bpdoctor.identify.families import Family
from bpdoctor.measure.fit import precision
from bpdoctor.measure.view import View
from bpdoctor.model.tape import CONST

_LITTLE = 1e-4
# How much larger a small change may be beside a sum over samples than beside each of them.
_CANCELLED = 100.0


def tolerance_of(view: View, family: Family) -> float:
    """What is no mistake in one family: rounding, cancellation in the change, numbers that keep a logarithm finite."""
    key, tape = family.site * 1024 + family.ordinal, view.tape
    if key in view.tolerances:
        return view.tolerances[key]
    values = [tape.values[view.step.parameters[c.parameter].start] for c in family.claims]
    values += [tape.values[c.node] for c in family.claims if c.node is not None]
    values += [v for v in (tape.values[n] for n in list(view.forward)[:200]) if isinstance(v, np.ndarray)]
    base = precision(*values)
    if any(c.node is None for c in family.claims):
        theta = max(float(np.abs(v).max()) if np.size(v) else 0.0 for v in values[: len(family.claims)])
        moved = float(np.abs(family.change).max())
        base += 8 * np.finfo(float).eps * theta / moved if moved else 0.0
    base += _CANCELLED * view.softened + lost_digits(view)
    view.tolerances[key] = base
    return base


def lost_digits(view: View) -> float:
    """Relative rounding error of ``1 - a`` where it is small wherever it is computed: all units are saturated.

    What a chain rule through the exponential gives has all its digits there. An expression counts by the largest of
    its values: beside that the small ones do not matter.
    """
    if view.lost is None:
        largest: dict[int, float] = {}
        whole: dict[int, float] = {}
        for n in view.masks:
            node = view.tape.nodes[n]
            number = node.consts[0] if node.prim == "subtract" and node.inputs[0] == CONST else None
            if isinstance(number, int | float) and number and np.size(view.tape.values[n]):
                left = float(np.abs(view.tape.values[n]).max())
                largest[node.site] = max(largest.get(node.site, 0.0), left)
                whole[node.site] = abs(float(number))
        small = [x / whole[site] for site, x in largest.items() if 0 < x < _LITTLE * whole[site]]
        view.lost = _CANCELLED * float(np.finfo(float).eps) / min(small) if small else 0.0
    return view.lost
