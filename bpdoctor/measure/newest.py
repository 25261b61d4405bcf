"""Memories of an optimiser that hold nothing but the newest square: what was kept before is written over unread."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bpdoctor.identify.roles import Chain
from bpdoctor.measure.powers import is_root, is_square
from bpdoctor.measure.view import View
from bpdoctor.model.examination import Examination, Measurement
from bpdoctor.model.record import record
from bpdoctor.model.tape import CONST, Store, Tape

_FEWEST = 2
_STEPS = 40


@record
class Newest:
    """At `site` the square of a gradient replaces what began as zeros; `update` divides by its root."""

    site: int
    update: int


def newest_squares(examination: Examination) -> list[Newest]:
    """Stores whose root divides the very gradient they are the square of, in every recorded step; one a place.

    Notes
    -----
    ``g / sqrt(g**2)`` is a step by the sign, and may be meant. Zeros that were made for the sum before training,
    and that no expression ever reads, tell that a sum was.
    """
    views = examination.views
    if len(views) < _FEWEST:
        return []
    found = [dict(_stored(view)) for view in views]
    always = [newest for newest in found[0] if all(newest in others for others in found)]
    start = views[0].step.start
    return [newest for newest in always if _begun_with_zeros(examination.tape, found[0][newest], start)]


def _stored(view: View) -> Iterator[tuple[Newest, Store]]:
    """Squares that divide a step by their root, where they are stored."""
    tape = view.tape
    stores = {e.node: e for e in tape.events if isinstance(e, Store) and view.step.start <= e.position <= view.step.hi}
    for chain in view.step.parameters:
        for square in _dividing(view, chain):
            if square in stores and np.shape(tape.values[square]) == np.shape(tape.values[chain.start]):
                yield Newest(stores[square].site, chain.updates[0].site), stores[square]


def _dividing(view: View, chain: Chain) -> Iterator[int]:
    """Squares whose root divides a value on the way to the parameter that is made of what was squared."""
    tape = view.tape
    pending = [t.node for u in chain.updates for t in u.terms]
    seen: set[int] = set()
    while pending and len(seen) < _STEPS:
        n = pending.pop()
        if n == CONST or n in seen or n not in view.masks:
            continue
        seen.add(n)
        node = tape.nodes[n]
        if node.prim == "divide" and CONST not in node.inputs:
            square = _under_root(tape, node.inputs[1])
            if square is not None and _multiple(tape, node.inputs[0]) == _squared(tape, square):
                yield square
        if node.prim in ("divide", "multiply", "negative", "subtract", "add", "copy"):
            pending.extend(node.inputs)


def _under_root(tape: Tape, n: int) -> int | None:
    """What stands under the root of a divisor, numbers added to it or to the root left out."""
    n = _bare(tape, n)
    inner = tape.nodes[n].inputs[0] if is_root(tape, n) else CONST
    return _bare(tape, inner) if inner != CONST else None


def _bare(tape: Tape, n: int) -> int:
    """A value without the numbers that are added to it."""
    while tape.nodes[n].prim == "add":
        arrays = [s for s in tape.nodes[n].inputs if s != CONST and np.size(tape.values[s]) > 1]
        if len(arrays) != 1:
            break
        n = arrays[0]
    return n


def _squared(tape: Tape, n: int) -> int | None:
    """What a value is the square of, or a constant multiple of the square."""
    n = _multiple(tape, n)
    inner = tape.nodes[n].inputs[0] if is_square(tape, n) else CONST
    return _multiple(tape, inner) if inner != CONST else None


def _multiple(tape: Tape, n: int) -> int:
    """What a value is a constant multiple of."""
    while tape.nodes[n].prim in ("multiply", "divide", "negative"):
        node = tape.nodes[n]
        arrays = [s for s in node.inputs if s != CONST and np.size(tape.values[s]) > 1]
        if len(arrays) != 1 or (node.prim == "divide" and node.inputs[0] != arrays[0]):
            break
        n = arrays[0]
    return n


def _begun_with_zeros(tape: Tape, store: Store, start: int) -> bool:
    """Whether the slot held zeros before training began, which nothing was computed from."""
    first = next(e for e in tape.events if isinstance(e, Store) and e.slot[:3] == store.slot[:3])
    origin = first.before if first.before != CONST else first.node
    made = tape.nodes[origin].prim == "made" and origin < start and not np.any(tape.values[origin])
    return made and not any(origin in node.inputs for node in tape.nodes)


MEASURE = Measurement("newest", newest_squares)
