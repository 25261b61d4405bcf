"""Training by differences: an update made of losses at tried values, each of which was put back afterwards."""

from __future__ import annotations

from bpdoctor.identify.updates import find_updates, put_back
from bpdoctor.model.tape import CONST, Tape, Write


def differences_in(tape: Tape) -> int | None:
    """The site that tries a value, where an update of the tried array is computed from what came of it.

    Notes
    -----
    A check of gradients tries values too, but the updates that follow are made of a backward pass.
    """
    arrays: dict[int, int] = {}
    tried: dict[int, int] = {}
    for event in tape.events:
        if isinstance(event, Write):
            arrays[event.after] = arrays.setdefault(event.before, event.before)
            if put_back(tape, event.after, arrays) is not None:
                tried[event.before] = event.site
    if not tried:
        return None
    chains = {arrays[n] for n in tried}
    for update in find_updates(tape):
        if update.chain in chains and (found := _source(tape, [t.node for t in update.terms], tried)) is not None:
            return tried[found]
    return None


def _source(tape: Tape, roots: list[int], among: dict[int, int]) -> int | None:
    pending, seen = list(roots), set(roots)
    while pending:
        n = pending.pop()
        if n in among:
            return n
        fresh = [s for s in tape.nodes[n].inputs if s != CONST and s not in seen]
        seen.update(fresh)
        pending.extend(fresh)
    return None
