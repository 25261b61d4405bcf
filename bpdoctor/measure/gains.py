"""How much each layer of weights enlarges what it is given, before anything was trained.

References
----------
Glorot & Bengio 2010 and He et al. 2015: weights of standard deviation about ``1/√n`` to ``√(2/n)`` keep the
spread of the activations; the gain here is that deviation times ``√n``.
"""

from __future__ import annotations

import numpy as np

from bpdoctor.measure.layers import LINEAR, MATRIX, Forward, Product, forward_of, named_site
from bpdoctor.model.examination import Examination, Measurement
from bpdoctor.model.record import record
from bpdoctor.model.tape import CONST, Store, Tape


@record
class Gain:
    """The activation at `site` gets weights made at `made`: their gain, and the root mean square of the inputs."""

    site: int
    made: int
    gain: float
    inputs: float


def gains(examination: Examination) -> list[Gain]:
    """One for every activation of a product with weights, at the first recorded step."""
    if not examination.views or examination.views[0].step.iteration > 0:
        return []
    view = examination.views[0]
    forward = forward_of(examination, view)
    out = []
    for unit in examination.units:
        before, after = view.by_key.get(unit.before), view.by_key.get(unit.after)
        if before is None or after is None or after not in forward.nodes:
            continue
        product = product_of(forward, before)
        if product is not None and product.other != CONST:
            weight = np.asarray(view.tape.values[product.weight], dtype=np.float64)
            x = np.asarray(view.tape.values[product.other], dtype=np.float64)
            fan = weight.shape[0] if product.right else weight.shape[-1]
            gain = float(np.sqrt(np.mean(weight**2) * fan))
            size = float(np.sqrt(np.mean(x**2)))
            out.append(Gain(named_site(view.tape, after), _made(view.tape, product.start), gain, size))
    return out


def product_of(forward: Forward, z: int) -> Product | None:
    """The product with a matrix that a pre-activation is, or is the sum of with a bias."""
    products = {p.node: p for p in forward.products if forward.view.tape.nodes[p.node].prim in MATRIX}
    pending, seen = [z], set()
    while pending:
        n = pending.pop()
        if n in products:
            return products[n] if np.ndim(forward.view.tape.values[products[n].weight]) == 2 else None
        if n not in seen and n in forward.nodes and forward.view.tape.nodes[n].prim in LINEAR:
            seen.add(n)
            pending.extend(s for s in forward.view.tape.nodes[n].inputs if s != CONST)
    return None


def _made(tape: Tape, start: int) -> int:
    """Where the weights were first stored, or computed."""
    for event in tape.events:
        if isinstance(event, Store) and event.node == start:
            return event.site
    return tape.nodes[start].site


MEASURE = Measurement("gains", gains)
