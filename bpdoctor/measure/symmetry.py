"""Hidden units that are copies of one another: equal weights in, equal weights out, and so for ever."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from bpdoctor.identify.updates import find_updates
from bpdoctor.measure.activity import by_unit, pair_of, side_of
from bpdoctor.measure.layers import MATRIX, Forward, Product, above, forward_of, losses_in
from bpdoctor.measure.units import Unit
from bpdoctor.measure.view import View
from bpdoctor.model.examination import Examination, Measurement
from bpdoctor.model.record import record
from bpdoctor.model.tape import CONST

# Equal columns of a matrix product may differ in the last bits.
_ROUNDING, _SINGLE = 1e-12, 1e-5
# Units that are equal after so many steps do not part of themselves.
_FIRST = 3
_ENTRYWISE = frozenset(
    {"tanh", "sigmoid", "bipolar sigmoid", "relu", "leaky relu", "elu", "softplus", "softsign", "arctan"}
)


@record
class Copies:
    """`units` hidden units with equal weights, made at `incoming` and `outgoing`, seen over `steps`."""

    incoming: int
    outgoing: int
    units: int
    steps: int
    zero: bool


def copies(examination: Examination) -> list[Copies]:
    """Layers whose units are equal at the first recorded step and at the last.

    Or at the first few: what rounding makes of equal units grows in time where the point that they stay at is none
    to rest at.
    """
    early = [v for v in examination.views if v.tape is examination.tape]
    # A sum that runs over the steps is the loss from the second on.
    own = [v for v in (*early, *examination.late) if losses_in(examination, v) and forward_of(examination, v).products]
    if len(own) < 2:
        return []
    found = _between(examination, own[0], own[-1])
    return found if found or len(early) < _FIRST else _between(examination, own[0], early[-1])


def _between(examination: Examination, first: View, last: View) -> list[Copies]:
    start, end = forward_of(examination, first), forward_of(examination, last)
    before = {_keys(first, a, b): (a, b) for a, b in _links(start)}
    after = {_keys(last, a, b): (a, b) for a, b in _links(end)}
    out = [
        _copies(first, *pair, examination)
        for keys, pair in before.items()
        if keys in after and _equal(first, *pair) and _equal(last, *after[keys])
    ]
    return out or _numbers(examination, start, end) or list(_layers(examination, start, last))


def _copies(view: View, a: Product, b: Product, examination: Examination) -> Copies:
    tape = view.tape
    weights = [np.asarray(tape.values[p.start]) for p in (a, b)]
    steps = len(examination.views) + len(examination.late)
    units = _columns(tape.values[a.weight], a.right).shape[0]
    zero = not any(w.any() for w in weights)
    return Copies(_made_at(examination, view, a.start), _made_at(examination, view, b.start), units, steps, zero)


def _made_at(examination: Examination, view: View, start: int) -> int:
    """Where a parameter was made; on the tape of a late step it is first seen where it is read."""
    own = next((c for c in view.step.parameters if c.start == start), None)
    if own is None:
        return view.tape.nodes[start].site
    site = own.updates[0].site
    if view.tape is examination.tape and view.tape.nodes[start].site != site:
        return view.tape.nodes[start].site  # not yet updated
    same = sorted((c for c in view.step.parameters if c.updates[0].site == site), key=lambda c: c.updates[0].position)
    first: dict[int, int] = {}
    for u in find_updates(examination.tape):
        if u.site == site:
            first.setdefault(u.chain, u.before)
    at = list(first.values())[same.index(own)] if len(first) == len(same) else CONST
    return view.tape.nodes[start].site if at == CONST else examination.tape.nodes[at].site


def _keys(view: View, a: Product, b: Product) -> tuple[Any, Any]:
    return view.keys.get(a.node), view.keys.get(b.node)


def _links(forward: Forward) -> list[tuple[Product, Product]]:
    """Pairs of matrix products, the second taking what the first gave, with no product in between."""
    view = forward.view
    found = [p for p in forward.products if view.tape.nodes[p.node].prim in MATRIX]
    found = [p for p in found if np.ndim(view.tape.values[p.weight]) == 2]
    by_node = {p.node: p for p in found}
    out = []
    for b in found:
        pending, seen = [b.other], set()
        while pending:
            n = pending.pop()
            if n in by_node:
                if by_node[n].start != b.start and by_node[n].right == b.right:
                    out.append((by_node[n], b))
            elif n in view.forward and n not in seen:
                seen.add(n)
                pending.extend(s for s in view.tape.nodes[n].inputs if s >= 0)
    return out


def _columns(weight: Any, right: bool) -> Any:
    """Incoming weights, a row for each unit."""
    w = _numbers_of(weight)
    return w.T if right else w


def _numbers_of(value: Any) -> Any:
    """An array in the precision that it was computed in."""
    array = np.asarray(value)
    return array if array.dtype == np.float32 else array.astype(np.float64)


def _equal(view: View, a: Product, b: Product) -> bool:
    """All units between two products have equal weights in and out, and equal activations."""
    tape = view.tape
    into = _columns(tape.values[a.weight], a.right)
    out = _columns(tape.values[b.weight], not b.right)
    if b.other < 0 or len(into) < 2:
        return False
    active = _numbers_of(tape.values[b.other])
    active = active if active.ndim < 2 or not b.right else active.T
    if len(active) != len(out) or len(out) - len(into) not in (0, 1):
        return False
    # Beside the units may stand a 1 for the bias, first or last.
    bare = [slice(len(into))] if len(out) == len(into) else [slice(k, k + len(into)) for k in (0, 1)]
    return _alike(into) and any(_alike(out[units]) and _alike(active[units]) for units in bare)


def _alike(rows: Any) -> bool:
    """Equal but for the order in which a matrix product adds up its terms."""
    rounding = _SINGLE if rows.dtype == np.float32 else _ROUNDING
    allowed = rounding * max(rows.max(), -rows.min())
    # Nearly always the last unit differs from the first, and no other need be looked at.
    return all(bool(np.abs(some - rows[:1]).max() <= allowed) for some in (rows[-1:], rows))


def _numbers(examination: Examination, start: Forward, end: Forward) -> list[Copies]:
    """The same for networks of single numbers: all weights that enter a hidden unit's sum are one number."""
    first, before, after = start.view, _neurons(start), _neurons(end)
    shared = [k for k in before if k in after]
    groups: dict[Any, list[Any]] = {}
    for key in shared:
        groups.setdefault((key[0], before[key][5]), []).append(key)
    for keys in groups.values():
        masks = {before[k][2] for k in keys}
        alike = [len({t[k][:2] for k in keys}) == 1 for t in (before, after)]
        if len(keys) > 1 and len(masks) == len(keys) and all(alike):
            into, out = before[keys[0]][3:5]
            steps = len(examination.views) + len(examination.late)
            zero = not first.tape.values[into] and not first.tape.values[out]
            places = [_made_at(examination, first, n) for n in (into, out)]
            return [Copies(places[0], places[1], len(keys), steps, zero)]
    return []


