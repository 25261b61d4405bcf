"""Steps that inner products of gradients make, or a fit to one: Newton steps, projected gradients, boosting.

Of such a step it is known what it begins with: the true gradient, whole. What follows is a method of its own, and no
multiple of the gradient by design (Martens 2010, "Deep learning via Hessian-free optimization"; Yu et al. 2020,
"Gradient surgery for multi-task learning"; Friedman 2001, "Greedy function approximation").
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from bpdoctor.diagnose.believed import Fault
from bpdoctor.diagnose.feedback import is_weight
from bpdoctor.diagnose.meant import Meant
from bpdoctor.diagnose.reach import descendants
from bpdoctor.identify.dependence import ancestors
from bpdoctor.model.tape import CONST

_PRODUCTS = frozenset({"matmul", "dot", "vdot", "inner", "sum", "linalg.norm", "einsum"})
_MIXING = frozenset({"matmul", "dot", "einsum", "tensordot", "inner", "outer", "convolve"})
_COMBINED = "conjugate directions, projections and Newton steps combine gradients; how they do so is not examined"
_FITTED = "boosting moves its outputs by what a learner makes of their gradient; how well that fits is not examined"
_SAME = 1e-7
_FEWEST = 3
_MOST = 4


def combined_of(fault: Fault) -> Meant | None:
    """The true gradients from which a parameter's step is made, by way of inner products where that is; else None."""
    places: set[int] = set()
    products, fitted = False, True
    for trial in fault.assessment.trials:
        for k in fault.families:
            family = trial.view.families[k]
            within = _within(trial.view, family)
            true = list(_gradients(trial, family))
            held = next((n for n in sorted(within) if any(_multiple(trial, n, g) for g in true)), None)
            if held is None:
                return None
            places.add(trial.view.tape.nodes[held].site)
            products = products or any(_products(trial.view, held, within))
            fitted = fitted and _of_outputs(trial, family)
    if not (products or fitted):
        return None
    how = "by way of inner products" if products else "by a fit to it"
    return Meant(
        min(places),
        f"the step is made from the right gradient {how}",
        "this is the derivative of the loss",
        "what the update adds is no multiple of it",
        _COMBINED if products else _FITTED,
        fault.families,
    )


def _of_outputs(trial: Any, family: Any) -> bool:
    """Whether what is moved are the outputs themselves, sample by sample: no product makes others of them."""
    starts = {trial.view.step.parameters[c.parameter].start for c in family.claims}
    after = descendants(trial.view.tape, starts, set(trial.adjoints.values))
    return not any(trial.view.tape.nodes[n].prim in _MIXING for n in after)


def _within(view: Any, family: Any) -> set[int]:
    """What the change of a parameter is made from."""
    updates = (u for c in family.claims for u in view.step.parameters[c.parameter].updates)
    return ancestors(view.tape, [t.node for u in updates for t in u.terms], view.masks)


def _gradients(trial: Any, family: Any) -> Iterator[Any]:
    """The true gradients of the loss each time it is computed in a step."""
    view, node = trial.view, trial.candidate.node
    yield family.reference(view.step, trial.adjoints)
    if node is not None:
        for key in view.by_site.get(view.tape.nodes[node].site, ())[:_MOST]:
            seeds = {view.by_key[key]: np.ones(np.shape(trial.view.tape.values[node]))}
            yield family.reference(view.step, view.sweep(seeds))


def _products(view: Any, n: int, within: set[int]) -> Iterator[int]:
    """Numbers that vectors of one size make, one of which comes from a node, and none is a parameter: no layer."""
    tape, size = view.tape, np.size(view.tape.values[n])
    for m in descendants(tape, [n], within):
        sources = [s for s in tape.nodes[m].inputs if s != CONST]
        vectors = bool(sources) and all(np.size(tape.values[s]) == size and not is_weight(view, s) for s in sources)
        if vectors and tape.nodes[m].prim in _PRODUCTS and np.size(tape.values[m]) == 1:
            yield m


def _multiple(trial: Any, n: int, true: Any) -> bool:
    """Whether a value is a multiple of a gradient; any number would be one of another."""
    a = np.ravel(np.asarray(trial.view.tape.values[n]))
    if (
        true is None
        or a.size < _FEWEST
        or a.shape != np.shape(true)
        or a.dtype.kind != "f"
        or not (a.any() and np.any(true))
    ):
        return False
    factor = float(np.dot(a, true) / np.dot(true, true))
    return bool(factor) and float(np.abs(a - factor * true).max()) <= _SAME * float(np.abs(a).max())
