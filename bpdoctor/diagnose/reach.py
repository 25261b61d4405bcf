"""What a value is computed from, and what is computed from it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bpdoctor.model.tape import CONST


def descendants(tape: Any, sources: Iterable[int], within: set[int]) -> set[int]:
    """Nodes of `within` that are computed from a source, sources included."""
    out = set(sources)
    for n in sorted(within):
        if any(s in out for s in tape.nodes[n].inputs if s != CONST):
            out.add(n)
    return out


def ancestors(view: Any, node: int) -> set[int]:
    """What a forward value is computed from, down to the parameters."""
    out: set[int] = set()
    pending = list(view.tape.nodes[node].inputs)
    while pending:
        n = pending.pop()
        if n != CONST and n in view.forward and n not in out:
            out.add(n)
            if n not in {c.start for c in view.step.parameters}:
                pending.extend(view.tape.nodes[n].inputs)
    return out
