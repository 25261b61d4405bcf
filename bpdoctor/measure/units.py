"""Activations on the tape, recognised from values: which value is z, which is a, and which function."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Sequence
from typing import Any

import numpy as np

from bpdoctor.autodiff.activations import Activation, recognise
from bpdoctor.identify.loss import is_difference
from bpdoctor.measure.fit import precision
from bpdoctor.measure.view import View
from bpdoctor.model.record import record
from bpdoctor.model.tape import CONST

Key = tuple[int, int]
Way = tuple[int, int, int]  # site of z, site of a, steps from one to the other
_DEEPEST = 10
_MOST = 40
_SAMPLE = 256
_FILLED = frozenset({"setitem", "overlay"})
# Executions of two expressions that are looked at before they are given up.
_TRIED = 4
_EXECUTIONS = 400
SOFTMAX = Activation("softmax", lambda z: z, lambda z: z)


@record(eq=False)
class Unit:
    """``after = activation(before)``; `inside` are the nodes of the first step between the two."""

    before: Key
    after: Key
    activation: Activation
    inside: frozenset[int]


def find_units(views: Sequence[View], among: Container[int] | None = None) -> list[Unit]:
    """Every recognised activation of the forward pass, in order.

    Parameters
    ----------
    views : sequence of View
    among : container of int, optional
        Nodes of the first step to look at, where it is known which belong to the forward pass.

    Notes
    -----
    Numbers (pure Python) are judged together over all executions of their expression and all steps: one
    number alone cannot tell a ReLU from the identity.
    """
    first = views[0]
    out: list[Unit] = []
    taken: set[int] = set()
    cache: dict[Way, Activation | None] = {}
    misses: Counter[Way] = Counter()
    for a in sorted(first.forward, reverse=True):
        if a in taken or a not in first.keys or _mirrors(first, a) or (among is not None and a not in among):
            continue
        for z, steps in _above(first, a):
            # The same code serves several layers: an expression may be reached within one and through all of them.
            way = first.keys[z][0], first.keys[a][0], steps
            if misses[way] >= _TRIED:
                continue
            activation = _recognised(views, first.keys[z], first.keys[a], way, cache)
            misses[way] += activation is None
            if activation is not None and activation.name == "square" and is_difference(first.tape, first.masks, z):
                break  # an error squared is a part of the loss
            if activation is not None:
                inside = _between(first, z, a)
                taken |= inside | {a}
                out.append(Unit(first.keys[z], first.keys[a], activation, frozenset(inside)))
                break
    return out[::-1]


def _mirrors(view: View, n: int) -> bool:
    """``1 - a`` of a logistic unit is a logistic function of -z; it is not the unit."""
    node = view.tape.nodes[n]
    return node.prim == "negative" or (node.prim == "subtract" and node.inputs[0] == CONST)


def _above(view: View, a: int) -> list[tuple[int, int]]:
    """Values of the same shape that `a` is computed from, farthest first, and in how many steps."""
    shape = np.shape(view.tape.values[a])
    starts = {c.start for c in view.step.parameters}
    seen: dict[int, int] = {a: 0}
    unfinished: set[int] = set()  # arrays that are filled entry by entry: only what they become is a value
    pending = [a]
    while pending:
        n = pending.pop(0)
        if seen[n] >= _DEEPEST or n in starts or view.tape.nodes[n].prim in ("matmul", "dot", "transpose"):
            continue
        for i, s in enumerate(view.tape.nodes[n].inputs):
            if i == 0 and s != CONST and {view.tape.nodes[m].prim for m in (n, s)} <= _FILLED:
                unfinished.add(s)
            if s != CONST and s in view.forward and s not in seen and s in view.keys:
                seen[s] = seen[n] + 1
                pending.append(s)
    fitting = (n for n in seen if n != a and n not in unfinished and np.shape(view.tape.values[n]) == shape)
    # In the order of their distance: of a sum of many numbers the terms would crowd out the sum.
    nearest = [n for n in fitting if view.tape.nodes[n].prim != "negative"][:_MOST]
    return [(n, seen[n]) for n in sorted(nearest)]


def _recognised(
    views: Sequence[View], z: Key, a: Key, way: Way, cache: dict[Way, Activation | None]
) -> Activation | None:
    scalar = np.ndim(views[0].tape.values[views[0].by_key[a]]) == 0
    if scalar and way in cache:
        return cache[way]
    before, after = [], []
    for view in views:
        pairs = _alike(view, z, a) if scalar else [(view.by_key.get(z), view.by_key.get(a))]
        for m, n in pairs:
            if m is None or n is None or np.shape(view.tape.values[m]) != np.shape(view.tape.values[n]):
                return None
            before.append(_sample(view.tape.values[m]))
            after.append(_sample(view.tape.values[n]))
    if not before:
        return None
    x, y = np.concatenate(before), np.concatenate(after)
    tolerance = max(precision(view.tape.values[view.by_key[a]]) for view in views if a in view.by_key)
    found = recognise(x, y, tolerance)
    if found is None and not scalar and all(_softmax(view, z, a, tolerance) for view in views):
        found = SOFTMAX
    if scalar:
        cache[way] = found
    return found


def _alike(view: View, z: Key, a: Key) -> list[tuple[int, int]]:
    """Every execution of the expression `a` in one step with what stood in `z`'s place for it.

    Notes
    -----
    The way from `a` up to `z` is followed again from each other execution: a helper that is called with
    something else too (in the backward pass) leads elsewhere there, and is left out.
    """
    if z not in view.by_key or a not in view.by_key:
        return []
    way = _way(view, view.by_key[a], view.by_key[z])
    out = []
    keys = view.by_site.get(a[0], [])
    # An engine of scalars runs one expression for all its sums: evenly taken, as many as tell any function.
    for key in keys[:: max(len(keys) // _EXECUTIONS, 1)]:
        n: int | None = view.by_key[key]
        last = n
        for i in way:
            inputs = view.tape.nodes[n].inputs if n is not None else ()
            n = inputs[i] if i < len(inputs) and inputs[i] != CONST else None
        if n is not None and last in view.forward and n in view.keys and view.keys[n][0] == z[0]:
            out.append((n, last))
    return out


def _way(view: View, a: int, z: int) -> list[int]:
    """Operand positions that lead from `a` back to `z`."""
    reached: dict[int, list[int]] = {a: []}
    pending = [a]
    while pending and z not in reached:
        n = pending.pop(0)
        for i, s in enumerate(view.tape.nodes[n].inputs):
            if s != CONST and s >= z and s not in reached:
                reached[s] = [*reached[n], i]
                pending.append(s)
    return reached.get(z, [])


def _softmax(view: View, z: Key, a: Key, tolerance: float) -> bool:
    """Whether `a` is the softmax of `z` along some axis; entries kept out with -inf or -1e9 are 0."""
    x = np.asarray(view.tape.values[view.by_key[z]], dtype=np.float64)
    y = np.asarray(view.tape.values[view.by_key[a]], dtype=np.float64)
    live = y > 0
    if y.size < 2 or y.min() < 0 or y.max() > 1 or not np.isfinite(x[live]).all():
        return False
    size = max(1.0, float(np.abs(x[live]).max(initial=0)))
    for axis in range(y.ndim):
        if np.abs(y.sum(axis=axis) - 1).max() >= 1e-6 or live.sum(axis=axis).max() < 2:
            continue
        with np.errstate(all="ignore"):
            s = np.exp(x - x.max(axis=axis, keepdims=True))
            offset = np.abs(np.log(s / s.sum(axis=axis, keepdims=True)) - np.log(y))
        if not s[~live].any() and offset[live].max() <= 1e3 * tolerance * size:
            return True
    return False


def _sample(value: Any) -> Any:
    flat = np.asarray(value, dtype=np.float64).ravel()
    return flat if flat.size <= _SAMPLE else flat[:: flat.size // _SAMPLE]


def _between(view: View, z: int, a: int) -> set[int]:
    """Nodes on the way from `z` to `a`, both excluded."""
    reach = {z}
    for n in range(z + 1, a):
        if n in view.forward and any(s in reach for s in view.tape.nodes[n].inputs):
            reach.add(n)
    out: set[int] = set()
    pending = list(view.tape.nodes[a].inputs)
    while pending:
        n = pending.pop()
        if n in reach and n != z and n not in out:
            out.add(n)
            pending.extend(view.tape.nodes[n].inputs)
    return out
