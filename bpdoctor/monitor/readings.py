"""What is read off the arrays of one step: a few numbers each, in a few microseconds.

References
----------
Glorot & Bengio, AISTATS 2010 (saturation); Lu et al., "Dying ReLU and Initialization", 2019 (silent units).
The change of an array is estimated from a sample of its entries, the norms are exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from bpdoctor.measure.activity import VANISHED

SAMPLED = 2048


@dataclass(slots=True)
class Activity:
    """One layer's activations over the run; `silent` are the units that were 0 since the count began."""

    resting: Any = None
    rows: int = 0
    negative: bool = False
    rectified: bool = False

    def read(self, values: Any) -> dict[str, float]:
        """Numbers of one step; the first axis counts samples, all others units."""
        a = np.asarray(values)
        table = a.reshape(1, -1) if a.ndim < 2 else a.reshape(len(a), -1)
        if table.dtype.kind != "f":
            table = table.astype(np.float64)
        if not table.size:
            return {}
        flat = table.ravel()
        low, high, mean = float(flat.min()), float(flat.max()), float(flat.mean())
        out: dict[str, float] = {
            "mean": mean,
            "std": max(float(np.dot(flat, flat)) / flat.size - mean * mean, 0.0) ** 0.5,
        }
        self.negative = self.negative or low < 0.0
        self.rectified = not self.negative and (self.rectified or low == 0.0)
        if self.rectified:
            out["dead"] = self._dead(table)
            out["rows"] = self.rows
        elif low >= -1.0 and high <= 1.0:
            out["saturated"] = _saturated(table, logistic=low > 0.0)
        return out

    def _dead(self, table: Any) -> float:
        """Share of the units that were 0 in every row so far; the count begins anew with another number of units."""
        if self.resting is None or self.resting.size != table.shape[1]:
            self.resting, self.rows = np.ones(table.shape[1], dtype=bool), 0
        self.resting &= ~table.any(axis=0)
        self.rows += len(table)
        return int(np.count_nonzero(self.resting)) / int(self.resting.size)

    def forget(self) -> None:
        """Begin to count again: units may have died since."""
        self.resting, self.rows = None, 0


def _saturated(table: Any, *, logistic: bool) -> float:
    """Share of the entries whose derivative has practically vanished, as the value itself tells it."""
    if logistic:
        if table.shape[1] > 1 and np.allclose(table.sum(axis=1), 1.0, atol=1e-6):
            return 0.0  # probabilities of classes, which are meant to become sure
        slope = table * (1.0 - table)
    else:
        slope = 1.0 - table * table
    return int(np.count_nonzero(slope < VANISHED)) / int(table.size)


@dataclass(slots=True)
class Weights:
    """One parameter: its norm, and how far one step moves it."""

    before: Any = None
    size: float = 0.0

    def read(self, values: Any) -> dict[str, float]:
        """The norm; a sample of entries is kept for the next step to be held against."""
        a = np.asarray(values)
        out = {"norm": norm(a), "axes": a.ndim}
        self.before = sample(a).astype(np.float64)
        self.size = float(np.sqrt(np.dot(self.before, self.before)))
        return out

    def moved(self, values: Any) -> float | None:
        """Length of the change since it was read, relative to the weights; None where there is none to compare."""
        if self.before is None or not self.size:
            return None
        now = sample(np.asarray(values))
        if now.shape != self.before.shape:
            return None
        change = now - self.before
        self.before = None
        return float(np.sqrt(np.dot(change, change))) / self.size


def norm(values: Any) -> float:
    """Euclidean length of all entries."""
    flat = np.asarray(values).ravel(order="K")
    if flat.dtype.kind != "f":
        flat = flat.astype(np.float64)
    return float(np.sqrt(np.dot(flat, flat)))


def sample(values: Any) -> Any:
    """Entries at equal distances, few enough to be kept."""
    flat = values.reshape(-1)
    return flat[:: max(1, flat.size // SAMPLED)]
