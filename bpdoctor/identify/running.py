"""Running values: ``h = X; for block in blocks: h = h + block(h)`` adds to itself as a weight does, but begins anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Sequence
from itertools import pairwise

from bpdoctor.identify.dependence import bit, dependence
from bpdoctor.identify.roles import Chain
from bpdoctor.identify.updates import Update, find_updates
from bpdoctor.model.tape import CONST, Store, Tape

_PRODUCTS = frozenset({"dot", "matmul", "outer", "einsum", "tensordot"})


def lasting(tape: Tape, updates: list[Update], trained: Container[int] = ()) -> list[Update]:
    """The updates without those of running values; the chains `trained` are known to be none.

    Notes
    -----
    What a trained value became is what its next update starts from. A running value is read and then
    forgotten: the same statements begin again with a value that no update made. (A new weight that is
    lost, bound to a local name, is not read at all, and is kept.) What one statement does to all it goes over is
    forgotten together or not at all: a network that is made anew for other samples is trained each time.
    """
    chains: dict[int, list[Update]] = defaultdict(list)
    for u in updates:
        chains[u.chain].append(u)
    slots = {event.node: event.slot for event in tape.events if isinstance(event, Store)}
    alike: dict[tuple[object, ...], list[list[Update]]] = defaultdict(list)
    for chain in chains.values():
        # One statement that goes over a list of kept values makes as many chains, each of a slot of its own.
        alike[frozenset(u.site for u in chain), slots.get(chain[-1].after)].append(chain)
    made, continued = {u.after for u in updates}, {u.before for u in updates}
    last = _last_reads(tape, {chain[-1].after for chain in chains.values()})
    forgotten = {c[0].chain for group in alike.values() if _tried(group, updates, continued, last) for c in group}
    for group in alike.values():
        if any(c[0].before in made or c[-1].after in continued for c in group) or len(group) < 2:
            continue
        ends = [(last.get(c[-1].after, CONST), following[0].after) for c, following in pairwise(group)]
        if all(CONST < read < begin for read, begin in ends):
            forgotten |= {c[0].chain for c in group}
    together: dict[object, set[int]] = defaultdict(set)
    for (sites, _), group in alike.items():
        together[sites] |= {c[0].chain for c in group}
    for members in together.values():
        if not members <= forgotten:
            forgotten -= members
    return [u for u in updates if u.chain not in forgotten or u.chain in trained]


def _tried(
    group: Sequence[Sequence[Update]], updates: Sequence[Update], continued: Container[int], read: Container[int]
) -> bool:
    """Whether places elsewhere are looked at: each begins where another update begins as well, and is left again."""
    own = {c[0].chain for c in group}
    begun = {u.before for u in updates if u.chain not in own}
    left = all(c[-1].after not in continued and c[-1].after in read for c in group)
    return len(group) > 1 and left and all(c[0].before in begun for c in group)


def taken_back(tape: Tape, chain: Chain) -> bool:
    """Whether all that is added to a parameter is subtracted from it again: a look at the loss from elsewhere."""
    signs: dict[tuple[int, int], set[int]] = defaultdict(set)
    for u in find_updates(tape):
        for t in u.terms:
            signs[u.chain, t.node].add(t.sign)
    added = [(u.chain, t.node) for u in chain.updates for t in u.terms]
    return bool(added) and all(len(signs[place]) > 1 for place in added)


def passing_back(tape: Tape, trained: Sequence[Chain], kept: Sequence[Chain], lo: int, hi: int) -> bool:
    """Whether a loop goes back through time: what it carries along is multiplied into sums that nothing here reads.

    Notes
    -----
    A cell's error is its own last one, times a gate, plus what came through the weights: as if it were trained. But
    nothing that trains leaves gradients behind, several of them, for somebody else to use.
    """
    if len(kept) < 2:
        return False
    masks = dependence(tape, {c.start: bit(k) for k, c in enumerate(trained)}, lo, hi)
    readers: dict[int, set[int]] = defaultdict(set)
    for n in range(lo, hi):
        for source in tape.nodes[n].inputs:
            readers[source].add(n)

    def summed(chain: Chain) -> bool:
        own = {u.after for u in chain.updates}
        products = [t.node for u in chain.updates for t in u.terms if tape.nodes[t.node].prim in _PRODUCTS]
        unread = not any(readers[v] - own for v in {chain.start, *own})
        return unread and any(p in masks for p in products)

    return sum(map(summed, kept)) > 1


def _last_reads(tape: Tape, ends: set[int]) -> dict[int, int]:
    """The last node made from each of these versions."""
    return {source: n for n, node in enumerate(tape.nodes) for source in node.inputs if source in ends}
