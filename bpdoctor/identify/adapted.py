"""Copies that are trained, towards which their original is then moved: it is their mean, and they are the network.

That is Reptile's step (Nichol, Achiam and Schulman 2018): ``fast = W.copy()`` descends a few times, and
``W += 0.2 * (fast - W)`` is no gradient step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bpdoctor.identify.means import mean_of
from bpdoctor.identify.updates import Update
from bpdoctor.model.tape import CONST, Tape

# What a mean of several copies is made by, and what a copy is made by.
_LINEAR = frozenset({"add", "multiply", "divide", "array", "stack", "mean", "sum", "getitem", "copy", "asarray"})
_COPIES = frozenset({"copy", "array", "asarray", "view", "getitem"})
_FAR = 60


def without_originals(tape: Tape, updates: Sequence[Update]) -> tuple[list[Update], set[int]]:
    """The updates but those that move an original towards copies which other updates trained; and these chains."""
    ended = {u.after: u for u in updates}
    begun: dict[int, int] = {}
    for u in updates:
        begun.setdefault(u.chain, u.before)
    kept: list[Update] = []
    trained: set[int] = set()
    for u in updates:
        towards = mean_of(tape, u)
        copies = None if towards is None else _ends(tape, towards, u, ended)
        if copies and all(_copied(tape, begun[c], u.before) for c in copies):
            trained |= copies
        else:
            kept.append(u)
    return kept, trained


def _ends(tape: Tape, n: int, own: Update, ended: Mapping[int, Update]) -> set[int]:
    """The chains whose versions a value is a linear function of; none where anything else comes in."""
    out: set[int] = set()
    pending, seen = [n], {n, CONST}
    while pending:
        m = pending.pop()
        node = tape.nodes[m]
        if m in ended and ended[m].chain != own.chain:
            out.add(ended[m].chain)
        elif node.prim not in _LINEAR or not node.inputs or len(seen) > _FAR:
            return set()
        else:
            pending += [s for s in node.inputs if s not in seen and tape.nodes[s].inputs]
            seen.update(node.inputs)
    return out


def _copied(tape: Tape, n: int, original: int) -> bool:
    """Whether a value is a copy of another one."""
    for _ in range(_FAR):
        if n in (original, CONST):
            return n == original
        node = tape.nodes[n]
        if node.prim not in _COPIES or not node.inputs:
            return False
        n = node.inputs[0]
    return False
