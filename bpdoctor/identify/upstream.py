"""Gradients from which an update makes something else: its sign, a rescaling, a sum with noise or with a decay.

What a rule of descent makes of a gradient need not be a multiple of it. Where all that the update has from the
network passes through one array of the parameter's size, that array is what the program holds for the gradient.
Whether it is the true one is for the comparison to say.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import Any

import numpy as np

from bpdoctor.autodiff.replay import NotReplayed, recompute
from bpdoctor.identify.dependence import PARAMETERS, Ascending, ancestors, bit, cuts, dependence
from bpdoctor.identify.entries import same
from bpdoctor.identify.roles import Chain
from bpdoctor.identify.updates import Term
from bpdoctor.model.record import record
from bpdoctor.model.tape import CONST, Tape

_LINEAR = frozenset({"add", "subtract", "multiply", "divide", "negative", "positive", "copy", "asarray"})
_MOST = 8
_SAME = 1e-9
_LARGE = 1e6  # of a gradient that outweighs what is kept of those before it


@record
class Decays:
    """Multiples of a parameter's own old version, as ``W *= 1 - rate`` spelled out; by what, for every node.

    `moving` tells that values of earlier steps are taken off, as in ``0.9 * (W - before)``.
    """

    by: dict[int, float]
    moving: bool

    def shrinking(self, terms: list[Term]) -> bool:
        """Whether all of them together bring the parameter nearer to zero, or go on with the step before."""
        total = sum(t.sign * self.by.get(t.node, 0.0) for t in terms)
        return self.moving or -1 < total <= 0


def decays(
    tape: Tape, masks: Mapping[int, int], chain: Chain, readers: Mapping[int, Sequence[int]], starts: Sequence[int] = ()
) -> Decays:
    """Values that depend on no parameter but this one, and on it, or the part of it at `starts`, by a constant."""
    by = dict.fromkeys(starts or (chain.start,), 1.0)
    moving = False
    size = np.size(tape.values[next(iter(by))])
    pending = Ascending(by, readers, range(chain.start + 1, chain.end))
    while (n := pending.pop()) is not None:
        node = tape.nodes[n]
        if node.prim not in _LINEAR or np.size(tape.values[n]) != size:
            continue
        if any(s not in by and masks.get(s, 0) & PARAMETERS for s in node.inputs if s != CONST):
            continue
        factor, others = _factor(tape, n, by)
        if factor is not None:
            by[n] = factor
            moving = moving or others
            pending.push(n)
    return Decays(by, moving)


def _factor(tape: Tape, n: int, by: Mapping[int, float]) -> tuple[float | None, bool]:
    """The factor on the parameter in a linear operation, and whether another array is added to it."""
    node = tape.nodes[n]
    values = [c if s == CONST else tape.values[s] for s, c in zip(node.inputs, node.consts, strict=True)]
    known = [by.get(s) for s in node.inputs]
    if node.prim in ("add", "subtract"):
        sign = -1.0 if node.prim == "subtract" else 1.0
        return (known[0] or 0.0) + sign * (known[1] or 0.0), None in known
    if node.prim in ("multiply", "divide"):
        which = 1 if known[0] is None else 0
        number = values[1 - which]
        if None not in known or np.size(number) != 1 or (node.prim == "divide" and which == 1):
            return None, False
        x = float(np.asarray(number, dtype=np.float64).reshape(()))
        return (known[which] or 0.0) * (x if node.prim == "multiply" else 1 / x if x else np.nan), False
    return (-1.0 if node.prim == "negative" else 1.0) * (known[0] or 0.0), False


def upstream(
    tape: Tape, masks: Mapping[int, int], chain: Chain, readers: Mapping[int, Sequence[int]]
) -> list[tuple[int, float, bool]]:
    """Nodes that may be the gradient an update is made from, the last first.

    With each comes the sign of the step along it, and whether it is all that the update takes from the network.
    `readers` are the nodes that take each one in.
    """
    terms = [t for u in chain.updates for t in u.terms]
    rows = _rows(tape, chain) if not any(t.whole for t in terms) else []
    apart = decays(tape, masks, chain, readers, rows)
    within = {n: m for n, m in masks.items() if m & PARAMETERS and n not in apart.by}
    live = [t for t in terms if t.node in within]
    if len(live) != 1 or not (live[0].whole or rows) or not apart.shrinking(terms):
        return []
    sink, size = live[0].node, np.size(tape.values[rows[0] if rows else chain.start])
    found = [n for n in dict.fromkeys([*cuts(tape, sink, within), sink]) if np.size(tape.values[n]) == size]
    out = []
    for n in reversed(found[-_MOST:]):
        way = 1.0 if n == sink else along(tape, within, apart.by, n, sink)
        if way is not None:
            out.append((n, -live[0].sign * way, n == sink))
        if way is not None and not apart.moving and -live[0].sign * way * _brought(tape, n, apart.by) < 0:
            break  # what is added here makes the parameter grow: no decay
    for made_from, way in (_solved_for(tape, masks, sink), _resized(tape, within, sink)):
        if made_from in within and np.size(tape.values[made_from]) == size:
            out.append((made_from, -live[0].sign * way, False))
    return out


def _resized(tape: Tape, within: Mapping[int, int], node: int) -> tuple[int, float]:
    """What is multiplied by a number that nothing but a multiple of it makes, and the sign of the step along it.

    Notes
    -----
    ``0.1 * h.T @ d / norm(h.T @ d)``: two products, of which one is no part of the other.
    """
    way = 1.0
    while tape.nodes[node].prim in ("multiply", "divide"):
        entry = tape.nodes[node]
        arrays = [s for s in entry.inputs if s != CONST and np.size(tape.values[s]) > 1]
        if len(arrays) != 1 or (entry.prim == "divide" and entry.inputs[0] != arrays[0]):
            break
        other = 1 - entry.inputs.index(arrays[0])
        number = entry.inputs[other]
        way *= float(np.sign(np.ravel(entry.consts[other] if number == CONST else tape.values[number])[0]))
        node = arrays[0]
        if number in within:
            alike = any(_proportional(tape.values[m], tape.values[node]) for m in cuts(tape, number, within))
            return (node, way) if alike else (CONST, 0.0)
    return CONST, 0.0


def _proportional(one: Any, other: Any) -> bool:
    if np.shape(one) != np.shape(other) or np.size(one) < 2:
        return False
    a, b = (np.ravel(np.asarray(x, dtype=np.float64)) for x in (one, other))
    factor = float(np.dot(a, b) / np.dot(b, b)) if np.any(b) else 0.0
    return bool(factor) and float(np.abs(a - factor * b).max()) <= _SAME * float(np.abs(a).max())


def _rows(tape: Tape, chain: Chain) -> list[int]:
    """Reads of just the entries that the one update of an array replaces: ``P[u] += …``."""
    written = tape.nodes[chain.end]
    if len(chain.updates) != 1 or written.prim != "setitem" or written.inputs[0] != chain.start:
        return []
    read = ((n, tape.nodes[n]) for n in range(chain.start + 1, chain.end))
    return [n for n, node in read if node.prim == "getitem" and same(tape, node, written)]


def _solved_for(tape: Tape, masks: Mapping[int, int], node: int) -> tuple[int, float]:
    """The right side of the equations whose solution is the step, and the sign of the step along it.

    Notes
    -----
    Newton's steps, those of Gauss and Newton, natural gradients. The matrix may depend on the parameters as well.
    An estimate of its inverse is symmetric, or kept from before.
    """
    way, node = _unscaled(tape, node)
    entry = tape.nodes[node]
    if CONST in entry.inputs or entry.prim not in ("linalg.solve", "matmul", "dot"):
        return CONST, 0.0
    sign, matrix = _unscaled(tape, entry.inputs[0])
    right = entry.inputs[1]
    held = np.asarray(tape.values[matrix])
    inverse = entry.prim == "linalg.solve" or tape.nodes[matrix].prim in ("linalg.inv", "linalg.pinv")
    square = held.shape == 2 * np.shape(tape.values[right])
    kept = square and (not masks.get(matrix, 0) & PARAMETERS or np.allclose(held, held.T, rtol=_SAME, atol=0))
    return (right, way * sign) if inverse or kept else (CONST, 0.0)


def _unscaled(tape: Tape, node: int) -> tuple[float, int]:
    """The sign of the numbers that an array is multiplied by, and the array without them."""
    way = 1.0
    while tape.nodes[node].prim in ("multiply", "divide", "negative"):
        entry = tape.nodes[node]
        values = [c if s == CONST else tape.values[s] for s, c in zip(entry.inputs, entry.consts, strict=True)]
        arrays = [i for i, v in enumerate(values) if np.size(v) > 1]
        if len(arrays) != 1 or entry.inputs[arrays[0]] == CONST:
            break
        way *= float(np.prod([np.sign(np.ravel(v)[0]) for v in values if np.size(v) == 1]))
        way *= -1.0 if entry.prim == "negative" else 1.0
        node = entry.inputs[arrays[0]]
    return way, node


def _brought(tape: Tape, n: int, by: Mapping[int, float]) -> float:
    """By how much of the parameter an operation adds to a gradient."""
    node = tape.nodes[n]
    if node.prim not in ("add", "subtract"):
        return 0.0
    signs = (1.0, -1.0 if node.prim == "subtract" else 1.0)
    return sum(sign * by.get(s, 0.0) for sign, s in zip(signs, node.inputs, strict=True))


def along(tape: Tape, within: Mapping[int, int], by: Container[int], held: int, node: int) -> float | None:
    """+1 when `node` has the signs of what it is made from, or that less a mean; -1 against; None for neither.

    Notes
    -----
    The node is computed again for the gradient turned round: neither noise that is added nor a mean of squares,
    which the turning leaves as they are, counts. An optimiser that squares the sum of both lets them through: a
    gradient that outweighs them tells, and a drawn one where that of this step is zero.
    """
    g = np.asarray(tape.values[held], dtype=np.float64)
    if not g.any():
        g = np.random.default_rng(0).normal(size=g.shape)
    for size in (1.0, _LARGE):
        odd = _odd(tape, within, by, held, node, size * g)
        if odd is None or odd.size != g.size or not np.isfinite(odd).all():
            return None
        way = _way(odd.reshape(g.shape), g)
        if way is not None:
            return way
    return None


def _way(odd: Any, g: Any) -> float | None:
    if not odd.any():
        return None
    product = odd * g
    for way in (1.0, -1.0):
        if (way * product >= -1e-12 * np.abs(product).max()).all():
            return way
    return _centred(odd, g)


def _odd(tape: Tape, within: Mapping[int, int], by: Container[int], held: int, node: int, g: Any) -> Any | None:
    """Value of `node` for a gradient, less that for the gradient turned round.

    None where something else of the network comes in on the way, other than a decay or a single number. What is made
    of the gradient beside the way, for another parameter, counts for nothing.
    """
    way = sorted(ancestors(tape, [node], within.keys() & range(held + 1, node + 1)))
    ends = []
    for value in (g, -g):
        values: dict[int, Any] = {held: value}
        try:
            with np.errstate(all="ignore"):
                for n in way:
                    if any(s in values for s in tape.nodes[n].inputs):
                        if _mixed(tape, within, by, values, n) or _layered(tape, n, g):
                            return None
                        values[n] = recompute(tape, n, values)
                ends.append(np.asarray(values[node], dtype=np.float64))
        except (NotReplayed, KeyError):
            return None
    return ends[0] - ends[1]


def _layered(tape: Tape, n: int, g: Any) -> bool:
    """Whether an array is multiplied as a layer does it: what comes before is an error, even with one input."""
    return tape.nodes[n].prim in ("matmul", "dot", "outer") and np.size(tape.values[n]) == np.size(g) > 1


def _mixed(tape: Tape, within: Mapping[int, int], by: Container[int], values: Container[int], n: int) -> bool:
    """Whether an operation brings an array to the gradient that depends on parameters by another way."""
    node = tape.nodes[n]
    for s in node.inputs:
        if s == CONST or s in values or (s not in within and s not in by):
            continue
        number = np.size(tape.values[s]) == 1 and np.size(tape.values[n]) > 1
        if not number and not (s in by and node.prim in ("add", "subtract")):
            return True
    return False


def _centred(odd: Any, g: Any) -> float | None:
    """The sign of ``odd`` along ``g`` where it is g less its mean over an axis."""
    dot = float(np.sum(odd * g))
    if not dot:
        return None
    taken = g - odd * (dot / float(np.sum(odd * odd)))
    near = 1e-9 * float(np.abs(g).max())
    same = any(float(np.ptp(taken, axis=axis).max()) <= near for axis in range(g.ndim))
    return float(np.sign(dot)) if same and g.ndim > 1 else None


def before_sign(tape: Tape, masks: Mapping[int, int], node: int) -> Any | None:
    """What a value would be without the sign that all its dependence on the parameters passes through.

    Where the signs of all parameters stand in one array, no array of one parameter's size holds its gradient.
    """
    within = {n: m for n, m in masks.items() if m & PARAMETERS}
    sign = next((n for n in reversed(cuts(tape, node, within)) if tape.nodes[n].prim == "sign"), None)
    if sign is None or sign == node:
        return None
    free: dict[int, Any] = {sign: tape.values[tape.nodes[sign].inputs[0]]}
    try:
        with np.errstate(all="ignore"):
            for n in sorted(dependence(tape, {sign: bit(0)}, sign, node + 1)):
                if n > sign:
                    free[n] = recompute(tape, n, free)
    except (NotReplayed, KeyError):
        return None
    return free.get(node)
