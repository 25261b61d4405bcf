"""An optimiser's step as a function of the gradient and of what is kept, probed by computing it again.

Notes
-----
The stretch of the tape between a gradient and the new parameter is an elementwise function of the gradient,
of the kept values and of numbers. It is computed again for drawn arguments, and textbook forms are fitted:
``kept' = decay * kept + gain * g + square * g**2 + size * |g|`` and, where all of it is linear,
``change = p * g + Σ q_i * kept_i``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from bpdoctor.autodiff.ordered import median
from bpdoctor.autodiff.replay import NotReplayed, recompute
from bpdoctor.identify.claims import Claim
from bpdoctor.identify.roles import Chain
from bpdoctor.measure.view import View
from bpdoctor.model.record import record
from bpdoctor.model.tape import CONST

_DRAWS = 6
_FITS = {8: 1e-7, 4: 1e-3}
# Far above any epsilon that is added to a root or a divisor.
_LARGE = 1e6
_NEAR_POWER = 0.02


@record(eq=False)
class Kept:
    """A value kept from step to step.

    ``new = decay * old + gain * g + square * g**2 + size * |g|``. The change of the parameter is proportional to
    ``kept**power``; `weight` is its coefficient where the whole step is linear. What could not be fitted is NaN.
    """

    chain: Chain
    decay: float
    gain: float
    square: float
    power: float
    weight: float
    size: float = 0.0


@record(eq=False)
class Recurrence:
    """How one parameter is moved: ``change = direct * g + Σ weight * kept`` where that is linear."""

    claim: Claim
    chain: Chain
    direct: float
    kept: tuple[Kept, ...]
    nodes: tuple[int, ...]


def recurrence(view: View, claim: Claim) -> Recurrence | None:
    """The recurrence behind one claim; None where the step keeps nothing or cannot be computed again."""
    if claim.node is None:
        return None
    try:
        with np.errstate(all="ignore"):
            probe = _Probe(view, claim)
            return probe.recurrence() if probe.states else None
    except (NotReplayed, ValueError, TypeError, IndexError):
        return None


class _Probe:
    def __init__(self, view: View, claim: Claim) -> None:
        assert claim.node is not None
        self.tape, self.view, self.claim = view.tape, view, claim
        self.gradient = claim.node
        self.chain = view.step.parameters[claim.parameter]
        self.states = self.relevant()
        stops = {self.gradient, self.chain.start, *(c.start for c in self.states)}
        self.nodes = sorted(self.above([self.chain.end, *(c.end for c in self.states)], stops))
        self.size = int(np.size(self.tape.values[self.gradient]))
        dtype = np.asarray(self.tape.values[self.chain.start]).dtype
        self.tolerance = _FITS.get(dtype.itemsize if dtype.kind == "f" else 8, 5e-2)

    def relevant(self) -> list[Chain]:
        """Chains of kept values that the new parameter is computed from."""
        seen = self.above([self.chain.end], {self.gradient, self.chain.start}, last=True)
        out = [c for c in self.view.step.state if seen & {c.start, *(u.after for u in c.updates)}]
        return [c for c in out if self.moved_by_gradient(c)]

    def moved_by_gradient(self, chain: Chain) -> bool:
        return self.gradient in self.above([chain.end], {self.gradient, chain.start}, last=True)

    def above(self, sinks: Iterable[int], stops: set[int], *, last: bool = False) -> set[int]:
        """What the sinks are computed from, down to the stops; the stops themselves if `last`."""
        pending, out = list(sinks), set()
        while pending:
            n = pending.pop()
            if n == CONST or n in out or n not in self.view.masks or n < self.view.step.lo:
                continue
            if n in stops:
                if last:
                    out.add(n)
                continue
            out.add(n)
            pending.extend(self.tape.nodes[n].inputs)
        return out

    def run(self, gradient: Any, kept: Mapping[int, Any], pinned: Mapping[int, Any] | None = None) -> dict[int, Any]:
        """Values of the stretch for this gradient and these kept values, from a parameter of zeros."""
        start = np.zeros_like(self.tape.values[self.chain.start])
        values: dict[int, Any] = {self.chain.start: start[()], **kept, self.gradient: gradient, **(pinned or {})}
        for n in self.nodes:
            if n not in values and any(s in values for s in self.tape.nodes[n].inputs):
                values[n] = recompute(self.tape, n, values)
        return values

    def draws(self) -> list[tuple[Any, dict[int, Any]]]:
        rng = np.random.default_rng(0)
        count = _DRAWS if self.size < 100_000 else 2
        return [
            (
                self.like(self.gradient, _signed(rng, self.shape(self.gradient))),
                {c.start: self.like(c.start, rng.uniform(0.5, 2, self.shape(c.start))) for c in self.states},
            )
            for _ in range(count)
        ]

    def shape(self, node: int) -> tuple[int, ...]:
        return np.shape(self.tape.values[node])

    def like(self, node: int, value: Any) -> Any:
        old = self.tape.values[node]
        return float(value) if np.ndim(old) == 0 else np.asarray(value, dtype=_floating(old))

    def recurrence(self) -> Recurrence | None:
        draws = self.draws()
        runs = [self.run(g, kept) for g, kept in draws]
        gradients = [g for g, _ in draws]
        changes = [r[self.chain.end] for r in runs]
        columns = [gradients, *([kept[c.start] for _, kept in draws] for c in self.states)]
        linear = self.fitted(changes, columns)
        if linear is None:
            linear = [np.nan] * len(columns)
        found = []
        for i, c in enumerate(self.states):
            olds = [kept[c.start] for _, kept in draws]
            news = [r.get(c.end, self.tape.values[c.end]) for r in runs]
            decay, gain, square, size = self.gathered(news, olds, gradients)
            found.append(Kept(c, decay, gain, square, self.power(c, draws[0]), linear[1 + i], size))
        return Recurrence(self.claim, self.chain, linear[0], tuple(found), tuple(self.nodes))

    def gathered(self, news: list[Any], olds: list[Any], gradients: list[Any]) -> list[float]:
        """How much of the old value, of the gradient, of its square and of its size is in the new value."""
        signed = self.fitted(news, [olds, gradients, [g * g for g in gradients]])
        if signed is not None:
            # A sum keeps all of the old value, but for rounding; a mean of such a decay would last for ever.
            kept = 1.0 if abs(signed[0] - 1) <= self.tolerance else signed[0]
            return [kept, *signed[1:], 0.0]
        sized = self.fitted(news, [olds, [abs(g) for g in gradients]])
        return [np.nan] * 4 if sized is None else [sized[0], 0.0, 0.0, sized[1]]

    def fitted(self, values: list[Any], columns: list[list[Any]]) -> list[float] | None:
        """Coefficients of a sum of columns, equal for all entries; None where they leave something."""
        y = _flat(values)
        table = [_flat(c) for c in columns]
        if any(len(c) != len(y) for c in table) or not np.isfinite(y).all():
            return None
        matrix = np.stack(table, axis=1)
        found, *_ = np.linalg.lstsq(matrix, y, rcond=None)
        left = np.abs(matrix @ found - y).max()
        if left > self.tolerance * max(np.abs(y).max(), 1e-300):
            return None
        return [float(x) if abs(x) > self.tolerance * np.abs(found).max() else 0.0 for x in found]

    def power(self, chain: Chain, draw: tuple[Any, dict[int, Any]]) -> float:
        """Exponent with which the change depends on a kept value, old and new version alike."""
        gradient, kept = draw
        versions = {chain.start, *(u.after for u in chain.updates)}
        sizes = []
        for scale in (1.0, 4.0):
            large = {n: self.like(n, kept[chain.start] * _LARGE * scale) for n in versions}
            others = {k: v for k, v in kept.items() if k != chain.start}
            change = np.asarray(self.run(gradient, others, large)[self.chain.end], dtype=np.float64)
            sizes.append(np.abs(change).ravel())
        power = np.log(sizes[1] / sizes[0]) / np.log(4.0)
        found = median(power)
        same = np.isfinite(power).all() and np.ptp(power) < _NEAR_POWER
        return round(2 * found) / 2 if same and abs(round(2 * found) / 2 - found) < _NEAR_POWER else np.nan


def _signed(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    return rng.choice([-1.0, 1.0], size=shape) * rng.uniform(0.5, 2, size=shape)


def _floating(value: Any) -> Any:
    dtype = np.asarray(value).dtype
    return dtype if dtype.kind == "f" else np.float64


def _flat(values: list[Any]) -> Any:
    return np.concatenate([np.ravel(np.asarray(v, dtype=np.float64)) for v in values])
