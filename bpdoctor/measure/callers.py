"""Which call a value comes from: the formula of a function serves many calls, and one of them is at fault."""

from __future__ import annotations

from typing import Any

from bpdoctor.measure.view import View


def call_of(view: View, given: int, made: int, sites: Any) -> int | None:
    """Site of the call that made one value of another; None where both were computed in one place."""
    entered = view.tape.call(made, sites[view.tape.nodes[made].site].scope)
    return None if entered is None or entered.position <= given else entered.site
