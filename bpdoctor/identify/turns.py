"""Players that take turns: one is trained, and another by a pass of its own through what came of it."""

from __future__ import annotations

from collections.abc import Sequence

from bpdoctor.identify.roles import Chain
from bpdoctor.identify.updates import Update
from bpdoctor.model.tape import CONST, Tape


def turn(tape: Tape, chains: Sequence[Chain], updates: Sequence[Update], lo: int) -> int | None:
    """Position in an iteration behind which other chains are trained, by a pass that only knows the new versions.

    Notes
    -----
    An update that was made of the old version too (by way of the loss), and then reads the new one, belongs to
    the same pass: its weights are stale. What an earlier iteration left, a velocity, tells of neither.
    """
    if not updates:
        return None
    names = {chain.name: k for k, chain in enumerate(chains)}
    old = {chain.start: 1 << k for k, chain in enumerate(chains)}
    new: dict[int, int] = {}
    at, done, last = lo, 0, lo
    for u in updates:
        _spread(tape, old, new, at, u.after)
        own = 1 << names[u.chain]
        for t in u.terms if done & ~own else ():
            after, before = new.get(t.node, 0) & ~own, old.get(t.node, 0)
            if after and not after & before:
                return last + 1
        old.pop(u.after, None)
        new[u.after] = own
        done |= own
        at, last = max(at, u.after + 1), u.after
    return None


def _spread(tape: Tape, old: dict[int, int], new: dict[int, int], lo: int, hi: int) -> None:
    """Hand on which old and which new versions the values from `lo` to `hi` were made of."""
    for n in range(lo, hi):
        for marks in (old, new):
            mask = 0
            for source in tape.nodes[n].inputs:
                mask |= marks.get(source, 0) if source != CONST else 0
            if mask:
                marks[n] = marks.get(n, 0) | mask
