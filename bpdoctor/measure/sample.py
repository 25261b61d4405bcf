"""What one recorded step shows of a run, in a few numbers: they are kept where the step itself is let go.

Notes
-----
A step of a long run is recorded, looked at and forgotten. What is compared over the run (loss, spread of the
activations, norms) is taken from it here; nothing is computed again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bpdoctor.autodiff.activations import Activation
from bpdoctor.autodiff.ordered import quantiles
from bpdoctor.autodiff.sweep import Adjoints
from bpdoctor.identify.loss import implied_losses, implied_value
from bpdoctor.identify.residuals import Residual, find_residuals
from bpdoctor.measure.activity import SQUASHING, VANISHED, by_unit, groups_of, pair_of, side_of
from bpdoctor.measure.layers import Forward, above, named_site
from bpdoctor.measure.units import Unit
from bpdoctor.measure.view import View
from bpdoctor.model.health import QUANTILES
from bpdoctor.model.record import record

_MOST = 64
# Rounding leaves singular values of this size beside the largest.
_RANK = 1e-9


@record(eq=False)
class LayerSample:
    """One layer at one step; `silent` tells of each unit whether it is 0 for every sample of the step."""

    units: int
    mean: float
    std: float
    quantiles: tuple[float, ...]
    low: float
    high: float
    spread: float
    saturated: float | None
    rank: int | None
    silent: Any
    error: float | None


@record(eq=False)
class ParameterSample:
    """One family of parameters at one step: norms of its true gradient, of itself and of its change."""

    gradient: float | None
    weight: float
    change: float


@record(eq=False)
class Sample:
    """One step: `outputs` and `targets` of the loss where they are known, one row a sample."""

    iteration: int
    loss: float | None
    outputs: Any
    targets: Any
    layers: tuple[LayerSample | None, ...]
    parameters: tuple[ParameterSample | None, ...]

    @property
    def accuracy(self) -> float | None:
        """Share of the samples with the right class; None where the targets are not 0 and 1."""
        return _accuracy(self.outputs, self.targets)

    @property
    def varying(self) -> float | None:
        """How much the outputs differ between samples: the standard deviation of each, on average."""
        return spread_of(self.outputs)


@record(eq=False)
class Group:
    """The units that one expression computes, as recognised in the early steps; `site` is the named place."""

    site: int
    members: tuple[Unit, ...]
    function: Activation
    side: str
    hidden: bool


@dataclass(slots=True, eq=False)
class Sampler:
    """What is looked for in every step: found once, on the first ones."""

    trial: Any
    groups: list[Group]
    families: list[tuple[int, int]]
    node_of_site: Callable[[int], Any]

    @classmethod
    def of(cls, trial: Any, forward: Forward, units: Sequence[Unit], node_of_site: Callable[[int], Any]) -> Sampler:
        """Prepare to sample steps that are like the one the forward pass was delimited in."""
        view = forward.view
        groups = [
            Group(
                named_site(view.tape, view.by_key[members[0].after]), tuple(members),
                members[0].activation, side_of(forward, view.by_key[members[0].before]),
                any(view.by_key[u.after] in forward.feeding for u in members),
            )
            for members in groups_of(units, forward)
            if not _beyond(forward, trial, view.by_key[members[0].after])
        ]  # fmt: skip
        return cls(trial, groups, [(f.site, f.ordinal) for f in view.families], node_of_site)

    def sample(self, view: View, iteration: int) -> Sample:
        """The numbers of one step."""
        with np.errstate(all="ignore"):
            residual = self._residual(view)
            loss, seeds = self._loss(view, residual)
            adjoints = view.sweep(seeds) if seeds else None
            return Sample(
                iteration, loss, *_rows(view, residual),
                tuple(_layer(view, group, adjoints) for group in self.groups),
                tuple(_parameter(view, place, adjoints) for place in self.families),
            )  # fmt: skip

    def _loss(self, view: View, residual: Residual | None) -> tuple[float | None, dict[int, Any]]:
        """The loss of this step with the cotangents to sweep from."""
        if self.trial is None:
            return None, {}
        candidate = self.trial.candidate
        if candidate.node is not None:
            nodes = [view.by_key.get(self.trial.view.keys.get(n, (0, -1))) for n in candidate.scalars]
            factors = dict(zip((k for k in nodes if k is not None), candidate.factors, strict=False))
            if len(factors) < len(nodes):
                return None, {}
            terms = {k: np.asarray(view.tape.values[k], dtype=np.float64) for k in factors}
            loss = sum(factor * float(terms[k].ravel()[0]) for k, factor in factors.items())
            return loss, {k: np.full(terms[k].shape, factor) for k, factor in factors.items()}
        implied = () if residual is None else implied_losses(view.tape, residual)
        same = next((c for c in implied if c.form == candidate.form), None)
        if residual is None or same is None:
            return None, {}
        values = [(np.asarray(view.tape.values[o], dtype=np.float64), t) for o, t in residual.pairs]
        return sum(implied_value(candidate.form, o, t) for o, t in values), same.seeds

    def _residual(self, view: View) -> Residual | None:
        """Outputs and targets of this very step, where it sets the same outputs against something."""
        if self.trial is None or not self.trial.candidate.pairs:
            return None
        wanted = {self.trial.view.keys.get(o) for o, _ in self.trial.candidate.pairs}
        found = find_residuals(view.tape, view.masks, view.claims, self.node_of_site)
        return next((r for r in found if {view.keys.get(o) for o, _ in r.pairs} == wanted), None)


def _beyond(forward: Forward, trial: Any, n: int) -> bool:
    """Whether a function is part of the loss: computed from the network's output."""
    keys = [] if trial is None else [trial.view.keys.get(o) for o, _ in trial.candidate.pairs]
    outputs = {forward.view.by_key[k] for k in keys if k in forward.view.by_key}
    return n not in outputs and n not in forward.feeding and bool(above(forward.view.tape, [n]) & outputs)


