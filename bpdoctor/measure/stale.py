"""Gradients computed from a parameter that this very step has already updated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bpdoctor.measure.view import View
from bpdoctor.model.examination import Examination, Measurement
from bpdoctor.model.tape import CONST


@dataclass(frozen=True, slots=True)
class StaleRead:
    """`site` reads the version that the update at `update` made, on the way to `families`' gradients.

    `family` is the family (an index) of the parameter that is read; None when it has no claim.
    """

    site: int
    update: int
    family: int | None
    families: tuple[int, ...]


def stale_reads(examination: Examination) -> list[StaleRead]:
    """Reads of updated versions in the early steps, in order of execution."""
    found: dict[tuple[int, int], tuple[int, int | None, set[int]]] = {}
    for view in examination.views:
        for k, family in enumerate(view.families):
            own = {c.parameter for c in family.claims}
            for n, update, parameter in _reads(view, view.backward(family), own):
                home = next((f for f, g in enumerate(view.families) if parameter in {c.parameter for c in g.claims}), None)
                key = view.tape.nodes[n].site, update
                found.setdefault(key, (n, home, set()))[2].add(k)
    return [
        StaleRead(site, update, home, tuple(sorted(families)))
        for (site, update), (_, home, families) in sorted(found.items(), key=lambda item: item[1][0])
    ]


def _reads(view: View, nodes: set[int], own: set[int]) -> list[tuple[int, int, int]]:
    """(reading node, site of the update, parameter) among the ancestors of one gradient.

    Notes
    -----
    A gradient that knows only the new version was computed by another pass after the update (players
    that take turns), which is no fault. So the old version must have gone into it as well.
    """
    tape = view.tape
    made = {
        u.after: (u, k) for k, c in enumerate(view.step.parameters) if k not in own
        for u in c.updates if not np.array_equal(np.asarray(tape.values[u.after]), np.asarray(tape.values[u.before]))
    }  # fmt: skip
    starts = {k: c.start for k, c in enumerate(view.step.parameters)}
    chains = set(made)
    out = []
    for n in sorted(nodes):
        for source in tape.nodes[n].inputs:
            if source != CONST and source in made and n not in chains:
                update, parameter = made[source]
                if starts[parameter] in _above_uncut(view, nodes, chains):
                    out.append((_product(view, n, nodes), update.site, parameter))
    return out


def _above_uncut(view: View, nodes: set[int], chains: set[int]) -> set[int]:
    """Operands of the gradient's own computation, not counting what made the new versions."""
    tops = [n for n in nodes if n not in chains]
    below = {s for n in tops for s in view.tape.nodes[n].inputs if s != CONST}
    keep: set[int] = set()
    pending = [max(nodes)] if nodes else []
    while pending:
        n = pending.pop()
        if n in keep or n in chains:
            continue
        keep.add(n)
        pending.extend(s for s in view.tape.nodes[n].inputs if s in nodes)
    return keep & (below | keep)


def _product(view: View, n: int, nodes: set[int]) -> int:
    """The expression that uses a transposed or indexed reading."""
    while view.tape.nodes[n].prim in ("transpose", "getitem", "view", "swapaxes"):
        using = [m for m in sorted(nodes) if n in view.tape.nodes[m].inputs]
        if not using:
            return n
        n = using[0]
    return n


MEASURE = Measurement("stale", stale_reads)
