"""Gradients that a program computes and applies to nothing, while the array they belong to stays as it is."""

from __future__ import annotations

from typing import Any

import numpy as np

from bpdoctor.autodiff.replay import NotReplayed, recompute
from bpdoctor.autodiff.sweep import reverse
from bpdoctor.identify.dependence import bit, dependence
from bpdoctor.measure.constants import operand_name
from bpdoctor.measure.fit import fit, precision
from bpdoctor.measure.layers import LINEAR, MATRIX, SHAPING, Forward, above, forward_of, is_float
from bpdoctor.measure.view import View
from bpdoctor.model.examination import Examination, Measurement
from bpdoctor.model.record import record
from bpdoctor.model.tape import CONST, Tape

_MOST = 8
_SAME = 1e-6


@record
class Unapplied:
    """The gradient at `site` is that of `name`, read at `read`, which no step changes.

    `shared` tells that the same expression computes gradients that are applied.
    """

    site: int
    read: int
    name: str
    shared: bool


def unapplied(examination: Examination) -> list[Unapplied]:
    """Constants of the forward pass whose true adjoint the program computes, by value, in two steps."""
    views = [t.view for t in examination.assessment.trials] if examination.assessment is not None else []
    views = [v for v in views if v.tape is examination.tape][:2]
    if len(views) < 2:
        return []
    seen = [_constants(forward_of(examination, v)) for v in views]
    lasting = {place: root for place, root in seen[0].items() if seen[1].get(place) == root}
    lasting = {place: root for place, root in lasting.items() if not _thawed(examination, *place)}
    out: dict[int, Unapplied] = {}
    for (read, side), root in list(lasting.items())[:_MOST]:
        found = [_computed(examination, v, root) for v in views]
        for site in found[0]:
            if site in found[1] and root not in out and abs(found[0][site] / found[1][site] - 1) < 1e-6:
                name = operand_name(examination.sites[read].node, side) or "a parameter"
                out[root] = Unapplied(site, read, name, _applied(views[0], site))
    return list(out.values())


def _thawed(examination: Examination, read: int, side: int) -> bool:
    """Whether what is read there is trained at a later step: layers that are frozen to begin with."""
    for view in examination.late:
        nodes = (view.tape.nodes[n] for n in range(view.step.lo, view.step.hi))
        read_there = [node.inputs[side] for node in nodes if node.site == read and side < len(node.inputs)]
        if any(s != CONST and _origin(view.tape, s) in view.starts for s in read_there):
            return True
    return _moved(examination.views[0], read, side)


def _moved(view: View, read: int, side: int) -> bool:
    """Whether the array that is read has changed since: the tape holds the program's own, and copies of results.

    Another loop that trains it may follow, unrecorded. Rows that are drawn from a larger array are others each time.
    """
    nodes = view.tape.nodes
    n = next((n for n in range(view.step.lo, view.step.hi) if nodes[n].site == read), CONST)
    if n == CONST or nodes[n].inputs[side] == CONST:
        return False
    source = nodes[n].inputs[side]
    origin = view.tape.values[_origin(view.tape, source)]
    if np.size(origin) != np.size(view.tape.values[source]):
        return True
    held = np.reshape(origin, np.shape(view.tape.values[source]))
    try:
        again = recompute(view.tape, n, {source: held})
    except NotReplayed:
        return False
    return not np.allclose(again, view.tape.values[n], rtol=_SAME, atol=0)


def _constants(forward: Forward) -> dict[tuple[int, int], int]:
    """Arrays used like weights or biases that depend on nothing trained: their origin by place."""
    view, tape = forward.view, forward.view.tape
    heads = above(tape, forward.nodes)
    right = [p.right for p in forward.products if tape.nodes[p.node].prim in MATRIX]
    weights_right = sum(right) * 2 >= len(right)
    out: dict[tuple[int, int], int] = {}
    linear: set[int] = set()
    for n in sorted(m for m in heads if m >= view.step.lo):
        node = tape.nodes[n]
        if node.prim in MATRIX and len(node.inputs) == 2 and CONST not in node.inputs:
            fixed = [i for i in (0, 1) if node.inputs[i] not in view.masks]
            side = fixed[0] if len(fixed) == 1 else int(weights_right)
            linear.add(n)
            # What a trained array is multiplied with, itself untrained, is data.
            if fixed and node.inputs[1 - side] not in forward.shown and _lasting(view, node.inputs[side]):
                out[node.site, side] = _origin(tape, node.inputs[side])
        elif node.prim == "add" and CONST not in node.inputs:
            for i in (0, 1):
                bias, total = node.inputs[i], node.inputs[1 - i]
                wide = np.size(tape.values[bias]) < np.size(tape.values[n]) or np.ndim(tape.values[n]) < 2
                if total in linear and bias not in view.masks and bias not in linear and wide and _lasting(view, bias):
                    out[node.site, i] = _origin(tape, bias)
        if node.prim in LINEAR and linear & set(node.inputs):
            linear.add(n)
    return out


def _lasting(view: View, n: int) -> bool:
    origin = _origin(view.tape, n)
    prim = view.tape.nodes[origin].prim
    return origin < view.step.start and prim in ("leaf", "made", "multiply", "divide") and is_float(view.tape.values[n])


def _origin(tape: Tape, n: int) -> int:
    while tape.nodes[n].prim in SHAPING and len(tape.nodes[n].inputs) == 1 and tape.nodes[n].inputs[0] != CONST:
        n = tape.nodes[n].inputs[0]
    return n


def _computed(examination: Examination, view: View, root: int) -> dict[int, float]:
    """Sites of values that are the true adjoint of `root` up to a factor, with the factor."""
    trial = next(t for t in examination.assessment.trials if t.view is view)
    tape = view.tape
    active = dependence(tape, {root: bit(0)}, view.step.lo, max(trial.candidate.seeds) + 1)
    with np.errstate(all="ignore"):
        true = reverse(tape, trial.candidate.seeds, active).get(root)
    if true is None or not np.isfinite(true).all() or not np.any(true):
        return {}
    out: dict[int, float] = {}
    # A loss that is computed last has the whole backward pass before it.
    towards = above(tape, list(trial.candidate.seeds)) & set(active)
    for n in range(view.step.start, view.step.hi):
        value = tape.values[n]
        if n not in towards and is_float(value) and np.size(value) == np.size(true) and n in view.masks:
            found = _like(value, true)
            if found is not None:
                out.setdefault(tape.nodes[n].site, found)
    return out


def _like(value: Any, true: Any) -> float | None:
    """The factor between a value and an adjoint of the same shape, or its transpose."""
    value = np.asarray(value)
    for seen in (value, value.T):
        if seen.shape == np.shape(true) or 1 in (seen.ndim, np.ndim(true)):
            found = fit(seen, true, precision(value))
            if found.matches:
                return found.scale
    return None


def _applied(view: View, site: int) -> bool:
    """Whether an execution of this expression is part of a gradient that is applied."""
    applied = {c.node for c in view.claims}
    used = above(view.tape, [n for n in applied if n is not None])
    return any(view.tape.nodes[n].site == site for n in used if n >= view.step.start)


MEASURE = Measurement("unapplied", unapplied)
