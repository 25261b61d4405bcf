"""Outputs that no choice of the parameters can change: what a network without bias answers to zeros."""

from __future__ import annotations

from typing import Any

import numpy as np

from bpdoctor.autodiff.replay import NotReplayed, replay
from bpdoctor.measure.layers import Forward, forward_of, named_site, uses_weights
from bpdoctor.measure.view import View
from bpdoctor.model.examination import Examination, Measurement
from bpdoctor.model.record import record
from bpdoctor.model.tape import CONST

_DRAWS = 4


@record
class Pinned:
    """`entries` outputs computed at `site` are `value` for all parameters; the first has target `target`."""

    site: int
    entries: int
    size: int
    index: tuple[int, ...]
    value: float
    target: float


def pinned(examination: Examination) -> list[Pinned]:
    """Outputs with the pre-activation 0 whatever the parameters are, though another value is wanted."""
    for view in examination.views:
        for before, after in _ends(examination, forward_of(examination, view)):
            found = _pinned(view, before, after)
            if found is not None:
                return [found]
    return []


def _ends(examination: Examination, forward: Forward) -> list[tuple[int, int]]:
    """(pre-activation, output) of the network's end; the same node twice where the output is linear."""
    view, out = forward.view, []
    for unit in examination.units:
        z, a = view.by_key.get(unit.before), view.by_key.get(unit.after)
        if (
            z is not None
            and a is not None
            and a in forward.nodes
            and a not in forward.feeding
            and uses_weights(forward, z)
        ):
            out.append((z, a))
    if not out:
        ends = [p.node for p in forward.products if p.node not in forward.feeding]
        out = [(n, n) for n in ends if view.tape.nodes[n].prim != "multiply"][-1:]
    return out


def _pinned(view: View, before: int, after: int) -> Pinned | None:
    tape = view.tape
    zero = (np.asarray(tape.values[before]) == 0) & ~_cancelled(view, before)
    rng = np.random.default_rng(0)
    starts = [c.start for c in view.step.parameters]
    for _ in range(_DRAWS):
        if not zero.any():
            return None
        fresh = {s: _fresh(tape.values[s], rng) for s in starts}
        try:
            values = replay(tape, fresh, after + 1)
        except NotReplayed:
            return None
        if before not in values or np.shape(values[before]) != zero.shape:
            return None
        zero &= np.asarray(values[before]) == 0
    zero = _samples(zero)
    output = np.asarray(tape.values[after], dtype=np.float64)
    target = _target(view, after)
    if target is None or output.shape != zero.shape:
        return None
    missed = zero & (np.abs(output - target.reshape(output.shape)) > 1e-6)
    if not missed.any():
        return None
    index = tuple(int(i) for i in np.argwhere(missed)[0]) if missed.ndim else ()
    wanted = float(target.reshape(output.shape)[index])
    return Pinned(named_site(tape, after), int(missed.sum()), int(missed.size), index, float(output[index]), wanted)


def _cancelled(view: View, n: int) -> Any:
    """Where a value is 0 as the difference of two equal ones: the largest score less the largest."""
    node = view.tape.nodes[n]
    if node.prim != "subtract" or CONST in node.inputs:
        return np.zeros(np.shape(view.tape.values[n]), dtype=bool)
    left, right = (np.asarray(view.tape.values[s]) for s in node.inputs)
    return (left == right) & (left != 0)


def _samples(zero: Any) -> Any:
    """The zeros that are all that a sample has: among scores of which the largest was subtracted, one is always 0."""
    if zero.ndim != 2:
        return zero
    return zero & (zero.all(axis=1, keepdims=True) | zero.all(axis=0, keepdims=True))


def _fresh(value: Any, rng: np.random.Generator) -> Any:
    drawn = rng.normal(size=np.shape(value))
    return float(drawn) if np.ndim(value) == 0 else drawn.astype(np.asarray(value).dtype)


def _target(view: View, after: int) -> Any | None:
    """What is set against the output: an operand as large as it that depends on no parameter."""
    tape = view.tape
    size = np.size(tape.values[after])
    reach = {after}
    for n in range(after + 1, view.step.hi):
        node = tape.nodes[n]
        if not any(s in reach for s in node.inputs):
            continue
        if np.size(tape.values[n]) == size:
            reach.add(n)
        if node.prim in ("subtract", "multiply", "add", "divide", "power") and np.size(tape.values[n]) == size:
            for s, c in zip(node.inputs, node.consts, strict=True):
                other = c if s == CONST else tape.values[s]
                if (s == CONST or s not in view.masks) and np.size(other) == size and _persistent(view, s, size):
                    return np.asarray(other, dtype=np.float64)
    return None


def _persistent(view: View, source: int, size: int) -> bool:
    """A target is data: a recorded value, or an array that was never seen changing."""
    if source == CONST:
        return size > 1
    return view.tape.nodes[source].prim in (
        "leaf",
        "made",
        "getitem",
        "view",
        "array",
        "reshape",
        "astype",
        "asarray",
        "float",
    )


MEASURE = Measurement("pinned", pinned)
