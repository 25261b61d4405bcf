"""Outputs set against targets of another shape, so that each prediction meets each target."""

from __future__ import annotations

import numpy as np

from bpdoctor.measure.layers import Forward, forward_of
from bpdoctor.model.examination import Examination, Measurement
from bpdoctor.model.record import record
from bpdoctor.model.tape import CONST, Store, Tape


@record
class Pairing:
    """At `site`, an output and a target of as many numbers gave an array of all their pairs.

    `made` are the statements that gave the target a name, the last first.
    """

    site: int
    output: tuple[int, ...]
    target: tuple[int, ...]
    result: tuple[int, ...]
    made: tuple[int, ...] = ()


def pairings(examination: Examination) -> list[Pairing]:
    """Expressions that pair every output with every target, in order of execution."""
    out: dict[int, Pairing] = {}
    for view in examination.views[:1]:
        tape, forward = view.tape, forward_of(examination, view)
        last = max((p.node for p in forward.products), default=-1)
        for n in sorted(view.forward):
            node = tape.nodes[n]
            if node.prim not in ("subtract", "multiply", "divide", "add") or n < last:
                continue
            if node.prim in ("multiply", "divide") and n not in forward.nodes:
                continue
            found = _pairing(forward, n)
            if found is not None:
                out.setdefault(node.site, found)
    return list(out.values())


def _pairing(forward: Forward, n: int) -> Pairing | None:
    tape = forward.view.tape
    a, b = tape.nodes[n].inputs
    active = [s != CONST and s in forward.view.forward for s in (a, b)]
    if active[0] == active[1]:
        return None
    output, target = (a, b) if active[0] else (b, a)
    if output in forward.shown or (tape.nodes[n].prim == "add" and not _negated(tape, target)):
        return None
    o, t, pairs = _shape(tape, n, output), _shape(tape, n, target), np.shape(tape.values[n])
    size = int(np.prod(o))
    if size < 2 or size != int(np.prod(t)) or int(np.prod(pairs)) != size * size:
        return None
    return Pairing(tape.nodes[n].site, o, t, pairs, _named(tape, target))


def _named(tape: Tape, node: int) -> tuple[int, ...]:
    """Where a value, or what it is a copy of, was given a name."""
    same = {node}
    while node != CONST and len(tape.nodes[node].inputs) == 1 and tape.nodes[node].prim in ("copy", "asarray", "view"):
        node = tape.nodes[node].inputs[0]
        same.add(node)
    stores = [
        e for e in tape.events if isinstance(e, Store) and e.node in same and e.slot[0] == "name" and len(e.slot) == 3
    ]
    return tuple(dict.fromkeys(e.site for e in reversed(stores)))


def _negated(tape: Tape, node: int) -> bool:
    """Whether a value is a copy of the negative of another, as where a difference is a sum with it."""
    while node != CONST and tape.nodes[node].prim in ("copy", "asarray", "view", "array"):
        node = tape.nodes[node].inputs[0]
    return node != CONST and tape.nodes[node].prim == "negative"


def _shape(tape: Tape, n: int, operand: int) -> tuple[int, ...]:
    if operand != CONST:
        return np.shape(tape.values[operand])
    constants = [c for s, c in zip(tape.nodes[n].inputs, tape.nodes[n].consts, strict=True) if s == CONST]
    return np.shape(constants[0])


MEASURE = Measurement("shapes", pairings)
