"""Arrays that are moved entry by entry, each by a statement of its own: every one has its own gradient."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

from bpdoctor.identify.factors import peel
from bpdoctor.model.tape import CONST

Pair = tuple[tuple[int, int], tuple[int, int]]


def claimed(view: Any, claim: Any, reached: Container[int]) -> tuple[Pair, ...]:
    """What a parameter, or each of its entries, is moved by, with what that is the gradient of; empty if not known.

    `reached` are the values on which the loss depends.
    """
    chain = view.step.parameters[claim.parameter]
    if claim.node is None:
        return _entries(view, chain, reached)
    return ((view.keys[claim.node], view.keys[chain.start]),) if claim.node in view.keys else ()


def _entries(view: Any, chain: Any, reached: Container[int]) -> tuple[Pair, ...]:
    """The gradient of each entry, with the one read of that entry in the forward pass."""
    tape = view.tape
    reads: dict[Any, list[int]] = {}
    for n in view.forward:
        if tape.nodes[n].prim == "getitem" and tape.nodes[n].inputs[0] == chain.start and n in reached:
            reads.setdefault(str(tape.nodes[n].static["key"]), []).append(n)
    out: list[Pair] = []
    for update in chain.updates:
        written = tape.nodes[update.after]
        if written.prim != "setitem" or len(update.terms) != 1 or written.inputs[0] == CONST:
            return ()
        read = reads.get(str(written.static["key"]), [])
        made, _, _ = peel(tape, view.masks, update.terms[0].node)
        if len(read) != 1 or read[0] not in view.keys or made not in view.keys:
            return ()
        out.append((view.keys[made], view.keys[read[0]]))
    return tuple(out) if len(out) > 1 else ()
