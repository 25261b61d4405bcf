"""What a recorded operation takes where nobody records it, the same on every machine."""

from __future__ import annotations

import numpy as np

from bpdoctor.model.tape import CONST, Tape

# Estimated seconds of an operation on numbers, on arrays, for an element, and for a product of two.
NUMBER, _ARRAY, _ELEMENT, _PRODUCT = 1e-7, 1.5e-6, 1e-9, 1e-10
_PRODUCTS = frozenset({"matmul", "dot", "einsum", "tensordot", "inner"})


def seconds_of(tape: Tape, n: int) -> float:
    """What one operation takes, roughly, where nobody records it."""
    value, node = tape.values[n], tape.nodes[n]
    if not isinstance(value, np.ndarray):
        return NUMBER
    inner = 0
    if node.prim in _PRODUCTS and node.inputs and node.inputs[0] != CONST:
        inner = (np.shape(tape.values[node.inputs[0]]) or (1,))[-1]
    return _ARRAY + value.size * (_ELEMENT + inner * _PRODUCT)
