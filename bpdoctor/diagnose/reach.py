"""What a value is computed from, and what is computed from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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


def repeated(nodes: Any, known: Iterable[int], among: Iterable[int]) -> set[int]:
    """Nodes of `among` that compute from the same what one of `known` computes, by the same expression."""
    made = {_made(nodes[n], {}): n for n in sorted(known, reverse=True) if nodes[n].inputs}
    same: dict[int, int] = {}
    for n in sorted(among):
        first = made.get(_made(nodes[n], same)) if nodes[n].inputs else None
        if first is not None and first != n:
            same[n] = first
    return set(same)


def _made(node: Any, same: Mapping[int, int]) -> tuple[Any, ...]:
    return node.prim, node.site, tuple(same.get(s, s) for s in node.inputs)
