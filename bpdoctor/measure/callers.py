"""Where a function of the user's is called that gave a value: its formula serves many calls, one is at fault."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from bpdoctor.measure.view import View
from bpdoctor.model.tape import Store


def call_of(view: View, node: int, sites: Any) -> int | None:
    """Site of the call that returned the value `node`, as what takes it shows it; None where it was made there.

    Notes
    -----
    A value that is returned is stored or read outside the function that computed it. The call is the one of
    that function in the statement which does so.
    """
    home = sites[view.tape.nodes[node].site]
    name = home.scope.rpartition(".")[2].partition(":")[0]
    for taker in _takers(view, node):
        statement = sites[taker].statement
        if sites[taker].scope == home.scope or statement is None:
            continue
        calls = [n for n in ast.walk(statement) if isinstance(n, ast.Call) and _called(n) == name]
        return _site_of(calls[0], sites[taker], sites) if len(calls) == 1 else None
    return None


def _takers(view: View, node: int) -> Iterator[int]:
    """Places that keep or read a value, in the order of the recording."""
    kept = [(e.position, e.site) for e in view.tape.events if isinstance(e, Store) and e.node == node]
    nodes = view.tape.nodes
    read = [(n, nodes[n].site) for n in range(node + 1, view.step.stop) if node in nodes[n].inputs]
    yield from (site for _, site in sorted([*kept, *read]))


def _called(call: ast.Call) -> str:
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def _site_of(call: ast.Call, near: Any, sites: Any) -> int | None:
    at = (call.lineno, call.col_offset, call.end_col_offset)
    known = ((i, sites[i].node) for i in range(len(sites)) if sites[i].source is near.source)
    calls = ((i, n) for i, n in known if isinstance(n, ast.Call))
    return next((i for i, n in calls if (n.lineno, n.col_offset, n.end_col_offset) == at), None)
