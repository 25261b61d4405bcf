"""Which of the values kept from step to step are trained, and which only belong to the optimiser."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from bpdoctor.identify.dependence import bit
from bpdoctor.identify.means import mean_of
from bpdoctor.identify.updates import Update
from bpdoctor.model.record import record
from bpdoctor.model.tape import CONST, Tape

# Operations whose value at one place depends on their operands at other places, whatever the shapes.
_MIXING = frozenset(
    {"matmul", "dot", "einsum", "tensordot", "inner", "vdot", "outer", "kron", "convolve", "correlate", "cumsum",
     "linalg.solve", "linalg.inv", "linalg.pinv", "sort", "roll"}
)  # fmt: skip
# A row that is read, and one that is put back, are entries of their array.
_PARTS = frozenset({"getitem", "take", "setitem", "overlay", "view", "add_at", "subtract_at"})


@record
class Chain:
    """What persists over steps: its updates within one step, its version before and after."""

    name: int
    start: int
    end: int
    updates: tuple[Update, ...]


@record
class _Reach:
    """What the start versions reach, as masks of chains by node.

    `any` counts every way, `through` only those that do not stay with one entry of an array: a pass through
    the network mixes entries, an optimiser works on each by itself. `within` leaves out the ways through a
    chain's own last version.
    """

    any: dict[int, int]
    through: dict[int, int]
    within: dict[int, int]


def sorted_out(tape: Tape, chains: Sequence[Chain], lo: int, hi: int) -> tuple[list[Chain], list[Chain]]:
    """Parameters, and what an optimiser keeps.

    Notes
    -----
    The change of a weight depends on the weight through the forward pass. So does that of a running mean,
    ``m = m + 0.1 * (g - m)``, but entry by entry and without the network; what is kept moves no other chain
    through the network. A velocity's change does not depend on the velocity; its new version feeds
    the weight's new version, which no parameter's does (a stale weight does, but its own change depends on
    itself). What feeds the change of a weight through the network is trained even where its own change does
    not depend on it.
    """
    reach = _reach(tape, chains, lo, hi)
    arrays = {k for k, c in enumerate(chains) if np.size(tape.values[c.start]) > 1}
    self_dependent = {k for k, c in enumerate(chains) if _of(c, reach.any) & bit(k)}
    strict = _strict(chains, reach, self_dependent, arrays) or self_dependent
    strict -= _velocities(chains, reach, strict)
    strict -= _followers(tape, chains, strict, lo, hi)
    means = _means(tape, chains, reach)
    strict = strict - means or strict
    feeding = 0
    for k in strict & arrays or strict:
        feeding |= _of(chains[k], reach.within)
    late = _late(tape, chains, strict, lo, hi)
    loose = {
        k for k, c in enumerate(chains)
        if k not in strict | means | self_dependent and feeding & bit(k) and not late & bit(k)
        and any(u.terms for u in c.updates)
    }  # fmt: skip
    trained = [c for k, c in enumerate(chains) if k in strict or k in loose]
    return trained, [c for k, c in enumerate(chains) if k not in strict and k not in loose]


def _strict(chains: Sequence[Chain], reach: _Reach, self_dependent: set[int], arrays: set[int]) -> set[int]:
    """Chains whose change depends on them through the network, or on them at all where others' does so."""
    out = set()
    for k in self_dependent:
        among = [j for j in (arrays or range(len(chains))) if j != k]
        through = bool(_of(chains[k], reach.through) & bit(k)) and (k in arrays or not arrays)
        if through or any(_of(chains[j], reach.within) & bit(k) for j in among):
            out.add(k)
    return out


def _velocities(chains: Sequence[Chain], reach: _Reach, strict: set[int]) -> set[int]:
    """Chains whose new version is added whole to another one, on which their own change depends."""
    out = set()
    for k in strict:
        ends = {u.after for u in chains[k].updates}
        for j, c in enumerate(chains):
            whole = any(t.whole and t.node in ends for u in c.updates for t in u.terms)
            if whole and j != k and _of(chains[k], reach.any) & bit(j):
                out.add(k)
    return out


