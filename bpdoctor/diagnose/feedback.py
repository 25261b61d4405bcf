"""Feedback alignment: the error goes back through a fixed random matrix in place of the transposed weights.

Lillicrap, Cownden, Tweed and Akerman 2016, "Random synaptic feedback weights support error backpropagation for deep
learning"; Nøkland 2016 for an error that goes straight to every layer. Such a matrix serves for nothing else.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from bpdoctor.diagnose.believed import Fault
from bpdoctor.diagnose.meant import Meant
from bpdoctor.identify.dependence import ancestors
from bpdoctor.identify.updates import find_updates
from bpdoctor.model.tape import CONST

_PRODUCTS = frozenset({"matmul", "dot"})
_FACTORS = 4


def feedback_of(fault: Fault) -> Meant | None:
    """The fixed matrix by which an error is multiplied at the fault's place in every step; None for other faults."""
    places: set[int] = set()
    for trial in fault.assessment.trials:
        for user, forward in fault.pairs:
            u, n = trial.view.by_key.get(user), trial.view.by_key.get(forward)
            product = None if u is None or n in trial.view.starts else _product(trial, u)
            if product is None:
                return None
            places.add(trial.view.tape.nodes[product].site)
    if not places:
        return None
    return Meant(
        min(places),
        "the error goes back through a fixed matrix of its own, not through the weights",
        "multiplied here by what is never trained and never read by the forward pass",
        "with this error believed, what is made from it below is right",
        "feedback alignment learns with fixed random weights in the backward pass; what they give is no gradient of the"
        " loss",
        fault.families,
    )


def _product(trial: Any, n: int) -> int | None:
    """Where a value is an error times a matrix that nothing else is made from, perhaps times a derivative then."""
    view = trial.view
    for _ in range(_FACTORS):
        node = view.tape.nodes[n]
        made = [s for s in node.inputs if s in view.masks]
        if node.prim in _PRODUCTS:
            fixed = [s for s in node.inputs if s not in view.masks]
            one = len(made) == len(fixed) == 1
            return n if one and not is_weight(view, made[0]) and _of_its_own(trial, fixed[0]) else None
        errors = [s for s in made if s not in trial.adjoints.values]
        if node.prim != "multiply" or len(errors) != 1:
            return None
        n = errors[0]
    return None


def is_weight(view: Any, n: int) -> bool:
    """Whether a value is a parameter, as it is or turned.

    Of a product with one, the other operand is the error, which jumps alone may make, or the values of a layer.
    """
    while n not in view.starts and len(view.tape.nodes[n].inputs) == 1:
        n = view.tape.nodes[n].inputs[0]
    return n in view.starts


def _of_its_own(trial: Any, n: int) -> bool:
    """Whether a matrix is no copy of a parameter, as stale weights are, and the loss is not computed from it."""
    view, tape = trial.view, trial.view.tape
    if n == CONST or np.ndim(tape.values[n]) != 2:
        return False
    above = ancestors(tape, [n], range(n + 1))
    seeds, versions = trial.candidate.seeds, _versions(view)
    if above & (ancestors(tape, seeds, set(range(max(seeds) + 1)) - view.starts) | versions):
        return False
    held = np.asarray(tape.values[n])
    kept = [np.asarray(tape.values[c.start]) for c in view.step.parameters]
    return not any(np.array_equal(held, p) or np.array_equal(held, p.T) for p in kept)


def _versions(view: Any) -> set[int]:
    """The parameters as the step begins, and as they were before."""
    before = {u.after: u.before for u in find_updates(view.tape)}
    out: set[int] = set()
    pending = list(view.starts)
    while pending:
        n = pending.pop()
        if n != CONST and n not in out:
            out.add(n)
            pending.append(before.get(n, CONST))
    return out
