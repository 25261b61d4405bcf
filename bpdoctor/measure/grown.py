"""Biases that take the shape of the samples with their first update: their gradient was not summed over these."""

from __future__ import annotations

import numpy as np

from bpdoctor.identify.dependence import PARAMETERS, bit
from bpdoctor.measure.view import View
from bpdoctor.model.tape import CONST

_PRODUCTS = frozenset({"matmul", "dot"})


def changes_shape(view: View) -> bool:
    """Whether an update of this step gives a parameter another shape."""
    values = view.tape.values
    return any(np.shape(values[c.start]) != np.shape(values[c.end]) for c in view.step.parameters)


def outgrown(view: View) -> bool:
    """Whether an update of this step makes a bias grow along the axis of the samples.

    Notes
    -----
    A bias that starts as one number may well grow to one for each unit. Which axis the samples lie along, the side
    tells on which a layer's weights stand.
    """
    return any(_grows(view, k) for k in range(len(view.step.parameters)))


def _grows(view: View, k: int) -> bool:
    values, chain = view.tape.values, view.step.parameters[k]
    old, new = np.shape(values[chain.start]), np.shape(values[chain.end])
    if old == new or len(new) != 2:
        return False
    for n in view.forward:
        node = view.tape.nodes[n]
        if node.prim != "add" or np.shape(values[n]) != new or CONST in node.inputs:
            continue
        for bias, product in (node.inputs, node.inputs[::-1]):
            own = view.masks.get(bias, 0) & PARAMETERS == bit(k)
            axis = _samples(view, product) if own and np.shape(values[bias]) == old else None
            if axis is not None and new[axis] > 1 and (1, 1, *old)[-2:][axis] == 1:
                return True
    return False


def _samples(view: View, n: int) -> int | None:
    """The axis of a layer's sums along which the samples lie."""
    node = view.tape.nodes[n]
    if node.prim not in _PRODUCTS or len(node.inputs) != 2:
        return None
    weighted = [(view.masks.get(s, 0) & PARAMETERS).bit_count() for s in node.inputs]
    return None if 1 not in weighted or weighted[0] == weighted[1] else int(weighted[0] == 1)
