"""Data that every step changes in place before the network reads it."""

from __future__ import annotations

import numpy as np

from bpdoctor.identify.roles import Chain
from bpdoctor.identify.step import prepared
from bpdoctor.identify.updates import Update, find_updates
from bpdoctor.measure.view import View
from bpdoctor.model.examination import Examination, Measurement
from bpdoctor.model.record import record
from bpdoctor.model.tape import Store, Tape, Write


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
    found = (_prepared(tape, examination.views, updates) for updates in by_chain.values())
    return [f for f in found if f is not None]


def _prepared(tape: Tape, views: list[View], updates: list[Update]) -> Prepared | None:
    chains = []
    for view in views:
        inside = tuple(u for u in updates if view.step.start <= u.position <= view.step.stop)
        if inside and inside[0].before < view.step.start:
            chain = Chain(inside[0].chain, inside[0].before, inside[-1].after, inside)
            if prepared(tape, chain, view.step.stop):
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


def _same(tape: Tape, update: Update) -> bool:
    before, after = np.asarray(tape.values[update.before]), np.asarray(tape.values[update.after])
    return before.shape == after.shape and bool(np.allclose(before, after, rtol=1e-6, atol=1e-12))


MEASURE = Measurement("prepared", prepared_again)
