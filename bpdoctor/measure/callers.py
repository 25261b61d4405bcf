"""Which call a value comes from: the formula of a function serves many calls, and one of them is at fault."""

from __future__ import annotations

from typing import Any

from bpdoctor.measure.view import View


def call_of(view: View, given: int, made: int, sites: Any) -> int | None:
    """Site of the call that made one value of another; None where both were computed in one place."""
    nodes = view.tape.nodes
    scope = sites[nodes[made].site].scope
    entered = view.tape.call(made, scope)
    inside = sites[nodes[given].site].scope == scope and view.tape.call(given, scope) is entered
    return None if entered is None or inside else entered.site
