"""From a gradient that is wrong to what is wrong with it: a known form, tensors, a row or column, entries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from bpdoctor.blackbox.directions import SMALLEST, Direction, Directions
from bpdoctor.blackbox.lines import wrong_line
from bpdoctor.blackbox.moments import Locator, TooMany, grid
from bpdoctor.blackbox.parameters import Leaf, Vector
from bpdoctor.blackbox.point import Point
from bpdoctor.blackbox.sides import Sides
from bpdoctor.blackbox.structure import CLEAR, Draw, Held, Hypothesis, explained, hypotheses
from bpdoctor.blackbox.telling import dense, entries_wrong, of_hypothesis
from bpdoctor.blackbox.trouble import Trouble

MOST_LEAVES = 64
LOOSE = 30.0
MATERIAL = 1e-4
"""Relative errors below this are what a constant added for stability makes, as in `log(p + 1e-8)`."""


TINY = 1e-300


@dataclass(slots=True)
class Diagnosis:
    """The troubles, and the state of each leaf that they leave."""

    troubles: list[Trouble] = field(default_factory=list)
    wrong: dict[int, float] = field(default_factory=dict)
    """Relative error of the leaves that are wrong."""
    immaterial: float = 0.0
    """The largest relative error that was found and is too small to be held against anybody."""
    scaled: dict[int, float] = field(default_factory=dict)


def diagnose(
    sides: Sides, point: Point, directions: Directions, draws: Sequence[Draw], seed: int, *, deep: bool
) -> Diagnosis:
    """Try the known forms on what was measured; with `deep`, go on to tensors, lines and entries."""
    doctor = Doctor(sides, point, directions, seed)
    among = [i for i in range(len(sides.layout.leaves)) if i not in directions.left_out]
    if not deep:
        if not doctor.known(among, draws, fresh=directions.draw()) and not point.slopes.by_complex:
            # The second slope was measured by two values only.
            sharper = [draws[0], point.compare(draws[1].direction)]
            doctor.known(among, sharper, fresh=directions.draw())
        return doctor.out
    if not doctor.one_entry(among):
        doctor.by_leaf(among)
    if not doctor.out.troubles:
        # Errors may cancel along one direction by chance; hardly along a second.
        doctor.base = directions.draw()
        doctor.by_leaf(among)
    return doctor.out


class Doctor:
    """Asks for slopes along parts of one base direction."""

    def __init__(self, sides: Sides, point: Point, directions: Directions, seed: int) -> None:
        self.layout, self.point, self.directions, self.seed = sides.layout, point, directions, seed
        self.out = Diagnosis()
        self.base: Direction | None = None

    # ---- known forms

    def known(self, among: Sequence[int], draws: Sequence[Draw], fresh: Direction) -> bool:
        """A form that explains the draws, and then a fresh one that took no part in choosing it."""
        if not any(self._clear(d) for d in draws):
            return False
        candidates = hypotheses(self.layout, self.point.claimed, self.point.theta, among)
        # Those after the first may have been measured by two values only: enough to choose, not to prove.
        blur = LOOSE * max(d.threshold for d in draws)
        blurred = [replace(d, threshold=blur) for d in draws]
        hypothesis = explained(candidates, self.layout, self.point.claimed, blurred)
        if hypothesis is None:
            return False
        sharp = [draws[0], self.point.compare(fresh)]
        held = Held(hypothesis, self.layout, self.point.claimed, sharp)
        c = held.factor()
        if c is None or not self._clear(sharp[1]) or not held.explains(c):
            return False
        relative = held.relative(c, self.point.nothing)
        if relative < MATERIAL:
            self.out.immaterial = max(self.out.immaterial, relative, TINY)
        else:
            self._say(hypothesis, c)
        return True

    def _clear(self, d: Draw) -> bool:
        return d.threshold < CLEAR * abs(d.error)

    def _say(self, hypothesis: Hypothesis, c: float) -> None:
        leaves = [self.layout.leaves[i] for i in hypothesis.leaves]
        claimed = 1 / c if hypothesis.kind in ("scale", "bias") and c else None
        self.out.troubles.append(of_hypothesis(hypothesis, c, leaves))
        for i in hypothesis.leaves:
            self.out.wrong[i] = abs(1 - c) if claimed is not None else 1.0
            if claimed is not None:
                self.out.scaled[i] = claimed

    # ---- entries of all leaves together

    def one_entry(self, among: Sequence[int]) -> bool:
        """Whether a single entry of all is wrong: three slopes tell, one more confirms."""
        entries = np.concatenate([np.arange(self.layout.leaves[i].start, self.layout.leaves[i].stop) for i in among])
        locator = self._locator(0, self.layout.size, (self.layout.size,))
        found = locator.try_one(entries)
        if not found or not self._holds(*next(iter(found.items()))):
            return False
        self._say_entries(found)
        return True

    def _holds(self, position: int, error: float) -> bool:
        """Whether a difference at that entry alone says the same."""
        if not self.point.slopes.by_complex:
            return True
        assert self.base is not None
        direction = self.directions.part(self.base, np.array([position]))
        moment = error * float(self.base.vector[position])
        claimed = direction.dot(self.point.claimed)
        return self._steady(Draw(direction, claimed, claimed - moment, 0.0, abs(claimed)))

    def _locator(self, offset: int, size: int, shape: tuple[int, ...]) -> Locator:
        if self.base is None:
            self.base = self.directions.draw()
        rows, columns = grid(shape, size)
        return Locator(self._measured, self.base.vector, columns, offset, rows, self.seed)

    def _measured(
        self, entries: np.ndarray[tuple[int], np.dtype[np.intp]], weights: Vector | None
    ) -> tuple[float, float]:
        assert self.base is not None
        direction = self.directions.part(self.base, entries, weights)
        draw = self.point.compare(direction)
        return draw.error, draw.threshold

    def _say_entries(self, found: dict[int, float]) -> None:
        by_leaf: dict[int, dict[int, float]] = {}
        for position, error in sorted(found.items()):
            claimed = abs(self.point.claimed[position])
            if abs(error) <= max(self.point.nothing, MATERIAL * max(claimed, abs(claimed - error))):
                self.out.immaterial = max(self.out.immaterial, min(abs(error) / max(claimed, TINY), MATERIAL))
                continue
            leaf, inside = self.layout.at(position)
            by_leaf.setdefault(self.layout.leaves.index(leaf), {})[inside] = error
        for index, errors in by_leaf.items():
            leaf = self.layout.leaves[index]
            self.out.troubles.append(entries_wrong(leaf, self.point.claimed[leaf.where], errors))
            self.out.wrong[index] = self._relative(leaf, float(np.linalg.norm(list(errors.values()))))

    def _relative(self, leaf: Leaf, size: float) -> float:
        norm = float(np.linalg.norm(self.point.claimed[leaf.where]))
        return size / max(norm, size) if size else 0.0

    # ---- leaf by leaf

    def by_leaf(self, among: Sequence[int]) -> None:
        """Which tensors are wrong, then each by itself."""
        if len(among) > MOST_LEAVES:
            among = self._guilty_half(list(among))
        for index in among:
            leaf = self.layout.leaves[index]
            if leaf.size and self._wrong(leaf):
                self._one_leaf(index)

    def _wrong(self, leaf: Leaf) -> bool:
        assert self.base is not None
        draw = self.point.compare(self.directions.part(self.base, leaf.where))
        if draw.agrees:
            return False
        # So small that even in a single entry it would not matter.
        nothing = self._nothing(self.layout.leaves.index(leaf))
        if abs(draw.error) <= max(nothing, MATERIAL * draw.size / np.sqrt(leaf.size)):
            self.out.immaterial = max(self.out.immaterial, min(abs(draw.error) / max(draw.size, TINY), MATERIAL))
            return False
        return self._steady(draw)

    def _nothing(self, index: int) -> float:
        """What an error that is none comes to, at least, along a direction."""
        return SMALLEST * self.point.scale[index] * self.point.nothing

    def _steady(self, draw: Draw) -> bool:
        """Whether differences, with another step, show the same error: noise, kinks and lost parts would not."""
        slopes = self.point.slopes
        if slopes.by_complex:
            other = slopes.quick(draw.direction, 1e-5)
        else:
            other = slopes.by_differences(draw.direction, slopes.step / 3)
        return bool(abs(other.value - draw.slope) <= 0.2 * abs(draw.error))

    def _leaf_error(self, start: int, stop: int) -> tuple[float, float]:
        assert self.base is not None
        return self._measured(np.arange(start, stop), None)

    def _guilty_half(self, among: list[int]) -> list[int]:
        """Leave out stretches of leaves that are right together: many small tensors, few wrong ones."""
        first, last = self.layout.leaves[among[0]], self.layout.leaves[among[-1]]
        error, limit = self._leaf_error(first.start, last.stop)
        if abs(error) <= limit:
            return []
        if len(among) == 1:
            return among
        half = len(among) // 2
        return self._guilty_half(among[:half]) + self._guilty_half(among[half:])

    def _one_leaf(self, index: int) -> None:
        """A known form, a row or column, some entries, or all of it."""
        leaf = self.layout.leaves[index]
        draws = [self._draw_on(leaf) for _ in range(2)]
        if self.known([index], draws, fresh=self.directions.part(self.directions.draw(), leaf.where)):
            return
        line = wrong_line(self._locator(leaf.start, leaf.size, leaf.shape), leaf, self.point.claimed)
        if line is not None:
            self.out.troubles.append(line)
            self.out.wrong[index] = line.residual or 1.0
            return
        try:
            found = self._locator(leaf.start, leaf.size, leaf.shape).run(np.arange(leaf.start, leaf.stop))
        except TooMany:
            found = {}
        if found:
            self._say_entries(found)
            return
        size = float(np.mean([abs(d.error) for d in draws]))
        scale = max(d.size for d in draws)
        relative = min(size / scale, 1.0) if scale else 1.0
        if relative < MATERIAL or size <= self._nothing(index):
            self.out.immaterial = max(self.out.immaterial, min(relative, MATERIAL))
            return
        self.out.wrong[index] = relative
        self.out.troubles.append(dense(leaf, relative, self.point.claimed[leaf.where]))

    def _draw_on(self, leaf: Leaf) -> Draw:
        return self.point.compare(self.directions.part(self.directions.draw(), leaf.where))
