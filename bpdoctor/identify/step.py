"""The training step: the loop whose iterations update what they use, its parameters and its state."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Container
from dataclasses import replace
from itertools import islice, pairwise
from operator import attrgetter

import numpy as np

from bpdoctor.identify.adapted import without_originals
from bpdoctor.identify.dependence import POST, STATE, ancestors, bit, dependence
from bpdoctor.identify.prepared import prepared, scheduled
from bpdoctor.identify.roles import Chain, sorted_out
from bpdoctor.identify.running import lasting, passing_back
from bpdoctor.identify.turns import turn
from bpdoctor.identify.updates import Iteration, Update, find_iterations, find_updates
from bpdoctor.model.record import record
from bpdoctor.model.tape import Tape


@record
class Step:
    """One recorded training step.

    `lo` is the position from which the start versions exist; losses that were computed between the
    previous update and this step belong to it. `fixed` are the versions of what others train in turn with this:
    constants here.
    """

    loop: int | None
    iteration: int
    start: int
    stop: int
    lo: int
    hi: int
    parameters: tuple[Chain, ...]
    state: tuple[Chain, ...]
    fixed: frozenset[int] = frozenset()


def find_steps(tape: Tape, named: Container[int] = (), done: Container[int] = ()) -> list[Step]:
    """Recorded training steps, in order; empty when nothing is trained on this tape.

    `named` are the sites of the loop or the function that the user says makes one step, `done` those whose updates
    were looked at before.
    """
    every, copies = without_originals(tape, find_updates(tape))
    updates = [u for u in _own(tape, lasting(tape, every, copies)) if u.site not in done]
    if not updates:
        return []
    iterations = find_iterations(tape)
    chosen = next((i.loop for i in iterations if i.loop in named), None) if named else None
    if named and chosen is None:
        return []
    chosen = _step_loop(tape, updates, iterations) if chosen is None else chosen
    if chosen is None:
        whole = Iteration(-1, -1, 0, 0, len(tape), -1)
        parts = (_step(tape, updates, part, None) for part in _parts(tape, updates, whole))
        return [step for step in parts if step.parameters]
    out = []
    for i in iterations:
        if i.loop == chosen and any(i.start <= u.position <= i.stop for u in updates):
            found = [_step(tape, updates, part, chosen) for part in _parts(tape, updates, i)]
            out += in_turn([step for step in found if step.parameters], updates)
    return _since_others(out, updates)


def _since_others(steps: list[Step], updates: list[Update]) -> list[Step]:
    """Where iterations train different things in turn: what was computed before the other's update is of no step."""
    trained = [frozenset(c.name for c in step.parameters) for step in steps]
    out = []
    for step, own in zip(steps, trained, strict=True):
        theirs = frozenset().union(*(names for names in dict.fromkeys(trained) if not names & own))
        moved = (u.after for u in updates if u.chain in theirs and u.position < step.start)
        out.append(replace(step, lo=max([step.lo, *moved])))
    return out


def in_turn(steps: list[Step], updates: list[Update]) -> list[Step]:
    """The steps of one iteration, those of players that train nothing in common apart from each other."""
    trained = [{c.name for c in step.parameters} for step in steps]
    out = []
    for step, own in zip(steps, trained, strict=True):
        theirs = set().union(*(names for names in trained if not names & own))
        out.append(replace(step, fixed=frozenset(u.after for u in updates if u.chain in theirs)))
    return out


def loop_around(tape: Tape, step: Step, named: Container[int]) -> int | None:
    """The innermost loop in which the function that makes `step` is called."""
    around = [i for i in find_iterations(tape) if i.loop not in named and i.start <= step.start and step.stop <= i.stop]
    return max(around, key=lambda i: (i.depth, i.start)).loop if around else None


