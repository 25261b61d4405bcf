"""Where one term is kept in place of a sum, and what a value is but for constant factors."""

from __future__ import annotations

import ast
from typing import Any

import numpy as np

from bpdoctor.model.tape import CONST, Store

SCALING = frozenset({"multiply", "divide", "negative", "copy", "positive"})


def kept_at(view: Any, node: int, sites: Any) -> int:
    """Where one term is kept in place of the sum: the last time it is stored before it is made use of."""
    samples = _often(view, node)
    node = unscaled(view, node) if samples == 1 else node
    for n in range(node + 1, view.step.stop):
        entry = view.tape.nodes[n]
        if node in entry.inputs and entry.prim in SCALING and _often(view, n, node) >= max(samples, 2):
            node = n
    stored = [e.site for e in view.tape.events if isinstance(e, Store) and e.node == node and _assigned(sites[e.site])]
    return int(stored[-1] if stored else view.tape.nodes[node].site)


def overwriting(view: Any, sites: Any) -> int | None:
    """The one statement that puts a value in the place of another of this step, which nothing has read: not added."""
    held: dict[Any, int] = {}
    read = {s: n for n in range(view.step.start, view.step.stop) for s in view.tape.nodes[n].inputs}
    found = set()
    for event in view.tape.events:
        if not isinstance(event, Store) or not within(view, event) or event.slot[0] == "name":
            continue
        before = held.get(event.slot, CONST)
        lost = before >= view.step.start and np.any(view.tape.values[before]) and read.get(before, -1) < 0
        if lost and event.node != before and isinstance(sites[event.site].statement, ast.Assign):
            found.add(event.site)
        held[event.slot] = event.node
    return int(found.pop()) if len(found) == 1 else None


def _often(view: Any, node: int, of: int | None = None) -> int:
    """How often an expression is executed in the step itself, not before or after it; `of` a value of one place."""
    nodes = view.tape.nodes
    runs = [view.by_key[k] for k in view.by_site.get(nodes[node].site, ())]
    runs = [n for n in runs if view.step.start <= n < view.step.stop]
    if of is not None:
        runs = [n for n in runs if any(s != CONST and nodes[s].site == nodes[of].site for s in nodes[n].inputs)]
    return len(runs)


def _assigned(site: Any) -> bool:
    """Whether a statement of assignment takes a value as it is, not out of the hands of a function."""
    statement = site.statement
    kept = isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign)
    return kept and not isinstance(statement.value, ast.Call)


def unscaled(view: Any, node: int) -> int:
    """The value before constant factors: a rate taken in early, an averaging."""
    while view.tape.nodes[node].prim in SCALING | {"transpose"}:
        inner = [s for s in view.tape.nodes[node].inputs if s in view.masks]
        if len(inner) != 1 or inner[0] not in view.keys:
            break
        node = inner[0]
    return node


def within(view: Any, event: Any) -> bool:
    """Whether an event is one of the step itself."""
    return bool(view.step.start <= event.position <= view.step.stop)