def _followers(tape: Tape, chains: Sequence[Chain], strict: set[int], lo: int, hi: int) -> set[int]:
    """Chains that depend on themselves only by way of what others became in this step, as a slow copy does."""
    ends = {chains[k].end: bit(k) for k in strict}
    masks = _dependence(tape, {chains[k].start: bit(k) for k in strict}, lo, hi, ends)
    out = {k for k in strict if not _of(chains[k], masks) & bit(k)}
    return out if out != strict else set()


def _means(tape: Tape, chains: Sequence[Chain], reach: _Reach) -> set[int]:
    """Running means of what does not depend on them, as the baseline of a policy: no parameters beside others."""
    out = set()
    for k, c in enumerate(chains):
        found = [mean_of(tape, u) for u in c.updates]
        if all(x is not None and not reach.any.get(x, 0) & bit(k) for x in found):
            out.add(k)
    return out


def _late(tape: Tape, chains: Sequence[Chain], strict: set[int], lo: int, hi: int) -> int:
    """Chains whose new version feeds the change of a parameter in the same step."""
    masks = _dependence(tape, {c.end: bit(k) for k, c in enumerate(chains)}, lo, hi, {})
    out = 0
    for k in strict:
        out |= _of(chains[k], masks)
    return out


def _dependence(tape: Tape, marks: Mapping[int, int], lo: int, hi: int, only: Mapping[int, int]) -> dict[int, int]:
    """Mask of every node that depends on a marked one; a node in `only` passes no other bit on than its own."""
    masks = dict(marks)
    for n in range(lo, hi):
        mask = marks.get(n, 0)
        for source in tape.nodes[n].inputs:
            mask |= masks.get(source, 0) if source != CONST else 0
        if mask:
            masks[n] = mask & only.get(n, ~0)
    return masks


def _of(chain: Chain, masks: dict[int, int]) -> int:
    """Mask of all that the changes of a chain depend on."""
    out = 0
    for u in chain.updates:
        for t in u.terms:
            out |= masks.get(t.node, 0)
    return out


def _reach(tape: Tape, chains: Sequence[Chain], lo: int, hi: int) -> _Reach:
    """Dependence of every node on the start versions, and the way it takes."""
    single = 0
    reach = _Reach({}, {}, {})
    starts: set[int] = set()
    ends: dict[int, int] = {}
    entrywise: dict[int, int] = {}
    for k, c in enumerate(chains):
        reach.any[c.start] = reach.any.get(c.start, 0) | bit(k)
        entrywise[c.start] = reach.any[c.start]
        ends[c.end] = ends.get(c.end, 0) | bit(k)
        starts.add(c.start)
        single |= bit(k) if np.size(tape.values[c.start]) == 1 else 0
    for start in starts:
        reach.within[start] = entrywise[start] & single
        reach.through[start] = entrywise[start] & single
    for n in range(lo, hi):
        if n not in starts:
            _pass(tape, n, reach, entrywise, ends.get(n, 0))
    return reach


def _pass(tape: Tape, n: int, reach: _Reach, entrywise: dict[int, int], ended: int) -> None:
    node = tape.nodes[n]
    every = along = mixed = inner = 0
    for source in node.inputs:
        if source == CONST or source not in reach.any:
            continue
        every |= reach.any[source]
        kept = entrywise.get(source, 0)
        mixed |= reach.through.get(source, 0)
        inner |= reach.within.get(source, 0)
        resized = node.prim not in _PARTS and _size(tape.values[source]) != _size(tape.values[n])
        if node.prim in _MIXING or resized:
            mixed |= kept
            inner |= kept
        else:
            along |= kept
    if every:
        reach.any[n] = every
        reach.through[n] = mixed
        reach.within[n] = inner & ~ended
        entrywise[n] = along & ~ended


def _size(value: Any) -> int:
    return value.size if isinstance(value, np.ndarray) else 1