def _neurons(forward: Forward) -> dict[Any, tuple[Any, ...]]:
    """Hidden numbers: (value, weights out, mask, a weight in, a weight out, what they are made of) by their key."""
    view = forward.view
    tape = view.tape
    found = [p for p in forward.products if np.ndim(tape.values[p.node]) == np.ndim(tape.values[p.weight]) == 0]
    outgoing: dict[int, list[Product]] = {}
    for p in found:
        if p.other in view.forward and p.other in view.keys:
            outgoing.setdefault(p.other, []).append(p)
    starts = {c.start: k for k, c in enumerate(view.step.parameters)}
    out = {}
    for n, uses in outgoing.items():
        own = [s for s, k in starts.items() if view.masks[n] >> (k + 2) & 1]
        if own:
            weights = tuple(float(tape.values[p.weight]) for p in uses)
            made_of = frozenset(above(tape, [n]) & set(outgoing) - {n})
            out[view.keys[n]] = (float(tape.values[n]), weights, view.masks[n], min(own), uses[0].start, made_of)
    return out


def _layers(examination: Examination, start: Forward, last: View) -> Iterator[Copies]:
    """Layers told by what their units compute, where one matrix holds the weights of several: gates, a recurrence.

    The same expression runs at every time step: all that it computes must be the same for all units.
    """
    groups: dict[int, list[Unit]] = {}
    for unit in examination.units:
        if unit.activation.name in _ENTRYWISE and start.view.by_key.get(unit.after) in start.feeding:
            groups.setdefault(unit.after[0], []).append(unit)
    for members in groups.values():
        before, after = (_one_unit(v, members, start) for v in (start.view, last))
        weights = {c.start for c in start.view.step.parameters} & above(
            start.view.tape, [start.view.by_key[members[0].before]]
        )
        matrices = sorted(n for n in weights if np.ndim(start.view.tape.values[n]) > 1)
        if before > 1 and after == before and matrices:
            steps = len(examination.views) + len(examination.late)
            sites = [_made_at(examination, start.view, n) for n in matrices]
            zero = not any(np.any(start.view.tape.values[n]) for n in matrices)
            yield Copies(sites[0], sites[0], before, steps, zero)
            return


def _one_unit(view: View, members: Sequence[Unit], forward: Forward) -> int:
    """How many units a layer has, where all of them are the same; else 0."""
    widths = set()
    for unit in members:
        pair = pair_of(view, [unit])
        if pair is None or pair[0].ndim < 2:
            return 0
        side = side_of(forward, forward.view.by_key[unit.before])
        tables = [by_unit(x, side, 1) for x in pair]
        if not all(_alike(t.T) for t in tables):
            return 0
        widths.add(tables[0].shape[1])
    return widths.pop() if len(widths) == 1 else 0


MEASURE = Measurement("symmetry", copies)
