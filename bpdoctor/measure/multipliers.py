"""Multipliers of constraints: parameters that climb a loss which the others descend, and are right to."""

from __future__ import annotations

from bpdoctor.identify.dependence import PARAMETERS, ancestors, bit
from bpdoctor.measure.assess import Trial
from bpdoctor.model.tape import CONST

_LINEAR = frozenset(
    {"add", "subtract", "negative", "positive", "sum", "mean", "copy", "reshape", "getitem", "transpose", "float"}
)
_PRODUCTS = frozenset({"multiply", "dot", "matmul", "inner"})


def multiplies(trial: Trial, k: int) -> bool:
    """Whether a parameter is in the loss only as a factor of what the other parameters make.

    Notes
    -----
    The Lagrangian ``f(w) + lam * g(w)`` has its stationary points at saddles, which are reached by descent in `w` and
    ascent in `lam` (Arrow, Hurwicz and Uzawa, "Studies in Linear and Non-Linear Programming", 1958). A weight of a
    network comes to the loss through something that is not linear, or has data for a factor.
    """
    view, tape = trial.view, trial.view.tape
    own = {c.parameter for c in trial.families[k].claims}
    mask = sum(bit(p) for p in own)
    if trial.candidate.node is None:
        return False
    within = {n: m for n, m in view.masks.items() if m & mask}
    starts = {view.step.parameters[p].start for p in own}
    products = 0
    for n in ancestors(tape, trial.candidate.scalars, within) - starts:
        node = tape.nodes[n]
        others = [s for s in node.inputs if s not in within]
        if node.prim in _PRODUCTS and len(others) == 1:
            products += any(s != CONST and view.masks.get(s, 0) & PARAMETERS for s in others)
        elif node.prim not in _LINEAR and not (node.prim == "divide" and node.inputs[0] in within and others):
            return False
    return products > 0
