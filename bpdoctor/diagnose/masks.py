"""Masks of dropout on the tape: what is multiplied by zeros and one other number, and the scale that goes with it."""

from __future__ import annotations

from typing import Any

import numpy as np

from bpdoctor.autodiff.ordered import levels


def mask_of(structures: Any, m: int, i: int) -> Any | None:
    """The random mask that operand `i` of a product is multiplied by: zeros and one other number."""
    node = structures.tape.nodes[m]
    if node.prim != "multiply" or len(node.inputs) != 2 or m in structures.inside:
        return None
    other = structures.constant(m, 1 - i)
    if other is None or not is_mask(other) or not structures.leads_to_product(m):
        return None
    return np.asarray(other, dtype=np.float64)


def is_mask(value: Any) -> bool:
    """Whether an array holds zeros and one other number, above zero."""
    mask = np.asarray(value)
    if mask.ndim == 0 or mask.size < 2 or mask.dtype.kind not in "biuf":
        return False
    values = levels(mask.astype(np.float64))
    return len(values) == 2 and values[0] == 0 and values[1] > 0


def scales_mask(structures: Any, m: int, s: int) -> bool:
    """Whether a number is multiplied on right before or after a mask: ``x * kept / (1 - rate)``."""
    if structures.factor(m, s) is None:
        return False
    beside = [k for k in (s, *structures.readers.get(m, ())) if structures.tape.nodes[k].prim == "multiply"]
    return any(mask_of(structures, k, j) is not None for k in beside for j in (0, 1))
