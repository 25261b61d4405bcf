"""Data that every step changes in place before the network reads it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import numpy as np

from bpdoctor.identify.prepared import prepared
from bpdoctor.identify.roles import Chain
from bpdoctor.identify.updates import Update, find_updates
from bpdoctor.measure.view import View
from bpdoctor.model.examination import Examination, Measurement
from bpdoctor.model.record import record
from bpdoctor.model.tape import CONST, Store, Tape, Write

_DRAWS = frozenset(
    {"random", "randn", "rand", "normal", "uniform", "standard_normal", "random_sample", "gauss", "laplace"}
)
# Batches of one set of data do not differ in size by so much.
_GROWN = 3.0


@record
class Prepared:
    """The lasting array `name` is changed in place at `site`; `sizes` are its mean sizes before each of two steps."""

    site: int
    name: str
    sizes: tuple[float, float]


def prepared_again(examination: Examination) -> list[Prepared]:
    """Arrays that are changed in two recorded steps or more, and are not the same afterwards."""
    if len(examination.views) < 2:
        return []
    tape = examination.tape
    writes = {e.after for e in tape.events if isinstance(e, Write)}
    by_chain: dict[int, list[Update]] = {}
    for update in find_updates(tape):
        if update.after in writes:
            by_chain.setdefault(update.chain, []).append(update)
    found = [_prepared(examination, updates) for updates in by_chain.values()]
    return [f for f in (*found, *_through_parts(examination)) if f is not None]


def _through_parts(examination: Examination) -> Iterator[Prepared]:
    """Data of which every step rescales a part in place: ``x = X[i : i + 10]`` shares the memory of ``X``.

    An early step sees each part for the first time; what it has come to is seen in the last step that was recorded.
    """
    early = {site: (name, size) for site, name, size in _rescaled(examination.views[0])}
    last = {site: size for view in examination.late[-1:] for site, _, size in _rescaled(view)}
    for site, (name, size) in early.items():
        if site in last and not size / _GROWN < last[site] < size * _GROWN:
            yield Prepared(site, name, (size, last[site]))


def _rescaled(view: View) -> Iterator[tuple[int, str, float]]:
    """Where a step multiplies a part of a lasting array in place, which the network then reads; its mean size."""
    tape, step = view.tape, view.step
    events = [e for e in tape.events if isinstance(e, Write) and step.start <= e.position <= step.stop]
    beneath = {e.site for e in events if tape.nodes[e.after].prim == "overlay" and e.before < max(step.start, 1)}
    for event in events:
        scaled = event.site in beneath and tape.nodes[event.after].prim in ("multiply", "divide")
        if scaled and event.after not in view.masks and _is_read(view, event.after):
            bound = (e for e in tape.events if isinstance(e, Store) and e.node == event.before)
            names = [e.name for e in bound if e.position <= event.position]
            size = float(np.mean(np.abs(np.asarray(tape.values[event.after]))))
            yield event.site, names[-1] if names else "the input", size


def _is_read(view: View, node: int) -> bool:
    return any(node in view.tape.nodes[n].inputs for n in view.forward)


def _prepared(examination: Examination, updates: list[Update]) -> Prepared | None:
    tape, views, chains = examination.tape, examination.views, []
    for view in views:
        inside = tuple(u for u in updates if view.step.start <= u.position <= view.step.stop)
        if inside and inside[0].before < view.step.start:
            chain = Chain(inside[0].chain, inside[0].before, inside[-1].after, inside)
            if prepared(tape, chain, view.step.stop) or _shaken(examination, chain, view):
                chains.append(chain)
    if len(chains) < 2:
        return None
    first, second = chains[0], chains[1]
    # A change that comes to the same the second time (centred once, centred for ever) harms nothing.
    read, again = np.asarray(tape.values[first.end]), np.asarray(tape.values[second.end])
    if read.shape != again.shape or np.allclose(read, again, rtol=1e-6, atol=1e-12):
        return None
    guilty = next((u for u in second.updates if not _same(tape, u)), second.updates[0])
    names = [e.name for e in tape.events if isinstance(e, Store) and e.node == updates[0].before]
    name = names[0] if names else "the input"
    sizes = (float(np.mean(np.abs(read))), float(np.mean(np.abs(again))))
    return Prepared(guilty.site, name, sizes)


def _shaken(examination: Examination, chain: Chain, view: View) -> bool:
    """Whether all that is added to an array of samples are numbers drawn at random, and the network reads the sum."""
    tape = examination.tape
    pending = [t.node for u in chain.updates for t in u.terms]
    if np.ndim(tape.values[chain.start]) < 2 or not pending:
        return False
    while pending:
        n = pending.pop()
        node = tape.nodes[n]
        large = [s for s in node.inputs if s != CONST and np.size(tape.values[s]) > 1]
        if any(np.size(c) > 1 for c in node.consts) or not (large or (n >= view.step.start and drawn(examination, n))):
            return False
        pending.extend(large)
    reading = (tape.nodes[m] for m in range(chain.end + 1, view.step.stop))
    return any(node.prim in ("matmul", "dot") and chain.end in node.inputs for node in reading)


def drawn(examination: Examination, n: int) -> bool:
    """Whether a value is what a generator of random numbers was called for."""
    call = examination.sites[examination.tape.nodes[n].site].node
    named = isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute | ast.Name)
    return named and (call.func.attr if isinstance(call.func, ast.Attribute) else call.func.id) in _DRAWS


def _same(tape: Tape, update: Update) -> bool:
    before, after = np.asarray(tape.values[update.before]), np.asarray(tape.values[update.after])
    return before.shape == after.shape and bool(np.allclose(before, after, rtol=1e-6, atol=1e-12))


MEASURE = Measurement("prepared", prepared_again)
