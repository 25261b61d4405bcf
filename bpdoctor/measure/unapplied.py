"""Gradients that a program computes and applies to nothing, while the array they belong to stays as it is."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import Any

import numpy as np

from bpdoctor.autodiff.sweep import reverse
from bpdoctor.identify.dependence import POST, bit, dependence
from bpdoctor.measure.fit import fit, precision
from bpdoctor.measure.frozen import frozen
from bpdoctor.measure.layers import LINEAR, MATRIX, SHAPING, Forward, above, forward_of, is_float, targets
from bpdoctor.measure.thawed import shown, thawed
from bpdoctor.measure.untrained import made_up, operand_name
from bpdoctor.measure.view import View
from bpdoctor.model.examination import Examination, Measurement
from bpdoctor.model.record import record
from bpdoctor.model.tape import CONST

_MOST = 8
# How arrays are made that are trained: drawn, scaled and shifted, one row put in by hand.
_FIRST = frozenset({"leaf", "made", "multiply", "divide", "add", "subtract", "setitem"})
# By how much the factor between a gradient and its adjoint may change from step to step: rounding of short floats.
_SAME = 1e-4
# What leaves data what they are: patches of images, standardised columns, noise and masks.
_COPYING = SHAPING | {
    "setitem", "overlay", "pad", "concatenate", "stack", "hstack", "vstack", "append", "add", "subtract", "multiply",
    "divide", "ascontiguousarray", "as_strided", "sliding_window_view", "moveaxis", "rollaxis", "repeat", "tile",
}  # fmt: skip
# Of fewer numbers being a multiple says little.
_TELLING = 4


@record
class Unapplied:
    """The gradient at `site` is that of `name`, read at `read`, which no step changes.

    `shared` tells that the same expression computes gradients that are applied; `delta` that it is the error of the
    sum that `name` is in, of which nothing is made; `frozen` where it would be applied under another setting.
    """

    site: int
    read: int
    name: str
    shared: bool
    delta: bool = False
    frozen: str = ""


def unapplied(examination: Examination) -> list[Unapplied]:
    """Constants of the forward pass whose true adjoint the program computes, by value, in two steps."""
    views = [t.view for t in examination.assessment.trials] if examination.assessment is not None else []
    views = [v for v in views if v.tape is examination.tape][:2]
    if len(views) < 2:
        return []
    forwards = [forward_of(examination, v) for v in views]
    out: dict[int, Unapplied] = {}
    # What was drawn and is no operand of a layer may be data: only its own gradient tells.
    for places, deltas in ((_constants, (False, True)), (partial(_drawn, examination), (False,))):
        first, second = (places(f) for f in forwards)
        lasting = {place: root for place, root in first.items() if second.get(place) == root and root not in out}
        for (read, side), root in [(p, r) for p, r in lasting.items() if not thawed(examination, *p)][:_MOST]:
            name = operand_name(examination.sites[read].node, side) or "a parameter"
            for delta in deltas:
                found = [_computed(examination, v, root, read if delta else None) for v in views]
                for site in found[0]:
                    if site in found[1] and root not in out and abs(found[0][site] / found[1][site] - 1) < _SAME:
                        kept = frozen(examination, read, name)
                        out[root] = Unapplied(site, read, name, _applied(views[0], site), delta, kept)
    return list(out.values())


def _drawn(examination: Examination, forward: Forward) -> dict[tuple[int, int], int]:
    """Arrays that were drawn or filled before the step and go into the loss: filters, tables of vectors."""
    view, tape = forward.view, forward.view.tape
    every = above(tape, forward.nodes)
    data = _data(forward, targets(tape, every))
    # What the parameters themselves were made from is no forward pass: the memory of an optimiser.
    every -= above(tape, view.starts)
    out: dict[tuple[int, int], int] = {}
    for n in sorted(m for m in every if m >= view.step.lo and tape.nodes[m].prim not in MATRIX):
        node = tape.nodes[n]
        for i, root in enumerate(node.inputs):
            if root == CONST or root >= view.step.start or root in view.masks or root in data or root in out.values():
                continue
            if is_float(tape.values[root]) and np.size(tape.values[root]) > 1 and made_up(examination, root):
                out[node.site, i] = root
    return out


def _data(forward: Forward, wanted: Collection[int]) -> set[int]:
    """What trained arrays are multiplied with, targets, and what these are a copy, window, scaling or function of.

    A function that has one array, entry by entry: a first layer may be an activation.
    """
    tape = forward.view.tape
    pending = [*wanted, *(p.other for p in forward.products if p.other != CONST)]
    out = set(pending)
    while pending:
        n = pending.pop()
        found = [s for s in tape.nodes[n].inputs if s != CONST]
        same = [s for s in found if np.shape(tape.values[s]) == np.shape(tape.values[n])]
        if tape.nodes[n].prim in _COPYING or len(found) == len(same) == 1:
            pending.extend(s for s in found if s not in out)
            out.update(found)
    return out


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
                out[node.site, side] = shown(tape, node.inputs[side])
        elif node.prim == "add" and CONST not in node.inputs:
            for i in (0, 1):
                bias, total = node.inputs[i], node.inputs[1 - i]
                wide = np.size(tape.values[bias]) < np.size(tape.values[n]) or np.ndim(tape.values[n]) < 2
                if total in linear and bias not in view.masks and bias not in linear and wide and _lasting(view, bias):
                    out[node.site, i] = shown(tape, bias)
        if node.prim in LINEAR and linear & set(node.inputs):
            linear.add(n)
    return out


def _lasting(view: View, n: int) -> bool:
    origin = shown(view.tape, n)
    prim = view.tape.nodes[origin].prim
    return origin < view.step.start and prim in _FIRST and is_float(view.tape.values[n])


def _computed(examination: Examination, view: View, root: int, read: int | None) -> dict[int, float]:
    """Sites of values that are the true adjoint of `root` up to a factor, with the factor.

    Or that of the sum at the place `read`, where no gradient that is applied is made of them.
    """
    trial = next(t for t in examination.assessment.trials if t.view is view)
    tape = view.tape
    active = dependence(tape, {root: bit(0)}, view.step.lo, max(trial.candidate.seeds) + 1)
    with np.errstate(all="ignore"):
        adjoints = reverse(tape, trial.candidate.seeds, active)
    sums = [n for n in active if tape.nodes[n].site == read]
    true = adjoints.get(root if read is None else min(sums, default=root))
    if (
        true is None
        or not np.isfinite(true).all()
        or not np.any(true)
        or (read is not None and np.size(true) < _TELLING)
    ):
        return {}
    out: dict[int, float] = {}
    # A loss that is computed last has the whole backward pass before it; what any other is made of is no gradient.
    known = above(tape, list(trial.candidate.seeds))
    if any(view.masks.get(seed, 0) & POST for seed in trial.candidate.seeds):
        known &= set(active)
    if read is not None:
        known |= set().union(*(view.backward(f) for f in view.families))
    for n in range(view.step.start, view.step.hi):
        value = tape.values[n]
        if n not in known and is_float(value) and np.size(value) == np.size(true) and n in view.masks:
            found = like(value, true)
            if found is not None:
                out.setdefault(tape.nodes[n].site, found)
    return out


def like(value: Any, true: Any) -> float | None:
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
