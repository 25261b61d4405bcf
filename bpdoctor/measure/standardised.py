"""Saturated first layers held against themselves on standardised data: is it the data that saturates them?

Notes
-----
The pre-activations are computed again from the tape with the inputs at mean 0 and standard deviation 1, column by
column (LeCun et al., "Efficient BackProp", 1998, section 4.3). Nothing else is changed. A single row is divided by
its root mean square.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from bpdoctor.autodiff.replay import NotReplayed, replay
from bpdoctor.measure.activity import SQUASHING, VANISHED
from bpdoctor.measure.gains import product_of
from bpdoctor.measure.layers import SHAPING, forward_of, named_site
from bpdoctor.model.examination import Examination, Measurement
from bpdoctor.model.record import record
from bpdoctor.model.tape import CONST, Tape

_FEWEST = 4


@record
class Unscaled:
    """The layer at `site` gets the data made at `made`, from `low` to `high`.

    `share` of its entries are saturated; with standardised data it would be `scaled`.
    """

    site: int
    made: int
    low: float
    high: float
    share: float
    scaled: float


def unscaled(examination: Examination) -> list[Unscaled]:
    """One for every squashing layer that is fed with data, at the first recorded step."""
    if not examination.views:
        return []
    view = examination.views[0]
    forward = forward_of(examination, view)
    out = []
    for unit in examination.units:
        before, after = view.by_key.get(unit.before), view.by_key.get(unit.after)
        if before is None or after not in forward.nodes or unit.activation.name not in SQUASHING:
            continue
        product = product_of(forward, before)
        if product is None or product.other == CONST or product.other in view.forward:
            continue
        x = np.asarray(view.tape.values[product.other], dtype=np.float64)
        try:
            again = replay(view.tape, {product.other: _scaled(x, 0 if product.right else -1)}, before + 1)
        except NotReplayed:
            continue
        z = np.asarray(view.tape.values[before], dtype=np.float64)
        rescaled = np.asarray(again.get(before, z), dtype=np.float64)
        shares = [float(np.mean(unit.activation.derivative(y) < VANISHED)) for y in (z, rescaled)]
        made = named_site(view.tape, _origin(view.tape, product.other))
        out.append(Unscaled(named_site(view.tape, after), made, float(x.min()), float(x.max()), shares[0], shares[1]))
    return out


def _scaled(x: Any, axis: int) -> Any:
    if x.ndim < 2 or x.shape[axis] < _FEWEST:
        return x / max(float(np.sqrt(np.mean(x**2))), 1e-300)
    spread = x.std(axis=axis, keepdims=True)
    return (x - x.mean(axis=axis, keepdims=True)) / np.where(spread > 0, spread, 1.0)


def _origin(tape: Tape, n: int) -> int:
    """The array that a batch was taken from."""
    while tape.nodes[n].prim in SHAPING and len(tape.nodes[n].inputs) == 1 and tape.nodes[n].inputs[0] != CONST:
        n = tape.nodes[n].inputs[0]
    return n


MEASURE = Measurement("standardised", unscaled)
