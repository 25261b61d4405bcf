"""A delta taken apart: the error that came from above, and the derivative it was multiplied by."""

from __future__ import annotations

from typing import Any

import numpy as np

from bpdoctor.model.tape import CONST

_SAME = 1e-9
_MOST = 6


def error_within(view: Any, user: int, forward: int, activation: Any) -> int | None:
    """The factor of the user's delta that stands for the error above an activation; None where f' is no factor."""
    with np.errstate(all="ignore"):
        slope = np.asarray(activation.derivative(np.asarray(view.tape.values[forward], dtype=np.float64)))
    factors = _factors(view, user)
    for n in factors:
        if n in view.masks:
            rest = np.prod([np.asarray(view.tape.values[m], dtype=np.float64) for m in factors if m != n], axis=0)
            if np.shape(rest) == np.shape(slope) and np.allclose(rest, slope, rtol=_SAME, atol=0):
                return n
    return None


def _factors(view: Any, user: int) -> list[int]:
    """Values that a product is made of, those of inner products in place of these."""
    factors = [user]
    for _ in range(_MOST):
        inner = next((n for n in factors if view.tape.nodes[n].prim == "multiply" and n >= view.step.start), None)
        if inner is None or CONST in view.tape.nodes[inner].inputs:
            break
        at = factors.index(inner)
        factors[at : at + 1] = view.tape.nodes[inner].inputs
    return factors if len(factors) > 1 else []
