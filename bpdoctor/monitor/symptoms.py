"""Warnings as they arise, from the readings of one step and what was seen before.

Every threshold is one at which correct and healthy training was not seen to arrive; what lies nearer is left to the
figures themselves.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bpdoctor.model.record import record

# Rows without any answer that prove a unit dead (rule BP601), and after which the count begins anew.
ROWS = 1024
# A layer of which at least this share is dead is worth a warning.
DEAD = 0.1
# "Most" of the entries of a layer, at this many readings in a row from the start (rule BP602).
SATURATED, EARLY = 0.5, 3
# Times the smallest loss that was seen, on average over a reading: descent has turned into flight.
FLIGHT = 10.0
# Ratio of gradient norms across layers (Glorot & Bengio 2010 see training stall from about 1e4).
RATIO = 1e5
# A step of this share of the weights overwrites them; about 1e-3 is usual (Karpathy, CS231n notes).
STEP = 0.3
# Readings in a row at which a gradient that is 0 or far too small, or a step that is too long, is warned of.
TIMES = 3

Reading = Mapping[str, Any]


@record
class Symptom:
    """Something to be warned of: the rule that explains it, what it concerns, and the words."""

    rule: str
    subject: str
    message: str
    step: int
    severity: str = "warning"


@dataclass(slots=True)
class Symptoms:
    """What was said already, and what must hold several times in a row before it is said."""

    said: dict[tuple[str, str], Symptom] = field(default_factory=dict)
    least: float = math.inf
    running: dict[str, int] = field(default_factory=dict)
    readings: int = 0

    def of(self, record: Reading) -> list[Symptom]:
        """The warnings that are new with this record."""
        self.readings += 1
        found = [*self._broken(record), *self._loss(record), *self._layers(record), *self._flow(record)]
        fresh = [s for s in found if (s.rule, s.subject) not in self.said]
        self.said.update({(s.rule, s.subject): s for s in fresh})
        return fresh

    def _broken(self, record: Reading) -> Iterator[Symptom]:
        """The first thing that is not finite, in the order of the computation."""
        step = record["step"]
        if any(rule == "non-finite" for rule, _ in self.said):
            return
        kinds = (("activations", "mean"), ("gradients", "norm"), ("parameters", "norm"))
        for kind, key in kinds:
            for name, numbers in record.get(kind, {}).items():
                if not _finite(numbers.get(key)):
                    yield Symptom("non-finite", name, f"`{name}` ({kind}) is no longer finite", step, "error")
                    return
        if "loss" in record and not _finite(record["loss"]):
            yield Symptom("non-finite", "loss", "the loss is no longer finite", step, "error")

    def _loss(self, record: Reading) -> Iterator[Symptom]:
        loss = record.get("loss", math.nan)
        if not _finite(loss):
            return
        if self._again("flight", 2, 0 < FLIGHT * self.least < loss):
            told = f"the loss has risen to {loss:.3g}, from {self.least:.3g}: steps may be too long"
            yield Symptom("learning-rate-too-high", "loss", told, record["step"])
        self.least = min(self.least, loss)

    def _layers(self, record: Reading) -> Iterator[Symptom]:
        for name, numbers in record.get("activations", {}).items():
            dead, saturated = numbers.get("dead", 0.0), numbers.get("saturated", 0.0)
            if dead >= DEAD and numbers["rows"] >= ROWS:
                told = f"{dead:.0%} of the units of `{name}` were 0 for each of {numbers['rows']} samples"
                yield Symptom("dead-relu", name, told, record["step"])
            early = saturated > SATURATED and self.readings <= EARLY
            if self._again(f"saturation {name}", EARLY, early):
                told = f"`{name}` starts saturated: its derivative is below 1e-3 for {saturated:.0%} of the entries"
                yield Symptom("saturation", name, told, record["step"])

    def _flow(self, record: Reading) -> Iterator[Symptom]:
        norms: dict[str, float] = {name: numbers["norm"] for name, numbers in record.get("gradients", {}).items()}
        some: dict[str, float] = {name: n for name, n in norms.items() if _finite(n) and n > 0}
        for name, n in norms.items():
            if self._again(f"zero {name}", TIMES, n == 0 and bool(some)):
                yield Symptom("", name, f"the gradient of `{name}` is 0", record["step"])
        low, high = min(some.values(), default=1.0), max(some.values(), default=1.0)
        if self._again("ratio", TIMES, high > RATIO * low):
            weak, strong = min(some, key=lambda n: some[n]), max(some, key=lambda n: some[n])
            told = f"the gradient of `{weak}` is {high / low:.0e} times smaller than that of `{strong}`"
            yield Symptom("", weak, told, record["step"])
        for name, numbers in record.get("parameters", {}).items():
            moved = numbers.get("update", 0.0) if numbers["axes"] > 1 else 0.0  # a bias begins at 0
            if self._again(f"step {name}", TIMES, moved > STEP):
                told = f"every step changes `{name}` by {moved:.0%} of its size"
                yield Symptom("learning-rate-too-high", name, told, record["step"])

    def _again(self, what: str, times: int, holds: bool) -> bool:
        """Whether this holds so many times in a row; counted by what it is."""
        self.running[what] = self.running.get(what, 0) + 1 if holds else 0
        return self.running[what] >= times


def _finite(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)