def _parts(tape: Tape, updates: list[Update], whole: Iteration) -> list[Iteration]:
    """Split an iteration in which the parameters are updated several times, forward pass and all.

    Notes
    -----
    A new step begins where the change of a chain depends on versions that this step already made, its
    own and another's: then the network ran again in between. (A weight decay as a second statement
    depends on its own new version only; a stale weight does not touch the chain's own.)
    """
    chains = _step(tape, updates, whole, None if whole.loop < 0 else whole.loop).parameters
    trained = {c.name for c in chains}
    near = _between(updates, whole.start, whole.stop) if trained else []
    inside = [u for u in near if u.chain in trained and u.after >= whole.start]
    bounds = [whole.start]
    left = inside
    while (bound := _rerun(tape, left, bounds[-1], whole.stop)) is not None and bound > bounds[-1]:
        bounds.append(bound)
        left = [u for u in left if u.after >= bound]
    last = [u for u in inside if u.after >= bounds[-1]]
    if (bound := turn(tape, chains, last, bounds[-1])) is not None:
        bounds.append(bound)
    bounds.append(whole.stop)
    if len(bounds) == 2:
        return [whole]
    return [Iteration(whole.loop, whole.activation, whole.number, a, b, whole.depth) for a, b in pairwise(bounds)]


def _rerun(tape: Tape, updates: list[Update], lo: int, hi: int) -> int | None:
    """Position where the network is run again on parameters that were updated since `lo`.

    Notes
    -----
    A moment that is updated a second time, by a gradient at updated parameters, belongs to that second run: what
    depends on it is followed back through it.
    """
    names = {chain: k for k, chain in enumerate(dict.fromkeys(u.chain for u in updates))}
    masks: dict[int, int] = {}
    done, at = 0, lo
    versions = set()
    for u in updates:
        for n in range(at, min(u.after, hi)):
            mask = 0
            for source in tape.nodes[n].inputs:
                mask |= masks.get(source, 0)
            if mask:
                masks[n] = mask
        own = 1 << names[u.chain]
        taken = 0
        for t in u.terms if done & own else ():
            mask = masks.get(t.node, 0)
            if mask & own and (mask & ~own or (len(names) == 1 and not _linear(tape, t.node))):
                between = {n: m for n, m in masks.items() if n not in versions}
                return min(ancestors(tape, [t.node], between), default=None)
            taken |= mask & ~own
        done |= own
        masks[u.after] = own | taken
        if not taken:
            versions.add(u.after)
        at = max(at, u.after + 1)
    return None


def _linear(tape: Tape, node: int) -> bool:
    """Whether a term is a constant times a value (weight decay), not the outcome of a pass."""
    return tape.nodes[node].prim in ("multiply", "divide", "negative", "copy")


def _step_loop(tape: Tape, updates: list[Update], iterations: list[Iteration]) -> int | None:
    """The innermost loop that trains; an outer one when it trains chains the inner does not."""
    inside: dict[int, list[Iteration]] = defaultdict(list)
    for i in iterations:
        inside[i.activation].append(i)
    candidates: list[tuple[int, int, frozenset[int], frozenset[int]]] = []
    for members in inside.values():
        repeated = _repeated(updates, members)
        if not repeated:
            continue
        middle = _fullest(updates, members, repeated)
        steps = [_step(tape, updates, p, middle.loop, only=repeated) for p in _parts(tape, updates, middle)]
        trained = frozenset(c.name for s in steps for c in s.parameters)
        kept = frozenset(c.name for s in steps if s.parameters for c in s.state)
        if trained and not any(passing_back(tape, s.parameters, s.state, s.lo, middle.stop) for s in steps):
            candidates.append((middle.depth, middle.loop, trained, kept))
    if not candidates:
        return None
    candidates.sort(key=lambda c: -c[0])
    best = candidates[0]
    for candidate in candidates[1:]:
        # What the inner loop keeps beside what it trains, the outer one does not train either.
        if candidate[0] < best[0] and candidate[2] - best[2] - best[3]:
            best = candidate
    return best[1]


def _fullest(updates: list[Update], members: list[Iteration], repeated: set[int]) -> Iteration:
    """The first iteration after the very first that updates most of what is updated again and again."""

    def chains(i: Iteration) -> int:
        inside = (u.chain for u in _between(updates, i.start, i.stop) if u.after >= i.start)
        return len(repeated.intersection(inside))

    return max(members[1:] or members, key=chains)


