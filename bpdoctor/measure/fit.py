"""How a claimed gradient compares with the reference: one scale factor, what is left, what noise allows."""

from __future__ import annotations

from typing import Any

import numpy as np

from bpdoctor.model.record import record

# Rounding of the user's own arithmetic and of the sweep, relative to the largest entry. Fixed by
# measurement on correct networks: float64 chains of a few hundred operations stay below 1e-11.
TOLERANCE = {8: 1e-9, 4: 2e-3, 2: 5e-2}
_PART = 8192
# Between this and its inverse sums of squares neither vanish nor overflow.
_SQUARES = 1e-100
# Two scale factors are one when they agree to this.
SAME_SCALE = 1e-6


@record
class Fit:
    """Least-squares ``claimed = scale * reference`` and the largest entry of what is left.

    `residual` is relative to the largest claimed entry; `tolerance` is what rounding explains.
    """

    scale: float
    residual: float
    tolerance: float
    zero: bool

    @property
    def matches(self) -> bool:
        """Whether claimed and reference differ by a factor only."""
        return not self.zero and self.residual <= self.tolerance and self.scale != 0


def precision(*values: Any) -> float:
    """Tolerance for the coarsest floating type among `values`."""
    sizes = [v.dtype.itemsize for v in values if isinstance(v, np.ndarray | np.floating) and v.dtype.kind == "f"]
    return TOLERANCE.get(min(sizes, default=8), 1e-9)


def resolution(*values: Any) -> float:
    """The relative rounding of doubles, or of the shortest floats among `values`."""
    types = (v.dtype for v in values if isinstance(v, np.ndarray | np.floating) and v.dtype.kind == "f")
    return max((float(np.finfo(t).eps) for t in types), default=float(np.finfo(float).eps))


def fit(claimed: Any, reference: Any, tolerance: float, *, scale: float | None = None) -> Fit:
    """Fit one array to another.

    Parameters
    ----------
    claimed, reference : array_like
        Same number of entries, same order.
    tolerance : float
        Relative error that rounding explains.
    scale : float, optional
        Take this factor instead of the fitted one.
    """
    a = np.asarray(claimed, dtype=np.float64).ravel()
    b = np.asarray(reference, dtype=np.float64).ravel()
    if a.size != b.size:
        return Fit(np.nan, 1.0, tolerance, False)
    top_a, top_b = _largest(a), _largest(b)
    if not np.isfinite(top_a) or not np.isfinite(top_b):
        return Fit(np.nan, np.inf, tolerance, False)
    if top_a == 0 or top_b == 0:
        return Fit(0.0, 0.0 if top_a == top_b else 1.0, tolerance, top_a == top_b)
    if scale is None:
        if not _SQUARES < top_b < 1 / _SQUARES or not top_a < 1 / _SQUARES:
            unit = b / top_b
            scale = float(np.dot(a, unit) / np.dot(unit, unit)) / top_b
        else:
            scale = _dot(a, b) / _dot(b, b)
    left = max(_largest(scale * b[part] - a[part]) for part in _parts(a.size))
    residual = left / max(top_a, abs(scale) * top_b if np.isfinite(scale) else 0.0)
    return Fit(scale, residual, tolerance, False)


def _parts(size: int) -> list[slice]:
    """Stretches that stay in the processor's cache, and are too short to be worth another thread."""
    return [slice(start, start + _PART) for start in range(0, size, _PART)]


def _dot(a: Any, b: Any) -> float:
    if a.size <= _PART:
        return float(np.dot(a, b))
    return float(sum(np.dot(a[part], b[part]) for part in _parts(a.size)))


def _largest(a: Any) -> float:
    if a.size <= _PART:
        return float(np.abs(a).max()) if a.size else 0.0
    return max(float(a.max()), -float(a.min()))  # no copy without signs
