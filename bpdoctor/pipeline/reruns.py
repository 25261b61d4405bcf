"""Asking the checkpoint: probes at other parameters, and the reference confirmed by differences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from bpdoctor.identify.step import find_steps
from bpdoctor.measure.assess import Trial
from bpdoctor.measure.confirm import MANY, Losses, LossesAlong, Slopes, loss_from, loss_nodes, slopes, unmeasured
from bpdoctor.measure.view import View, view_of
from bpdoctor.model.picture import Convergence
from bpdoctor.model.tape import Tape
from bpdoctor.observe.checkpoint import Checkpoint
from bpdoctor.observe.rerun import Rerun, arrived

PROBES = 2
# Standard deviation of probe parameters that start at zero, and the largest used: small enough not to
# saturate, large enough that every unit differs from its neighbours.
_SPREAD = 0.3
_LARGEST = 1.0
# So many numbers from each of eight re-runs, pickled, are far less than a pipe holds.
_FEW = 500


def probe_views(
    checkpoint: Checkpoint, first: View, view: View, seed: int, named: Container[int] = ()
) -> list[tuple[View, dict[int, Any]]]:
    """The step of `view` in the user's own program at fresh parameters, as widely spread as in `first`; and these."""
    rng = np.random.default_rng(seed)
    found = _probes(checkpoint, first, view, rng, named)
    if view is not first and any(_trained(view) - _trained(probe) for probe, _ in found):
        # A recording that ends with a step does not tell what becomes of all that it makes.
        view = first
        found = _probes(checkpoint, first, view, rng, named)
    if len(found) < PROBES:
        # With other parameters a program may end before the step.
        found += _probes(checkpoint, first, view, rng, named)
    return [(probe, changes) for probe, changes in found if _finite(probe)][:PROBES]


def _trained(view: View) -> Counter[tuple[int, tuple[int, ...]]]:
    return Counter((f.site, f.shape) for f in view.families)


def _changes(first: View, view: View, rng: np.random.Generator) -> dict[int, Any]:
    pairs = zip(first.step.parameters, view.step.parameters, strict=False)
    return {c.start: _random(first.tape.values[f.start], rng, np.shape(view.tape.values[c.start])) for f, c in pairs}


def _probes(
    checkpoint: Checkpoint, first: View, view: View, rng: np.random.Generator, named: Container[int]
) -> list[tuple[View, dict[int, Any]]]:
    """The step of `view` at other parameters, and these."""
    drawn = [_changes(first, view, rng) for _ in range(PROBES)]
    beyond = max(view.step.stop + max(4, (view.step.stop - view.step.start) // 3), view.step.hi)
    stop = min(len(view.tape) - 1, beyond)
    tapes = checkpoint.ask_all([Rerun(changes, stop, replace=True, whole=True) for changes in drawn])
    found = [(None if tape is None else _the_same_step(arrived(tape), view, named)) for tape in tapes]
    return [(probe, changes) for probe, changes in zip(found, drawn, strict=True) if probe is not None]


def _the_same_step(tape: Tape, view: View, named: Container[int]) -> View | None:
    same = (s for s in find_steps(tape, named) if s.start == view.step.start and s.loop == view.step.loop)
    step = next(same, None)
    return view_of(tape, step) if step is not None else None


def _random(value: Any, rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    own = float(np.std(value)) if np.size(value) > 1 else 0.0
    spread = min(own, _LARGEST) if np.isfinite(own) and own > 1e-6 else _SPREAD
    return rng.normal(0.0, spread, size=shape)


def _finite(view: View) -> bool:
    return all(np.isfinite(change).all() for change in view.changes)


def confirm(checkpoint: Checkpoint, trials: list[Trial], seed: int) -> Slopes:
    """Directional derivatives of the user's program at the first step that can be run again.

    They are measured beside what the program goes on with, where that cannot change what they are made of.
    """
    trial = again(_within(checkpoint, trials))
    if trial is None:
        return unmeasured
    trial = _kept(trial)
    found = slopes(trial, _losses_of(checkpoint, trial), seed)
    values = trial.view.tape.values
    large = sum(np.size(values[c.start]) for c in trial.view.step.parameters) >= MANY
    # What comes back must fit into a pipe that nobody reads from yet.
    if large or trial.view.step.fixed or sum(np.size(values[n]) for n in loss_nodes(trial)) > _FEW:
        found()
    return found


def _kept(trial: Trial) -> Trial:
    """A trial with its targets as they are now: the program may overwrite them."""
    pairs = tuple((o, np.array(t)) for o, t in trial.candidate.pairs)
    return replace(trial, candidate=replace(trial.candidate, pairs=pairs))


def _within(checkpoint: Checkpoint, trials: list[Trial]) -> list[Trial]:
    """The trials whose loss a re-run computes: it begins after what is evaluated before the training loop."""
    return [t for t in trials if min(loss_nodes(t)) >= checkpoint.position]


def converge(checkpoint: Checkpoint, trials: list[Trial], believed: Trial, seed: int) -> tuple[Convergence, ...]:
    """The same directions at many step sizes; `believed` knows the factor that the program's gradients carry."""
    trial = again(_within(checkpoint, trials))
    if trial is None:
        return ()
    from bpdoctor.measure.convergence import convergence
    from bpdoctor.pipeline.pictures import claimed_of

    return convergence(trial, claimed_of(believed, trial), _losses_of(checkpoint, trial), seed)


def again(trials: list[Trial]) -> Trial | None:
    """The first step that can be run again: its parameters come into being on the tape."""
    for trial in trials:
        tape = trial.view.tape
        if not any(tape.nodes[c.start].prim in ("leaf", "view") for c in trial.view.step.parameters):
            return trial
    return trials[-1] if trials else None


def _losses_of(checkpoint: Checkpoint, trial: Trial) -> LossesAlong:
    wanted = loss_nodes(trial)
    tape, held = trial.view.tape, _held(trial)
    sites = tuple(tape.nodes[n].site for n in wanted)

    def rerun(direction: dict[int, Any], h: float) -> Rerun:
        if not held:
            return Rerun(direction, max(wanted), tuple(wanted), sites, scale=h)
        changes = {n: tape.values[n] + h * v for n, v in direction.items()} | held
        return Rerun(changes, max(wanted), tuple(wanted), sites, replace=True)

    def losses_along(direction: dict[int, Any], steps: Sequence[float]) -> Losses:
        answers = checkpoint.begin([rerun(direction, h) for h in steps])
        return lambda: [None if v is None else loss_from(trial, v) for v in checkpoint.wait(answers)]

    return losses_along


def _held(trial: Trial) -> dict[int, Any]:
    """What others train in turn with this, with its values: it may have been moved by what is changed."""
    tape, first = trial.view.tape, min(c.start for c in trial.view.step.parameters)
    made = (n for n in trial.view.step.fixed if n > first and tape.nodes[n].prim not in ("leaf", "view"))
    return {n: tape.values[n] for n in made}
