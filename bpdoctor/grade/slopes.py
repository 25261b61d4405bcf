"""Central differences of a function that runs elsewhere: small, for a few entries of each input."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from bpdoctor.grade.protocol import Array

ENTRIES = 40
_STEP = 2e-5
_KINK = 1e-4


def slopes(
    scalar: Callable[[dict[str, Any]], float],
    inputs: Mapping[str, Any],
    targets: Iterable[str],
    rng: np.random.Generator,
) -> dict[str, Array]:
    """Return for each target an array with slopes, NaN where an entry was not tried or has a kink."""
    return {target: _slopes(scalar, dict(inputs), target, rng) for target in targets}


def _slopes(
    scalar: Callable[[dict[str, Any]], float], inputs: dict[str, Any], target: str, rng: np.random.Generator
) -> Array:
    base = np.asarray(inputs[target], dtype=float)
    found = np.full(base.size, np.nan)
    chosen = np.sort(rng.permutation(base.size)[:ENTRIES])

    def moved(index: int, by: float) -> float:
        other = base.copy()
        other.flat[index] += by
        return scalar({**inputs, target: other})

    for index in chosen:
        wide = (moved(index, _STEP) - moved(index, -_STEP)) / (2 * _STEP)
        near = (moved(index, _STEP / 2) - moved(index, -_STEP / 2)) / _STEP
        if abs(wide - near) <= _KINK * max(abs(wide), abs(near), 1e-3):
            found[index] = near
    return found.reshape(base.shape)
