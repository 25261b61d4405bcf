"""Gradients computed from a parameter that this very step has already updated."""

from __future__ import annotations

from typing import Any

import numpy as np

from bpdoctor.identify.dependence import POST
from bpdoctor.measure.layers import above, backward_nodes, heads
from bpdoctor.measure.view import View
from bpdoctor.model.examination import Examination, Measurement
from bpdoctor.model.record import record
from bpdoctor.model.tape import CONST


@record
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
    if examination.assessment is not None and examination.assessment.settled:
        # All gradients are right in spite of the reading, so it is none of a gradient's.
        return []
    for view in examination.views:
        forward = above(view.tape, heads(examination, view))
        # A version that the loss was computed from is a value of the forward pass, not an update.
        made = {n: m for n, m in _new_versions(view).items() if n not in forward}
        readers = _readers(view, made)
        if not readers & backward_nodes(view):
            continue
        for k, family in enumerate(view.families):
            for claim in family.claims:
                for n, update, parameter in (r for r, known in _reads(view, claim, readers, made) if known):
                    home = _family_of(view, parameter)
                    found.setdefault((view.tape.nodes[n].site, update), (n, home, set()))[2].add(k)
    return [
        StaleRead(site, update, home, tuple(sorted(families)))
        for (site, update), (_, home, families) in sorted(found.items(), key=lambda item: item[1][0])
    ]


def _new_versions(view: View) -> dict[int, tuple[int, int]]:
    """(parameter, site of the update) of each version that a step made and that differs from the old one."""
    values = view.tape.values
    return {
        u.after: (k, u.site)
        for k, c in enumerate(view.step.parameters)
        for u in c.updates
        if view.tape.nodes[u.after].prim != "array"  # built anew from other values
        and not np.array_equal(np.asarray(values[u.after]), np.asarray(values[c.start]))
    }


def _readers(view: View, made: dict[int, tuple[int, int]]) -> set[int]:
    return {n for n in view.masks if n not in made and any(s in made for s in view.tape.nodes[n].inputs)}


def _family_of(view: View, parameter: int) -> int | None:
    return next((k for k, f in enumerate(view.families) if any(c.parameter == parameter for c in f.claims)), None)


def later_passes(view: View) -> frozenset[int]:
    """Families whose gradients were made, in part, by a pass of its own through versions that this step made.

    Pairs of words that are learned one by one, each updating rows of a table: no one loss of the step has that sum
    for its gradient.
    """
    if not any(c.node is None or view.masks.get(c.node, 0) & POST for f in view.families for c in f.claims):
        return frozenset()
    made = _new_versions(view)
    readers = _readers(view, made)
    return frozenset(
        k
        for k, family in enumerate(view.families)
        for claim in family.claims
        if any(not known for _, known in _reads(view, claim, readers, made))
    )


def _reads(
    view: View, claim: Any, readers: set[int], made: dict[int, tuple[int, int]]
) -> list[tuple[tuple[int, int, int], bool]]:
    """(reading node, site of the update, parameter) on the way to one claimed gradient, and whether it is stale.

    Notes
    -----
    What knows only the new version belongs to another pass, after the update: that of a player that takes
    its turn, or of the next sample. A stale read is one where the old version has gone into what the new one
    meets, otherwise than through the update.
    """
    roots = [claim.node] if claim.node is not None else [
        t.node for u in view.step.parameters[claim.parameter].updates for t in u.terms
    ]  # fmt: skip
    nodes = _above(view, [r for r in roots if r in view.masks], made)
    out = []
    for n in sorted(nodes & readers):
        for source in view.tape.nodes[n].inputs:
            parameter, update = made.get(source, (claim.parameter, 0))
            if parameter != claim.parameter:
                product = _product(view, n, nodes)
                known = view.step.parameters[parameter].start in _above(view, [product], made)
                out.append(((product, update, parameter), known))
    return out


def _above(view: View, roots: list[int], made: dict[int, tuple[int, int]]) -> set[int]:
    """Nodes of the step that the roots were computed from, not looking into updates, of this step or the one before."""
    out = set(roots)
    pending = list(roots)
    while pending:
        for source in view.tape.nodes[pending.pop()].inputs:
            if source != CONST and source in view.masks and source not in made and source not in out:
                out.add(source)
                if source not in view.starts:
                    pending.append(source)
    return out


def _product(view: View, n: int, nodes: set[int]) -> int:
    """The expression that uses a transposed or indexed reading."""
    while view.tape.nodes[n].prim in ("transpose", "getitem", "view", "swapaxes"):
        using = [m for m in sorted(nodes) if n in view.tape.nodes[m].inputs]
        if not using:
            return n
        n = using[0]
    return n


MEASURE = Measurement("stale", stale_reads)
