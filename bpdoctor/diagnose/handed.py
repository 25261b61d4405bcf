"""Where a finished value is passed on: under another name, or out of the function that made it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import lru_cache
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
        here = sites[site]
        if here.scope == origin.scope and here.line != origin.line and _goes_on(here):
            return site
        if here.scope != origin.scope and isinstance(here.statement, ast.Return) and isinstance(here.node, ast.Name):
            return site  # what a function was given, given back
    return None


def aliased(view: Any, node: int, sites: Any) -> Iterator[int]:
    """Where a value gets another name beside the one that it has: ``d = e``, in the code that made it."""
    origin = sites[view.tape.nodes[node].site]
    for site in _aliases(view, node, sites):
        here = sites[site]
        if here.scope == origin.scope and here.line != origin.line and isinstance(here.statement, ast.Assign):
            yield site


def _takes_a_call(statement: Any) -> bool:
    return isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call)


def _goes_on(site: Any) -> bool:
    """Whether an assignment is all that is done with a value under its old name, or gives it another plain one."""
    statement = site.statement
    if not isinstance(statement, ast.Assign):
        return False
    if isinstance(site.node, ast.Name):
        return True
    value = statement.value
    return isinstance(value, ast.Name) and _read(site.source.text).count(value.id) == 1


@lru_cache(maxsize=16)
def _read(text: str) -> tuple[str, ...]:
    """The names that a file reads, each as often as it does."""
    names = (n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load))
    return tuple(n.id for n in names)


def returned(view: Any, node: int, sites: Any) -> int | None:
    """The statement that takes a finished value from the function that made it, where only its caller goes on."""
    nodes = view.tape.nodes
    home = sites[nodes[node].site].scope
    readers = [n for n in range(node + 1, view.step.stop) if node in nodes[n].inputs]
    if home in {sites[nodes[n].site].scope for n in readers}:
        return None
    stores = [e for e in view.tape.events if isinstance(e, Store) and view.step.start <= e.position <= view.step.stop]
    taken = [e.site for e in stores if e.node == node and sites[e.site].scope != home]
    # A line that takes what every layer gives back is no layer's.
    called = (s for s in taken if sum(e.site == s for e in stores) == 1 and _takes_a_call(sites[s].statement))
    return next(called, None)


def given_back(view: Any, node: int, sites: Any) -> int | None:
    """Where a function gives a finished value back, as it is, beside others."""
    home = sites[view.tape.nodes[node].site].scope
    for site in _aliases(view, node, sites):
        if isinstance(sites[site].statement, ast.Return) and sites[site].scope == home:
            return site
    return None


def _aliases(view: Any, node: int, sites: Any) -> Iterable[int]:
    for event in view.tape.events:
        if isinstance(event, Store | Handed) and event.node == node and event.position <= view.step.stop:
            value = (
                sites[event.site].node
                if isinstance(event, Handed)
                else getattr(sites[event.site].statement, "value", None)
            )
            branches = [value.body, value.orelse] if isinstance(value, ast.IfExp) else [value]
            if all(isinstance(branch, _ALIAS) for branch in branches):
                yield event.site
