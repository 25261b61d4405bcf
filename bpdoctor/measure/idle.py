"""A training loop that updates nothing: the same gradients of the same arrays, round after round."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Any

import numpy as np

from bpdoctor.autodiff.sweep import reverse
from bpdoctor.identify.dependence import bit, dependence
from bpdoctor.measure.fit import fit, precision
from bpdoctor.measure.layers import MATRIX, above, consumers_of, is_float, targets
from bpdoctor.measure.untrained import made_up, operand_name
from bpdoctor.model.examination import Examination, Measurement
from bpdoctor.model.record import record
from bpdoctor.model.tape import Tape

# From so many rounds on with the same numbers nobody waits for another result.
_ROUNDS = 3
_MOST_LOSSES = 10
# One array whose gradient is computed and left may be looked at; several make a network.
_FEWEST = 2

Rounds = Mapping[int, list[int]]


@record
class Idle:
    """The gradient at `site` belongs to `names`, which are read at `reads` and are the same in all `times` rounds.

    `again` tells that the loss is the same as well.
    """

    site: int
    names: tuple[str, ...]
    reads: tuple[int, ...]
    times: int
    again: bool


def idle(examination: Examination) -> Idle | None:
    """Gradients that a program without a training step computes by value, of the arrays that it reads each round."""
    if any(view.families for view in examination.views):
        return None
    tape = examination.tape
    rounds = _rounds(tape)
    reads = {root: place for root, place in _reads(tape, rounds) if made_up(examination, root)}
    if len(reads) < _FEWEST:
        return None
    active = dependence(tape, {root: bit(k) for k, root in enumerate(reads)}, 0, len(tape))
    best: dict[int, int] = {}
    again = False
    for nodes in _losses(tape, rounds, active):
        found = _computed(tape, nodes, list(reads), active)
        if len(found) > len(best):
            best, again = found, _repeated(tape, nodes)
    if len(best) < _FEWEST:
        return None
    places = [reads[root] for root in best]
    names = tuple(operand_name(examination.sites[site].node, side) or "a parameter" for site, side in places)
    site = next(iter(best.values()))
    return Idle(site, names, tuple(site for site, _ in places), len(rounds[site]), again)


def _rounds(tape: Tape) -> Rounds:
    """The nodes of every expression that was run several times."""
    out: dict[int, list[int]] = defaultdict(list)
    for n, node in enumerate(tape.nodes):
        out[node.site].append(n)
    return {site: nodes for site, nodes in out.items() if len(nodes) >= _ROUNDS}


def _reads(tape: Tape, rounds: Rounds) -> Iterator[tuple[int, tuple[int, int]]]:
    """Arrays that one place reads unchanged in every round, with the place and the operand's position."""
    lasting: dict[int, tuple[int, int]] = {}
    for root, consumers in consumers_of(tape).items():
        if is_float(tape.values[root]) and np.size(tape.values[root]) >= _FEWEST:
            times = Counter(tape.nodes[n].site for n in consumers if tape.nodes[n].site in rounds)
            place = next((n for n in consumers if times[tape.nodes[n].site] >= _ROUNDS), None)
            if place is not None:
                lasting[root] = tape.nodes[place].site, tape.nodes[place].inputs.index(root)
    products = [node for node in tape.nodes if node.prim in MATRIX and len(node.inputs) > 1]
    right = [i for p in products for i in (0, 1) if p.inputs[i] in lasting and p.inputs[1 - i] not in lasting]
    side = int(2 * sum(right) >= len(right))
    # Of two arrays that stay, the data stand on the side where the values of other layers stand.
    data = {p.inputs[1 - side] for p in products if p.inputs[0] in lasting and p.inputs[1] in lasting}
    data |= targets(tape, range(len(tape)))
    yield from ((root, place) for root, place in lasting.items() if root not in data)


def _losses(tape: Tape, rounds: Rounds, active: Mapping[int, int]) -> list[list[int]]:
    """Numbers that depend on the arrays, as they were computed in every round; those that come out the same first."""
    found = [
        nodes for nodes in rounds.values()
        if nodes[0] in active and all(_number(tape.values[n]) for n in nodes[:_ROUNDS])
    ]  # fmt: skip
    return sorted(found, key=lambda nodes: (not _repeated(tape, nodes), -nodes[0]))[:_MOST_LOSSES]


def _repeated(tape: Tape, nodes: list[int]) -> bool:
    """Whether the first value comes again: in the next rounds, or with the same sample."""
    first = np.asarray(tape.values[nodes[0]]).item()
    return bool(sum(_number(tape.values[n]) and np.asarray(tape.values[n]).item() == first for n in nodes) >= _ROUNDS)


def _number(value: Any) -> bool:
    return bool(is_float(value) and np.size(value) == 1 and isfinite(np.asarray(value).item()))


def _computed(tape: Tape, loss: list[int], roots: list[int], active: Mapping[int, int]) -> dict[int, int]:
    """Arrays whose true derivative in the first round stands on the tape, with the place that computes it."""
    with np.errstate(all="ignore"):
        seeds = {loss[0]: np.ones_like(tape.values[loss[0]])}
        adjoints = reverse(tape, seeds, {n: m for n, m in active.items() if n <= loss[0]})
    made = sorted({n for n in active if n < loss[1]} - above(tape, loss[:1]))
    out: dict[int, int] = {}
    for root in roots:
        true = adjoints.get(root)
        if true is None or not np.isfinite(true).all() or not np.any(true):
            continue
        for n in made:
            value = tape.values[n]
            if is_float(value) and np.shape(value) == np.shape(true) and fit(value, true, precision(value)).matches:
                out[root] = tape.nodes[n].site
                break
    return out


MEASURE = Measurement("idle", idle)
