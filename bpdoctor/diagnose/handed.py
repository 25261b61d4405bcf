"""Where a finished value is passed on: under another name, or out of the function that made it."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any

from bpdoctor.model.tape import Handed, Store

_ALIAS = (ast.Name, ast.Attribute, ast.Subscript)


def handed_on(view: Any, node: int, sites: Any) -> int | None:
    """Where a finished value is passed on as another: ``dz = da``, or the return of a function that does nothing.

    Notes
    -----
    A function in which nothing is computed is a step that was left empty. In a function that computes, a
    plain ``b = a`` counts where `a` was made there.
    """
    origin = sites[view.tape.nodes[node].site]
    busy = {sites[view.tape.nodes[n].site].scope for n in range(view.step.start, view.step.stop)}
    found = list(_aliases(view, node, sites))
    for site in found:
        if sites[site].scope not in busy:
            return site
    for site in found:
        same = sites[site].scope == origin.scope and sites[site].line != origin.line
        if same and isinstance(sites[site].node, ast.Name) and isinstance(sites[site].statement, ast.Assign):
            return site
    return None


def returned(view: Any, node: int, sites: Any) -> int | None:
    """The statement that takes a finished value from the function that made it, where only its caller goes on."""
    nodes = view.tape.nodes
    readers = [n for n in range(node + 1, view.step.stop) if node in nodes[n].inputs]
    scopes = {sites[nodes[n].site].scope for n in readers}
    if len(scopes) != 1 or sites[nodes[node].site].scope in scopes:
        return None
    stored = [e.site for e in view.tape.events if isinstance(e, Store) and e.node == node]
    taken = [s for s in stored if sites[s].scope in scopes and isinstance(sites[s].statement, ast.Assign)]
    return int(taken[0]) if taken else None


def _aliases(view: Any, node: int, sites: Any) -> Iterable[int]:
    for event in view.tape.events:
        if isinstance(event, Store | Handed) and event.node == node and event.position <= view.step.stop:
            value = (
                sites[event.site].node
                if isinstance(event, Handed)
                else getattr(sites[event.site].statement, "value", None)
            )
            if isinstance(value, _ALIAS):
                yield event.site
