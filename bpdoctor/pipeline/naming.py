"""What the user calls a parameter."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from bpdoctor.identify.families import Family
from bpdoctor.measure.view import View
from bpdoctor.model.tape import Store, Tape
from bpdoctor.observe.sites import Sites


def family_names(view: View, sites: Sites) -> list[str]:
    """A distinct name for every family: what the update statement writes, or where the array was stored."""
    return names_of([view], sites)[0]


def names_of(views: Sequence[View], sites: Sites) -> list[list[str]]:
    """Distinct names for the families of players that are trained in turn."""
    texts = [target_text(sites, f.site) for view in views for f in view.families]
    often = Counter(texts)
    stored = [_stored(view.tape) for view in views]
    chosen = [
        _own_name(view, family, often, held, sites)
        for view, held in zip(views, stored, strict=True)
        for family in view.families
    ]
    out = [name or f"parameter {k + 1}" for k, name in enumerate(chosen)]
    counts = Counter(out)
    seen: Counter[str] = Counter()
    for i, name in enumerate(out):
        if counts[name] > 1:
            out[i] = f"{name} #{seen[name] + 1}"
            seen[name] += 1
    left = iter(out)
    return [[next(left) for _ in view.families] for view in views]


def _own_name(view: View, family: Family, often: Mapping[str, int], stored: Mapping[int, Store], sites: Sites) -> str:
    text = target_text(sites, family.site)
    if often[text] == 1 or not family.claims:
        return text
    start = view.step.parameters[family.claims[0].parameter].start
    event = stored.get(id(view.tape.values[start]))
    return (event and _slot_text(sites, event)) or stored_by_node(view.tape, sites, start) or text


def target_text(sites: Sites, site: int) -> str:
    """Text of what a statement assigns to."""
    node = sites[site].node
    target = node.target if isinstance(node, ast.AugAssign) else node
    return " ".join(sites[site].source.segment(target).split())


def _stored(tape: Tape) -> dict[int, Store]:
    """The first slot that held each object."""
    out: dict[int, Store] = {}
    for event in tape.events:
        if isinstance(event, Store):
            out.setdefault(id(tape.values[event.node]), event)
    return out


def stored_by_node(tape: Tape, sites: Sites, node: int) -> str:
    """First slot that held this very version, or an earlier one of its chain."""
    chain = {node}
    at: Any = node
    while tape.nodes[at].inputs and tape.nodes[at].prim in ("subtract", "add", "setitem", "copy"):
        at = tape.nodes[at].inputs[0]
        if at < 0:
            break
        chain.add(at)
    for event in tape.events:
        if isinstance(event, Store) and event.node in chain:
            return _slot_text(sites, event)
    return ""


def _slot_text(sites: Sites, event: Store) -> str:
    base = str(event.slot[2]) if event.slot[0] in ("name", "attribute") else ""
    path = event.name[len(base) :] if base and event.name.startswith(base) else ""
    return target_text(sites, event.site) + path