def _between(updates: list[Update], start: int, stop: int) -> list[Update]:
    """The updates made from `start` to `stop`; they stand in the order of their positions."""
    first = bisect_left(updates, start, key=attrgetter("position"))
    return updates[first : bisect_right(updates, stop, first, key=attrgetter("position"))]


def _repeated(updates: list[Update], members: list[Iteration]) -> set[int]:
    """Chains that are updated in two or more of these iterations."""
    seen: dict[int, set[int]] = defaultdict(set)
    starts = [i.start for i in members]
    for u in _between(updates, members[0].start, members[-1].stop):
        # The iterations of one activation follow each other: few reach as far as this update.
        k = bisect_right(starts, u.position) - 1
        while k >= 0 and members[k].stop >= u.position:
            if u.after >= members[k].start:
                seen[u.chain].add(members[k].number)
            k -= 1
    return {chain for chain, numbers in seen.items() if len(numbers) > 1}


def _step(tape: Tape, updates: list[Update], i: Iteration, loop: int | None, *, only: set[int] | None = None) -> Step:
    """Sort the chains updated in one iteration into parameters and optimiser state."""
    by_chain: dict[int, list[Update]] = defaultdict(list)
    inside = _between(updates, i.start, i.stop)
    for u in inside:
        if u.after >= i.start and (only is None or u.chain in only):
            by_chain[u.chain].append(u)
    # One change seen through several names is told by the statement that makes it, the first to hold it.
    made = {id(u): k for k, u in enumerate(inside)}
    order = sorted(by_chain.items(), key=lambda item: made[id(item[1][-1])], reverse=True)
    spans = {(us[0].before, us[-1].after): name for name, us in order}
    chains = [
        Chain(name, start, end, tuple(by_chain[name]))
        for (start, end), name in sorted(spans.items(), key=lambda item: by_chain[item[1]][0].position)
    ]
    # A chain born inside the iteration does not persist over steps.
    if loop is not None:
        chains = [c for c in chains if c.start < i.start or tape.nodes[c.start].prim in ("leaf", "view")]
    lo = min((c.start for c in chains), default=i.start)
    chains = [c for c in chains if not (prepared(tape, c, i.stop) or scheduled(tape, c))]
    trained, state = sorted_out(tape, chains, lo, i.stop)
    hi = _next_update(updates, trained, i.stop, len(tape))
    lo = min((c.start for c in trained), default=i.start)
    return Step(loop, i.number, i.start, i.stop, lo, hi, tuple(trained), tuple(state))


def _own(tape: Tape, updates: list[Update]) -> list[Update]:
    """Without those of a number that several chains begin with: ``[0.0] * n`` is read under any of its places."""
    begun: dict[int, set[int]] = defaultdict(set)
    for u in updates:
        begun[u.before].add(u.chain)
    numbers = {n for n in begun if not tape.nodes[n].inputs and not isinstance(tape.values[n], np.ndarray)}
    common = {n for n in numbers if len(begun[n]) > 1}
    return [u for u in updates if u.before not in common]


def _next_update(updates: list[Update], chains: list[Chain], stop: int, end: int) -> int:
    """Position of the first update of these chains after `stop`: until there the end versions hold."""
    names = {c.name for c in chains}
    if not names:
        return end
    first = bisect_right(updates, stop, key=attrgetter("position"))
    return next((u.position for u in islice(updates, first, None) if u.chain in names), end)


def step_masks(tape: Tape, step: Step) -> dict[int, int]:
    """Dependence of every node of a step on its parameters, on state and on updated versions."""
    marks: dict[int, int] = {}
    for k, c in enumerate(step.parameters):
        marks[c.start] = marks.get(c.start, 0) | bit(k)
    for c in step.state:
        marks[c.start] = marks.get(c.start, 0) | STATE
    for c in step.parameters:
        for u in c.updates:
            marks[u.after] = marks.get(u.after, 0) | POST
    return dependence(tape, marks, step.lo, step.hi, step.fixed)
