"""A probe: the calls that examine one definition, as pieces of program text."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import field
from typing import Any

import numpy as np

from bpdoctor.model.record import record
from bpdoctor.model.source import Driver

# Cotangents are small: clipping to ±1 or ±5 inside a backward pass must not show as an error.
COTANGENT = 0.02
RATE = 0.05
LOSS = "_loss"
# Columns of the matrix behind a probed output: no size that the output itself may have.
_WIDTH = 8
Namespace = dict[str, Any]


@record
class Slot:
    """Something that is differentiated.

    `place` is text that reads and writes it, `name` what the user calls it, `gradient` the text that
    yields its claimed gradient after the backward call. A slot that `moves` is updated by the backward
    call itself, by minus the rate times the gradient. `parameter` tells weights from inputs.
    """

    place: str
    name: str
    gradient: str = ""
    moves: bool = False
    parameter: bool = False


@record
class Probe:
    """How one definition is examined: statements that prepare, go forward, and go back.

    `outputs` holds the text of every output that receives a cotangent, by the name of the cotangent;
    `loss` instead the text of the scalar that is differentiated. `backward` may read the cotangents,
    and `_rate`. `outer` are arrays of the module that the calls read, with the places of what is to stand in them.
    """

    name: str
    line: int
    setup: str
    forward: str
    backward: str
    outputs: Mapping[str, str] = field(default_factory=dict)
    loss: str = ""
    slots: tuple[Slot, ...] = ()
    kind: str = "layer"
    facts: tuple[str, ...] = ()
    single: bool = False
    doubtful: bool = False
    outer: Mapping[str, str] = field(default_factory=dict)

    def prepared(self, module: Namespace, seed: int) -> Space:
        """The inputs and objects of this probe, made afresh."""
        np.random.seed(seed)
        space = Space(module, {"np": np, "_np": np, "_rng": np.random.default_rng(seed), "_rate": RATE})
        space.run(self.setup)
        return space

    def advance(self, space: Space) -> Space:
        """A copy of what the setup made, on which the forward pass was run."""
        own = space.copy()
        np.random.seed(7)
        # In place: functions read the names of their module, whoever calls them.
        own.run("\n".join((*(f"{n}[...] = {place}" for n, place in self.outer.items()), self.forward)))
        return own

    def objective(self, space: Space, cotangents: Mapping[str, Any]) -> float:
        """The scalar whose gradient is wanted, after the forward pass."""
        if self.loss:
            return float(np.sum(space.value(self.loss)))
        return float(sum(np.sum(np.asarray(space.value(t)) * cotangents[k]) for k, t in self.outputs.items()))

    # ---- the same calls as a training loop

    def driver(self, seed: int = 1) -> Driver:
        """A loop that descends the loss, or a squared error of the outputs, by the claimed gradients."""
        inputs = [(i, s) for i, s in enumerate(self.slots) if s.gradient and not s.parameter and not s.moves]
        start = ["import numpy as _np", f"_rng = _np.random.default_rng({seed})", f"_np.random.seed({seed})"]
        start += [f"_rate = {RATE}", *self.setup.splitlines()]
        setup = [*start, "_np.random.seed(7)", *self.forward.splitlines()]
        for k, text in self.outputs.items():
            # Behind an output stands another layer: at the network's end its error would be the loss's own.
            setup += [f"_head{k} = _rng.normal(0, 0.6, size=(*_np.shape({text})[-1:], {_WIDTH}))"]
            setup += [f"_target{k} = _np.dot({text}, _head{k})"]
            setup += [f"_target{k} = _target{k} + {COTANGENT} * _rng.normal(size=_np.shape(_target{k}))"]
        setup += start
        rows = ["_np.random.seed(7)", *(f"{n} = {place}" for n, place in self.outer.items())]
        after = []
        for i, s in inputs:
            # An input is computed from what is trained, as it would be behind another layer.
            setup += [f"_scale{i} = _rng.uniform(0.6, 1.4, size=_np.shape({s.place}))"]
            setup += [f"_below{i} = {s.place} / _scale{i}"]
            rows += [f"{s.place} = _below{i} * _scale{i}"]
            after += [f"_below{i} = _below{i} - _rate * ({s.gradient} * _scale{i})"]
        after += [f"{s.place} = {s.place} - _rate * {s.gradient}" for s in self.slots if s.parameter and s.gradient]
        after += [f"_head{k} = _head{k} - _rate * _slope{k}" for k in self.outputs if not self.loss]
        rows += [*self.forward.splitlines(), *self._loss_rows(), *self.backward.splitlines(), *after]
        return Driver(
            "", "\n".join(setup) + "\nfor _step in range(6):\n" + "\n".join(f"    {row}" for row in rows) + "\n"
        )

    def _loss_rows(self) -> list[str]:
        if self.loss:
            return [f"{LOSS} = _np.sum({self.loss})"]
        rows = [f"_off{k} = _np.dot({text}, _head{k}) - _target{k}" for k, text in self.outputs.items()]
        rows += [f"{LOSS} = " + " + ".join(f"0.5 * _np.sum(_off{k} ** 2)" for k in self.outputs)]
        rows += [f"{k} = _np.dot(_off{k}, _head{k}.T)" for k in self.outputs]
        for k, text in self.outputs.items():
            seen = f"_np.reshape({text}, (-1, *_np.shape({text})[-1:]))"
            rows += [f"_slope{k} = _np.dot({seen}.T, _np.reshape(_off{k}, (-1, {_WIDTH})))"]
        return rows

    def words(self) -> dict[str, str]:
        """What the driver's own names mean to the user."""
        out = {f"_below{i}": s.name for i, s in enumerate(self.slots)}
        for i, s in enumerate(self.slots):
            out[f"_below{i} * _scale{i}"] = s.name
        out.update({s.place: s.name for s in self.slots})
        # What a method moves bears the method's own name for its object there.
        out.update({"self." + s.place.partition(".")[2]: s.name for s in self.slots if s.moves})
        out.update(self.outputs)
        return out


class Space:
    """Names of a probe over the names of the module; only its own are copied."""

    def __init__(self, module: Namespace, own: Namespace) -> None:
        self.module = module
        self.own = own

    def run(self, text: str) -> None:
        """Execute statements."""
        names = {**self.module, **self.own}
        exec(text, names)
        self.own = {k: v for k, v in names.items() if k not in self.module or self.module[k] is not v}

    def value(self, text: str) -> Any:
        """Evaluate an expression."""
        return eval(text, {**self.module, **self.own})

    def copy(self) -> Space:
        """The same names with copies of data and objects, sharing what was shared."""
        kept: dict[int, Any] = {}
        return Space(self.module, {k: _copied(v, kept) for k, v in self.own.items()})


def _copied(value: Any, kept: dict[int, Any]) -> Any:
    try:
        return copy.deepcopy(value, kept)
    except Exception:
        return value
