"""Following a run: which steps are sampled, and the record of its health that comes of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from bpdoctor.measure.course import course
from bpdoctor.measure.layers import forward_of
from bpdoctor.measure.sample import Group, Sample, Sampler
from bpdoctor.measure.view import View
from bpdoctor.model.examination import Examination
from bpdoctor.model.health import Health, LayerHealth, Numbers, ParameterHealth
from bpdoctor.observe.sites import Sites
from bpdoctor.pipeline.analysis import Analysis

# A recorded step of this many operations takes a few milliseconds to look at; longer ones are sampled rarely.
LIGHT = 1_200


class Following:
    """The sampled steps of one run."""

    def __init__(self, sites: Sites) -> None:
        self.sites = sites
        self.samples: list[Sample] = []
        self.sampler: Sampler | None = None
        self.first: View | None = None
        self.offset = 0

    def begin(self, a: Analysis, recorded: Sequence[View], counted: int) -> bool:
        """Prepare, and sample the early steps; whether the steps are small enough to sample many.

        `counted` is the number that the loop gives to the step after those on the tape.
        """
        views = [v for v in recorded if v.tape is a.tape and v.families]
        if not views:
            return False
        self.first = views[0]
        self.offset = a.steps_seen - counted
        examination = Examination(a.tape, self.sites, views=views, assessment=a.assessment, units=a.units)
        forward = forward_of(examination, self.first)
        trial = None if a.assessment is None else a.assessment.trials[0]
        self.sampler = Sampler.of(trial, forward, a.units, lambda site: self.sites[site].node)
        self.samples = [self.sampler.sample(view, view.order) for view in views]
        return self.first.step.hi - self.first.step.lo < LIGHT

    def sampled(self, views: Iterable[View], step: int) -> None:
        """A later step was recorded, which the loop gives this number."""
        for view in views:
            if self.sampler is not None:
                self.samples.append(self.sampler.sample(view, step + self.offset))

    def course(self) -> tuple[list[Sample], list[Group]]:
        """The samples in order, and the layers that each of them tells of."""
        return _increasing(self.samples), [] if self.sampler is None else self.sampler.groups

    def encoded(self, names: Sequence[str]) -> dict[str, Any]:
        """The record as data; empty where there is none."""
        health = self.health(names)
        return {} if health is None else health.encode()

    def health(self, names: Sequence[str]) -> Health | None:
        """The record, with parameters as the user calls them; None where nothing is trained."""
        if self.sampler is None or self.first is None:
            return None
        samples, groups = self.course()
        losses = tuple(s.loss for s in samples)
        whole = _same([s.targets for s in samples])
        families = self.first.families
        return Health(
            iterations=tuple(s.iteration for s in samples),
            loss=losses,
            accuracy=tuple(s.accuracy for s in samples),
            output_std=tuple(s.varying for s in samples),
            whole=whole,
            course=course(losses) if whole else "",
            layers=tuple(self._layer(samples, i) for i in range(len(groups))),
            parameters=tuple(
                _parameter(samples, i, name, self.sites[family.site].line)
                for i, (name, family) in enumerate(zip(names, families, strict=False))
            ),
        )

    def _layer(self, samples: list[Sample], index: int) -> LayerHealth:
        assert self.sampler is not None
        group = self.sampler.groups[index]
        site, name = group.site, group.function.name
        seen = [s.layers[index] for s in samples]
        resting = [x.silent for x in seen if x is not None and x.silent is not None]
        alike = bool(resting) and len({len(r) for r in resting}) == 1
        if resting and all(x is None or x.silent is not None for x in seen):
            name = "relu"
        return LayerHealth(
            line=self.sites[site].line,
            expression=" ".join(self.sites[site].text.split())[:80],
            activation=name,
            hidden=group.hidden,
            units=next((x.units for x in seen if x is not None), 0),
            mean=_each(seen, lambda x: x.mean),
            std=_each(seen, lambda x: x.std),
            quantiles=tuple(() if x is None else x.quantiles for x in seen),
            low=_each(seen, lambda x: x.low),
            high=_each(seen, lambda x: x.high),
            spread=_each(seen, lambda x: x.spread),
            dead=_each(seen, lambda x: None if x.silent is None else float(np.mean(x.silent))),
            saturated=_each(seen, lambda x: x.saturated),
            rank=tuple(None if x is None else x.rank for x in seen),
            error_norm=_each(seen, lambda x: x.error),
            silent=tuple(int(i) for i in np.flatnonzero(np.all(resting, axis=0))) if alike else (),
        )


def _increasing(samples: Sequence[Sample]) -> list[Sample]:
    """Each step once, in order: where iterations cannot be counted exactly, the later number holds."""
    out: list[Sample] = []
    for sample in samples:
        if not out or sample.iteration > out[-1].iteration:
            out.append(sample)
    return out


def _parameter(samples: list[Sample], index: int, name: str, line: int) -> ParameterHealth:
    seen = [s.parameters[index] for s in samples]
    return ParameterHealth(
        name, line,
        _each(seen, lambda x: x.gradient), _each(seen, lambda x: x.weight),
        _each(seen, lambda x: x.change / x.weight if x.weight else None),
    )  # fmt: skip


def _each(seen: Sequence[Any], number: Callable[[Any], float | None]) -> Numbers:
    return tuple(None if x is None else number(x) for x in seen)


def _same(targets: Sequence[Any]) -> bool:
    """Whether every step has the same targets, and so the same samples."""
    return len(targets) > 1 and all(t is not None and np.array_equal(t, targets[0]) for t in targets)
