"""Quotients by a sum of exponentials: over which axis they add up to 1, and over which their use needs it."""

from __future__ import annotations

import numpy as np

from bpdoctor.measure.layers import Forward, above, forward_of
from bpdoctor.model.examination import Examination, Measurement
from bpdoctor.model.record import record
from bpdoctor.model.tape import CONST

_ONE = 1e-6


@record
class Normalised:
    """A softmax at `site` over the wrong axis.

    `axis` is the one over which it adds up to 1 (None: all entries together), `wanted` the one over which
    it has to; `shape` its shape, `sums` the smallest and the largest sum over the wanted axis; `divisor` is where
    the sum is taken.
    """

    site: int
    axis: int | None
    wanted: int
    shape: tuple[int, ...]
    sums: tuple[float, float]
    divisor: int


def normalised(examination: Examination) -> list[Normalised]:
    """Every softmax of the first recorded step that adds up to 1 over another axis than it should."""
    for view in examination.views[:1]:
        forward = forward_of(examination, view)
        found = (_normalised(forward, n) for n in sorted(forward.nodes))
        return list({f.site: f for f in found if f is not None}.values())
    return []


def _normalised(forward: Forward, n: int) -> Normalised | None:
    tape = forward.view.tape
    node, value = tape.nodes[n], np.asarray(tape.values[n])
    if node.prim != "divide" or value.ndim < 2 or node.inputs[0] == CONST or not np.isfinite(value).all():
        return None
    if tape.nodes[node.inputs[0]].prim != "exp" or value.min() < 0:
        return None
    wanted = _wanted(forward, n)
    if wanted is None or value.shape[wanted] < 2:
        return None
    sums = value.sum(axis=wanted)
    if np.abs(sums - 1).max() <= _ONE:
        return None
    axes = [a for a in range(value.ndim) if value.shape[a] > 1 and np.abs(value.sum(axis=a) - 1).max() <= _ONE]
    if not axes and abs(float(value.sum()) - 1) > _ONE:
        return None
    extent = (float(sums.min()), float(sums.max()))
    divisor = tape.nodes[node.inputs[1]].site if node.inputs[1] != CONST else node.site
    return Normalised(node.site, axes[0] if axes else None, wanted, value.shape, extent, divisor)


def _wanted(forward: Forward, n: int) -> int | None:
    """The axis that is summed over next, for weights of an average; the classes, for the network's end."""
    tape = forward.view.tape
    dimensions = np.ndim(tape.values[n])
    used = [m for m in forward.nodes if n in tape.nodes[m].inputs and tape.nodes[m].prim in ("matmul", "dot")]
    for m in used:
        return dimensions - 1 if tape.nodes[m].inputs[0] == n else dimensions - 2
    if n in forward.feeding:
        return None
    within = above(tape, [n])
    for product in reversed(forward.products):
        same = np.shape(tape.values[product.node]) == np.shape(tape.values[n])
        if product.node in within and same and tape.nodes[product.node].prim in ("matmul", "dot"):
            return dimensions - 1 if product.right else dimensions - 2
    return None


MEASURE = Measurement("normalised", normalised)
