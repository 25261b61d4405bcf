"""Scores that are linear in what a network gives: up or down is a matter of what is wanted."""

from __future__ import annotations

from bpdoctor.measure.view import View
from bpdoctor.model.tape import CONST

_LINEAR = frozenset(
    {"add", "subtract", "negative", "mean", "sum", "squeeze", "reshape", "ravel", "getitem", "copy", "float"}
)
_SCALING = frozenset({"multiply", "divide"})
_PRODUCTS = frozenset({"matmul", "dot", "inner", "einsum"})


def linear_in_outputs(view: View, node: int) -> bool:
    """Whether a number is made of last layers by sums and means alone: the score of a critic, and no error.

    References
    ----------
    Arjovsky, Chintala & Bottou, "Wasserstein GAN", 2017: the critic climbs the difference of two such means.
    """
    tape, pending, products = view.tape, [node], 0
    while pending:
        entry = tape.nodes[pending.pop()]
        inner = [s for s in entry.inputs if s != CONST and s in view.forward and s not in view.starts]
        if entry.prim in _PRODUCTS:
            products += 1
        elif entry.prim in _LINEAR or (entry.prim in _SCALING and len(inner) == 1 and inner[0] == entry.inputs[0]):
            others = [s for s in entry.inputs if s not in view.forward and s not in view.starts]
            if any(s != CONST or entry.prim not in _SCALING for s in others):
                return False  # something is taken off, added or multiplied that no parameter is in: a target
            pending += inner
        else:
            return False
    return products > 0
