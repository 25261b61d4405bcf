"""What a loss is averaged over, and what its gradients are divided by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from bpdoctor.identify.families import Family
from bpdoctor.identify.loss import Candidate
from bpdoctor.identify.rates import Rate, constant_number
from bpdoctor.measure.fit import SAME_SCALE, Fit
from bpdoctor.measure.held import plain
from bpdoctor.measure.view import View
from bpdoctor.model.tape import CONST, Tape

_NEAR = 1e-6
_DEPTH = 12
# What is done with the sum over the samples before it is the loss.
_SUMMED = frozenset(
    {
        "multiply",
        "divide",
        "negative",
        "add",
        "subtract",
        "sum",
        "mean",
        "copy",
        "asarray",
        "float",
        "reshape",
        "squeeze",
    }
)


def averages(tape: Tape, node: int) -> set[int]:
    """Over how many numbers a computed loss is averaged, from its value down to the sums that it is made of."""
    out: set[int] = set()
    queue = [(node, _DEPTH)]
    while queue:
        n, depth = queue.pop()
        if depth and tape.nodes[n].prim in _SUMMED and (np.size(tape.values[n]) == 1 or tape.nodes[n].prim == "mean"):
            out |= _divisors(tape, n)
            queue += [(s, depth - 1) for s in tape.nodes[n].inputs if s != CONST]
    return {n for n in out if n > 2}


def divided_by(view: View, family: Family, n: int) -> int:
    """How often the gradient of a family and its update are divided by `n`."""
    tape = view.tape
    many: dict[int, int] = {}
    for node in sorted(view.backward(family)):
        before = (many.get(s, 0) for s in tape.nodes[node].inputs if s != CONST)
        many[node] = max(before, default=0) + (n in _divisors(tape, node))
    outside = [sum(_is_share(r, n) for r in c.stated) for c in family.claims if c.plain]
    return max(many.values(), default=0) + max(outside, default=0)


def without_rates(claim: Any, n: int, scale: float) -> float:
    """What is left of an update's factor once the rates that it states are taken out: all but a 1/n."""
    stated = [abs(r.factor) for r in claim.stated if r.factor and not _is_share(r, n)]
    return float(abs(scale) / np.prod(stated))


def averaged_once(
    view: View, candidate: Candidate, families: Sequence[Family], fits: Sequence[Fit | None], rate: float
) -> float:
    """The common rate; where most gradients have 1/n once too often or not at all, that of the others which have it.

    Notes
    -----
    Only of a computed loss that is a mean over n. Where no other gradient is a multiple of the true one, and these
    have 1/n twice, all are off by one constant, and none by another.
    """
    if candidate.node is None or not rate:
        return rate
    found = [(f, s) for f, s in zip(families, fits, strict=True) if s is not None and plain(f)]
    most = [f for f, s in found if s.matches and abs(s.scale - rate) <= SAME_SCALE * abs(rate)]
    rest = [(f, s) for f, s in found if f not in most]
    for n in averages(view.tape, candidate.node) if most and rest else ():
        left = {without_rates(c, n, rate) for f in most for c in f.claims}
        for times in (n, 1 / n):
            once = [f for f, s in rest if s.matches and abs(s.scale - times * rate) <= SAME_SCALE * abs(times * rate)]
            alone = times > 1 and not any(s.matches for _, s in rest)
            if all(abs(k * times - 1) < _NEAR for k in left) and (once or alone):
                return times * rate
    return rate


def _is_share(rate: Rate, n: int) -> bool:
    """Whether the update divides by `n`; a rate may be as large."""
    return rate.divided and abs(rate.factor * n - 1) < _NEAR


def _divisors(tape: Tape, node: int) -> set[int]:
    """The whole numbers that a node divides by, spelled as a division, as a product with 1/n or as a mean."""
    entry = tape.nodes[node]
    if entry.prim == "mean" and entry.inputs[0] != CONST:
        return {int(np.size(tape.values[entry.inputs[0]]) // max(1, np.size(tape.values[node])))}
    if entry.prim not in ("multiply", "divide"):
        return set()
    out = set()
    for i, (source, const) in enumerate(zip(entry.inputs, entry.consts, strict=True)):
        number = constant_number(tape, {}, source, const)
        if not number or (entry.prim == "divide" and i == 0):
            continue
        n = abs(number if entry.prim == "divide" else 1 / number)
        # ``2 * n`` holds the half of the square.
        out |= {round(m) for m in (n, n / 2) if abs(m - round(m)) < _NEAR}
    return out
