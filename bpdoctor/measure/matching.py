"""Which of the user's backward values equal which true adjoints, up to a factor."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from bpdoctor.measure.assess import Trial
from bpdoctor.measure.fit import fit, precision
from bpdoctor.model.record import record

Key = tuple[int, int]
_FEW = 8


@record
class Match:
    """A backward value equals `scale` times the adjoint of the forward value `forward`."""

    forward: Key
    scale: float
    transposed: bool


def column(trials: Sequence[Trial], key: Key, *, adjoint: bool, transposed: bool = False) -> Any | None:
    """One value (or its adjoint) over all steps, end to end; None where a step lacks it."""
    parts = []
    for trial in trials:
        n = trial.view.by_key.get(key)
        if n is None or (adjoint and n in trial.adjoints.tainted):
            return None
        x = trial.adjoints.get(n) if adjoint else trial.view.tape.values[n]
        if x is None:
            return None
        x = np.asarray(x, dtype=np.float64)
        parts.append((x.T if transposed else x).ravel())
    return np.concatenate(parts)


class AdjointIndex:
    """True adjoints by a scale-free signature, so that each backward value is looked up at once."""

    def __init__(self, trials: Sequence[Trial]) -> None:
        # A step at which the numbers left their range tells nothing, and would make all others tell nothing.
        self.trials = [t for t in trials if _finite(t)] or trials
        self.tolerance = max(_precision(t) for t in self.trials)
        self.table: dict[tuple[int, int], list[tuple[Key, bool]]] = {}
        self.noise: dict[int, Any] = {}
        first = self.trials[0]
        for n in first.adjoints.values:
            key = first.view.keys.get(n)
            if key is not None:
                self.add(key, first.view.tape.values[n])

    def add(self, key: Key, value: Any) -> None:
        for transposed in (False, True) if np.ndim(value) == 2 and min(np.shape(value)) > 1 else (False,):
            x = column(self.trials, key, adjoint=True, transposed=transposed)
            if x is None or not _telling(x):
                continue
            for cell in self.cells(x)[:1]:
                self.table.setdefault(cell, []).append((key, transposed))

    def cells(self, x: Any) -> list[tuple[int, int]]:
        """Signature cells of a vector: the one it falls in, then its neighbours."""
        norm = float(np.sqrt(np.dot(x, x)))
        if not np.isfinite(norm) or norm == 0:
            return []
        probe = self.noise.get(x.size)
        if probe is None:
            probe = self.noise[x.size] = np.random.default_rng(x.size).standard_normal(x.size)
        p = abs(float(np.dot(x, probe))) / norm
        cell = int(np.floor(p * 1e6 if self.tolerance < 1e-6 else p * 1e3))
        return [(x.size, cell), (x.size, cell - 1), (x.size, cell + 1)]

    def matches(self, key: Key) -> list[Match]:
        """Adjoints that the value `key` is a multiple of; exact multiples only, judged entry by entry."""
        first = self.trials[0].view
        if np.asarray(first.tape.values[first.by_key[key]]).dtype.kind == "b":
            return []  # a mask is no adjoint, though it may be a multiple of one
        x = column(self.trials, key, adjoint=False)
        if x is None or not _telling(x):
            return []
        out = []
        for cell in self.cells(x):
            for forward, transposed in self.table.get(cell, ()):
                y = column(self.trials, forward, adjoint=True, transposed=transposed)
                found = fit(x, y, self.tolerance)
                if found.matches:
                    out.append(Match(forward, found.scale, transposed))
        return out


def _telling(x: Any) -> bool:
    """Whether being a multiple says anything: of a few numbers, one that is not 0 is a multiple of every other."""
    return int(np.count_nonzero(x[:_FEW])) > 1 or x.size > _FEW


def _finite(trial: Trial) -> bool:
    return all(r is None or bool(np.isfinite(np.sum(r))) for r in trial.references)


def _precision(trial: Trial) -> float:
    nodes: Iterable[int] = list(trial.view.forward)[:200]
    return 10 * precision(*(trial.view.tape.values[n] for n in nodes))
