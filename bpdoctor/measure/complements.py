"""Reverse sweeps through ``log(1 - p)`` of a saturated output: the difference has lost digits, the slope has not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpdoctor.identify.fused import complement
from bpdoctor.measure.softened import Altered
from bpdoctor.model.tape import Tape

# So little of 1 is left where it begins to matter.
_LITTLE = 1e-6
_LOGARITHMS = frozenset({"log", "log2", "log10"})


def exact(tape: Tape, masks: dict[int, int]) -> Altered | None:
    """What a sweep passes on to ``1 - p`` below a logarithm, with all digits; None where nothing is saturated."""
    ratios: dict[int, Any] = {}
    for n in masks:
        if tape.nodes[n].prim in _LOGARITHMS and (source := tape.nodes[n].inputs[0]) in masks:
            value = np.asarray(tape.values[source], dtype=np.float64)
            if value.size and value.min() < _LITTLE and (whole := complement(tape, source)) is not None:
                with np.errstate(divide="ignore", invalid="ignore"):
                    ratio = value / whole
                ratios[source] = np.where(np.isfinite(ratio) & (value > 0), ratio, 1.0)
    if not ratios:
        return None

    def altered(n: int, i: int, g: Any, pull: Callable[[Any], Any]) -> Any:
        source = tape.nodes[n].inputs[i]
        known = tape.nodes[n].prim in _LOGARITHMS and source in ratios
        return pull(g) * ratios[source] if known else pull(g)

    return altered
