"""Claims that are no gradient of their parameter at first sight: of another shape, or clipped."""

from __future__ import annotations

from typing import Any

import numpy as np

from bpdoctor.model.tape import CONST

Key = tuple[int, int]


def unclipped(view: Any, claim: Key) -> Key:
    """What a claim is without the number that all claims are multiplied by: they are clipped together."""
    nodes, values = view.tape.nodes, view.tape.values
    claims = [nodes[c.node] for f in view.families for c in f.claims if c.node is not None]
    own = nodes[view.by_key[claim]]
    if any(c.prim not in ("multiply", "divide") or c.site != own.site for c in claims) or len(claims) < 2:
        return claim
    for k, factor in ((0, 1), (1, 0)):
        numbers = [np.ravel(values[c.inputs[factor]]) for c in claims if c.inputs[factor] != CONST]
        single = len(numbers) == len(claims) and all(x.size == 1 for x in numbers)
        if single and len({float(x[0]) for x in numbers}) == 1:
            return view.keys.get(own.inputs[k], claim)  # type: ignore[no-any-return]
    return claim


def bare(view: Any, claim: Key) -> Key:
    """A claim without what is common to all and without constant factors: a rate taken in early."""
    nodes = view.tape.nodes
    node = view.by_key[unclipped(view, claim)]
    while nodes[node].prim in ("multiply", "divide"):
        inner = [s for s in nodes[node].inputs if s in view.masks]
        if (
            len(inner) != 1
            or inner[0] not in view.keys
            or np.shape(view.tape.values[inner[0]]) != np.shape(view.tape.values[node])
        ):
            break
        node = inner[0]
    return view.keys[node]  # type: ignore[no-any-return]


def misshapen(view: Any, claim: Any) -> bool:
    """Whether a claim has another shape than its parameter; clipped ones may be one number for all its entries."""
    start = view.tape.values[view.step.parameters[claim.parameter].start]
    single = claim.node in view.keys and np.size(view.tape.values[claim.node]) == 1 < np.size(start)
    clipped = single and unclipped(view, view.keys[claim.node]) != view.keys[claim.node]
    return bool(clipped or np.shape(claim.value) != np.shape(start))
