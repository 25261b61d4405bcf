"""Players that take turns: gradients of another pass, at weights that the step has already updated."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import numpy as np

from bpdoctor.identify.dependence import POST
from bpdoctor.identify.families import Family
from bpdoctor.measure.view import View
from bpdoctor.model.tape import CONST


def in_turn(view: View, family: Family) -> bool:
    """Whether a gradient was computed with new versions of other parameters, and not with the old ones of these.

    Notes
    -----
    It belongs to another loss than the one at the old versions: that of the generator, once the critic has moved.
    Weights that are updated too early were read by the forward pass before.
    """
    place = family.site, family.ordinal
    if place not in view.in_turn:
        roots = [c.node for c in family.claims if c.node is not None]
        late = len(roots) == len(family.claims) and all(view.masks.get(n, 0) & POST for n in roots)
        view.in_turn[place] = late and _of_another_pass(view, family, roots)
    return view.in_turn[place]


def _of_another_pass(view: View, family: Family, roots: list[int]) -> bool:
    made = new_versions(view)
    nodes = made_from(view, roots, made)
    own = {c.parameter for c in family.claims}
    read = {made[s][0] for n in nodes for s in view.tape.nodes[n].inputs if s in made} - own
    return bool(read) and not any(view.step.parameters[k].start in nodes for k in read)


def new_versions(view: View) -> dict[int, tuple[int, int]]:
    """(parameter, site of the update) of each version that a step made and that differs from the old one."""
    values = view.tape.values
    return {
        u.after: (k, u.site)
        for k, c in enumerate(view.step.parameters)
        for u in c.updates
        if view.tape.nodes[u.after].prim != "array"  # built anew from other values
        and not np.array_equal(np.asarray(values[u.after]), np.asarray(values[c.start]))
    }


def made_from(view: View, roots: Iterable[int], made: Collection[int]) -> set[int]:
    """Nodes of the step that the roots were computed from, not looking into updates of this step or before it."""
    out = set(roots)
    pending = list(out)
    starts = view.starts
    while pending:
        n = pending.pop()
        for source in view.tape.nodes[n].inputs if n not in starts else ():
            if source != CONST and source in view.masks and source not in made and source not in out:
                out.add(source)
                pending.append(source)
    return out