def _rows(view: View, residual: Residual | None) -> tuple[Any, Any]:
    """All outputs and targets in one array each, a row a sample; single numbers are taken for samples."""
    pairs = [] if residual is None else [(np.asarray(view.tape.values[o], float), t) for o, t in residual.pairs]
    shapes = {np.shape(o) for o, _ in pairs}
    if len(shapes) != 1 or any(np.size(o) != np.size(t) for o, t in pairs):
        return None, None
    outputs = np.array([o for o, _ in pairs])
    targets = np.array([np.reshape(np.asarray(t, float), np.shape(o)) for o, t in pairs])
    return (outputs[0], targets[0]) if len(pairs) == 1 else (outputs, targets)


def _layer(view: View, group: Group, adjoints: Adjoints | None) -> LayerSample | None:
    pair = pair_of(view, list(group.members))
    if pair is None or not pair[0].size or not (np.isfinite(pair[0]).all() and np.isfinite(pair[1]).all()):
        return None
    z, a = pair
    table = by_unit(a, group.side, len(group.members))
    rested = by_unit(z, group.side, len(group.members)).max(axis=0) < 0
    squashing = group.function.name in SQUASHING
    return LayerSample(
        table.shape[1], float(a.mean()), float(a.std()), quantiles(a, QUANTILES),
        float(z.min()), float(z.max()), float(z.std()),
        float(np.mean(group.function.derivative(z) < VANISHED)) if squashing else None,
        _rank(table), rested if np.array_equal(a, np.maximum(z, 0)) else None,
        _error(view, group, adjoints),
    )  # fmt: skip


def _rank(table: Any) -> int | None:
    if min(table.shape) < 2:
        return None
    part = table[:_MOST, :_MOST] - table[:_MOST, :_MOST].mean(axis=0)
    sizes = np.linalg.svd(part, compute_uv=False)
    return int(np.sum(sizes > max(_RANK * sizes[0], 1e-300)))


def _parameter(view: View, place: tuple[int, int], adjoints: Adjoints | None) -> ParameterSample | None:
    family = next((f for f in view.families if (f.site, f.ordinal) == place), None)
    if family is None:
        return None
    starts = [view.tape.values[view.step.parameters[c.parameter].start] for c in family.claims]
    true = None if adjoints is None else family.reference(view.step, adjoints)
    return ParameterSample(None if true is None else _norm([true]), _norm(starts), _norm([family.change]))


def _error(view: View, group: Group, adjoints: Adjoints | None) -> float | None:
    """Size of the error that arrives at the pre-activations; 0 where none does."""
    nodes = [view.by_key[u.before] for u in group.members]
    if adjoints is None or any(n in adjoints.tainted for n in nodes):
        return None
    return _norm([0.0 if (g := adjoints.get(n)) is None else g for n in nodes])


def _norm(arrays: Sequence[Any]) -> float:
    return float(np.sqrt(sum(float(np.sum(np.square(np.asarray(x, dtype=np.float64)))) for x in arrays)))


def spread_of(outputs: Any) -> float | None:
    """The standard deviation over rows of each column, on average; None where there is one row."""
    if outputs is None or np.ndim(outputs) == 0 or np.size(outputs) < 2:
        return None
    table = outputs if np.ndim(outputs) == 2 and min(np.shape(outputs)) > 1 else np.reshape(outputs, (-1, 1))
    return float(np.mean(np.std(table, axis=0)))


def _accuracy(outputs: Any, targets: Any) -> float | None:
    if targets is None or np.ndim(targets) == 0 or np.size(targets) < 2:
        return None
    if not np.isin(targets, (0.0, 1.0)).all() or not np.isfinite(outputs).all():
        return None
    if np.ndim(targets) == 2 and min(np.shape(targets)) > 1:
        for axis in (1, 0):
            if (targets.sum(axis=axis) == 1).all():
                return float(np.mean(np.argmax(outputs, axis) == np.argmax(targets, axis)))
    return float(np.mean((outputs > 0.5) == (targets > 0.5)))
