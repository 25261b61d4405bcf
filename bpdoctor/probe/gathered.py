"""Networks that compute gradients and leave the steps to somebody else: each gradient with the array it is of."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from bpdoctor.probe.attributes import arrays, spoken
from bpdoctor.probe.body import Body
from bpdoctor.probe.match import Entry
from bpdoctor.probe.module import Module, required, signature_of
from bpdoctor.probe.pairs import entries_of
from bpdoctor.probe.probe import Space
from bpdoctor.probe.roles import differentiated, role_of, squeezed
from bpdoctor.probe.search import Plan, plans, varied

_WHOLE = re.compile(
    r"_?((compute_)?(loss|cost|grad(ient)?s?)|loss_and_grad(ient)?s?|back_?prop(agat(e|ion))?|backward(_pass)?|bprop|"
    r"train_?step)",
    re.IGNORECASE,
)


def descent(space: Space, before: dict[str, Any], root: str, body: Body) -> str:
    """Statements that take a step along every gradient that a call returned, or left in the object; may be empty.

    `before` holds the arrays of the object as they were before the call.
    """
    entries = entries_of(space.value("_back"), "_back", body)
    for place, value in arrays(space.value(root), root):
        known = before.get(place)
        if known is None or known.shape != np.shape(value) or (known != value).any():
            entries.append(Entry(place, spoken(place), np.shape(value)))
    rows = []
    for place, value in before.items():
        found = next((e for e in entries if e.shape == value.shape and _of(e, place)), None)
        if found is not None and value.size:
            rows.append(f"{place} = {place} - _rate * {found.text}")
    return "\n".join(rows)


def _of(entry: Entry, place: str) -> bool:
    """By name: `dW1` is the gradient of `W1`, and so is what a dictionary of gradients calls `W1` itself."""
    own = squeezed(spoken(place))
    named = entry.text.startswith("_back") and squeezed(entry.name) == own
    return bool(own) and entry.text != place and (named or differentiated(entry.name) == own)


def whole_methods(owner: type, methods: list[str]) -> list[str]:
    """Methods that take data together with labels and are named after a loss or its gradient."""
    out = []
    for name in methods:
        signature = signature_of(getattr(owner, name), method=True)
        roles = [role_of(n) for n in required(signature)] if signature is not None else []
        if _WHOLE.fullmatch(name) and "labels" in roles and "data" in roles:
            out.append(name)
    return out


def alone(
    module: Module, owner: type, name: str, start: str, root: str, most: int, seconds: float
) -> Iterator[tuple[str, str]]:
    """(setup, one step) for a method that goes forward and back by itself."""
    function = getattr(owner, name)
    signature = signature_of(function, method=True) or inspect.Signature()
    body = module.body(function)
    found: dict[str, str] = {}

    def attempt(plan: Plan, space: Space) -> bool:
        space.run(start)
        before = {p: np.array(v) for p, v in arrays(space.value(root), root)}
        space.run(f"_back = {root}.{name}({plan.call})")
        rows = descent(space, before, root, body)
        found[plan.setup] = f"_back = {root}.{name}({plan.call})\n{rows}"
        return bool(rows)

    made = plans(signature, body, name, logic=True, written=module.written)
    for plan in varied(made, module.namespace, attempt, most=most, seconds=seconds):
        yield plan.setup, found[plan.setup]
