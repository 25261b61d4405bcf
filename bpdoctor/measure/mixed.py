"""Samples that a reshape mixes: rows and columns of the data change places, and the entries stay in their order."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bpdoctor.measure.layers import above
from bpdoctor.measure.prepared import drawn
from bpdoctor.measure.view import View
from bpdoctor.model.examination import Examination, Measurement
from bpdoctor.model.record import record
from bpdoctor.model.tape import CONST, Tape

_PRODUCTS = frozenset({"matmul", "dot"})
_PASSING = frozenset({"getitem", "astype", "copy", "view", "asarray", "array", "add", "subtract", "multiply", "divide"})
_MOST_STEPS = 40


@record
class Mixed:
    """The data are reshaped at `site` from one shape to another, in which `samples` stand along the other axis."""

    site: int
    before: tuple[int, ...]
    after: tuple[int, ...]
    samples: int


def mixed(examination: Examination) -> list[Mixed]:
    """What the network reads and was reshaped where its axes had to be exchanged."""
    if not examination.views:
        return []
    view, found = examination.views[0], {}
    for node, axis in _data(view):
        for reshaped, along in _reshaped(view.tape, node, axis):
            mix, source = _mixed(view.tape, reshaped, along), view.tape.nodes[reshaped].inputs[0]
            # Numbers drawn at random are as good in any order, unless labels were made of them.
            if mix is not None and not (drawn(examination, source) and not _is_labelled(view, source, reshaped)):
                found[mix.site] = mix
    return list(found.values())


def _is_labelled(view: View, source: int, reshaped: int) -> bool:
    """Whether a step takes something that was made of the data as they were before, such as their labels."""
    nodes = view.tape.nodes
    given = {s for n in view.masks for s in nodes[n].inputs if s != CONST and s not in view.masks}
    return any(source in made and reshaped not in made for made in (above(view.tape, [s]) for s in given))


def _data(view: View) -> Iterator[tuple[int, int]]:
    """What products take beside a parameter, and the axis of it along which samples stand."""
    for n in view.forward:
        node = view.tape.nodes[n]
        if node.prim in _PRODUCTS and len(node.inputs) == 2:
            for side, s in enumerate(node.inputs):
                data = s != CONST and s not in view.masks and np.ndim(view.tape.values[s]) == 2
                if data and _is_parameter(view, node.inputs[1 - side]):
                    yield s, side


def _is_parameter(view: View, node: int) -> bool:
    while node not in view.starts and node in view.masks and view.tape.nodes[node].prim in ("transpose", "getitem"):
        node = view.tape.nodes[node].inputs[0]
    return node in view.starts


def _reshaped(tape: Tape, node: int, axis: int) -> Iterator[tuple[int, int]]:
    """Where data were given their two axes, and along which of these the samples stand."""
    for _ in range(_MOST_STEPS):
        entry = tape.nodes[node]
        if entry.prim == "reshape":
            yield node, axis
            return
        if entry.prim == "transpose":
            axis = 1 - axis
        elif entry.prim not in _PASSING:
            return
        same = [s for s in entry.inputs if s != CONST and np.ndim(tape.values[s]) == 2]
        if len(same) != 1:
            return
        node = same[0]


def _mixed(tape: Tape, node: int, axis: int) -> Mixed | None:
    """A reshape after which samples stand at the other end of the shape."""
    source = tape.nodes[node].inputs[0]
    before: tuple[int, ...] = np.shape(tape.values[source]) if source != CONST else ()
    after: tuple[int, ...] = np.shape(tape.values[node])
    if len(before) < 2 or len(after) != 2:
        return None
    samples, width = after[axis], after[1 - axis]
    turned, kept = (before[0], before[-1]) if axis == 1 else (before[-1], before[0])
    if turned != samples or kept == samples or min(samples, width) < 2 or samples == width:
        return None
    return Mixed(tape.nodes[node].site, before, after, samples)


MEASURE = Measurement("mixed", mixed)
