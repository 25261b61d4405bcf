"""Gradients of single samples that are stored one over the other: of a loop over samples only the last one counts."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence

import numpy as np

from bpdoctor.identify.claims import Claim
from bpdoctor.identify.dependence import ancestors, readers_of
from bpdoctor.identify.factors import peel
from bpdoctor.identify.updates import Iteration, find_iterations
from bpdoctor.measure.view import View
from bpdoctor.model.examination import Examination, Measurement
from bpdoctor.model.record import record
from bpdoctor.model.tape import CONST, Store, Tape, Use

_MOST_FAMILIES = 32


@record
class Overwritten:
    """Each round of `loop` stores a gradient at each of `sites`; of `times` rounds the updates take the last one's.

    `families` are the positions of the gradients among the families of the early steps.
    """

    sites: tuple[int, ...]
    families: tuple[int, ...]
    loop: int
    times: int


def overwritten(examination: Examination) -> Overwritten | None:
    """What every early step loses in one and the same loop; None where some step loses nothing."""
    views = [v for v in examination.views if v.tape is examination.tape]
    if not views:
        return None
    # A loop that may be left early looks for a sample: those before the one that is found are passed over on purpose.
    every = find_iterations(examination.tape)
    left = {loop for loop in {i.loop for i in every} if _searches(examination.sites[loop].node)}
    iterations = [i for i in every if i.loop not in left]
    found = [_lost(v, iterations) for v in views]
    common = [k for k in found[0] if all(f.get(k, (0, 0, 0))[:2] == found[0][k][:2] for f in found)]
    if not common:
        return None
    _, loop, times = found[0][common[0]]
    kept = [k for k in common if found[0][k][1] == loop]
    return Overwritten(tuple(dict.fromkeys(found[0][k][0] for k in kept)), tuple(kept), loop, times)


def _searches(loop: ast.AST) -> bool:
    return any(isinstance(n, ast.Break) for n in ast.walk(loop))


def _lost(view: View, iterations: Sequence[Iteration]) -> dict[int, tuple[int, int, int]]:
    """By family: the site that stores its gradient, loop and rounds, where what earlier rounds stored moves nothing.

    Some of it must be read by nothing at all: a bias's gradient is the error that other gradients are made of.
    """
    tape, step = view.tape, view.step
    within = [i for i in iterations if step.start <= i.start and i.stop <= step.stop]
    stores = [e for e in tape.events if isinstance(e, Store) and step.start <= e.position <= step.stop and within]
    used = ancestors(tape, [c.end for c in step.parameters], view.masks) if stores else set()
    lost: list[int] = []
    found: dict[int, tuple[int, int, int]] = {}
    for k, family in enumerate(view.families[:_MOST_FAMILIES] if stores else ()):
        store = _stored(view, family.claims[0], stores, used)
        if store is None:
            continue
        same = [e for e in stores if e.site == store.site]
        for rounds in _rounds(within, store.position):
            earlier = _same_turn(same, store, rounds)
            if earlier and all(_is_lost(view, e.node, store.node, used) for e in earlier):
                lost.extend(e.node for e in earlier)
                found[k] = store.site, rounds[0].loop, len(rounds)
                break
    return found if found and _is_unread(tape, lost) else {}


def _stored(view: View, claim: Claim, stores: Sequence[Store], used: Container[int]) -> Store | None:
    """Where the gradient of an update was last given a name or a place."""
    if claim.node is None:
        return None
    held = (e for e in reversed(stores) if e.node in used and e.node in view.masks)
    return next((e for e in held if peel(view.tape, view.masks, e.node)[0] == claim.node), None)


def _rounds(within: Sequence[Iteration], position: int) -> Iterator[list[Iteration]]:
    """The rounds of each loop of which this is in the last one, innermost first."""
    activations: dict[int, list[Iteration]] = defaultdict(list)
    for i in within:
        activations[i.activation].append(i)
    for rounds in sorted(activations.values(), key=lambda rounds: -rounds[0].depth):
        last = rounds[-1]
        if len(rounds) > 1 and last.start <= position <= last.stop:
            yield rounds


def _same_turn(same: Sequence[Store], store: Store, rounds: Sequence[Iteration]) -> list[Store]:
    """What the earlier rounds stored with the same turn of the same statement; nothing where one did not."""
    turns = [[e for e in same if r.start < e.position <= r.stop] for r in rounds]
    if store not in turns[-1]:
        return []
    turn = turns[-1].index(store)
    if any(len(each) != len(turns[-1]) for each in turns):
        return []
    return [each[turn] for each in turns[:-1]]


def _is_lost(view: View, node: int, kept: int, used: Container[int]) -> bool:
    """Whether a value moves no parameter, and is the same of another forward pass over other data."""
    values = view.tape.values
    if node in used or node not in view.masks or np.shape(values[node]) != np.shape(values[kept]):
        return False
    own, last = (ancestors(view.tape, [n], view.masks) - view.starts for n in (node, kept))
    data, other = _given(view, own), _given(view, last)
    return own.isdisjoint(last) and bool(data - other) and bool(other - data)


def _given(view: View, above: Iterable[int]) -> set[int]:
    """What values are made of that no parameter moves."""
    return {s for n in above for s in view.tape.nodes[n].inputs if s != CONST and s not in view.masks}


def _is_unread(tape: Tape, lost: Sequence[int]) -> bool:
    """Whether some of these values are taken in by nothing, and looked at by nothing."""
    read = readers_of(tape).keys() | {e.node for e in tape.events if isinstance(e, Use)}
    return not read.issuperset(lost)


MEASURE = Measurement("overwritten", overwritten)
