"""The order of a check: pre-flight, two directions over everything, and only then where and how it is wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from bpdoctor.blackbox.diagnosis import Diagnosis, diagnose
from bpdoctor.blackbox.directions import Direction, Directions
from bpdoctor.blackbox.parameters import Vector
from bpdoctor.blackbox.point import COARSE, Point, point_at
from bpdoctor.blackbox.preflight import Flight, not_finite, preflight
from bpdoctor.blackbox.sides import Sides
from bpdoctor.blackbox.slopes import Slope
from bpdoctor.blackbox.structure import Draw
from bpdoctor.blackbox.trouble import Trouble

BLUNT = 0.05
"""Where less than this share of the gradient could be told from noise, nothing was certified."""
VAGUE = 1e-5
"""From here on it is worth asking whether a kink is what makes the slopes uncertain."""
ALIKE = 1e-8
"""Complex step and difference agree so far, or a branch of the function has lost its imaginary part."""
DULL = 1e-4
"""Of tensors in which a smaller error would not be seen, more slopes are taken: errors in many entries may cancel."""
MORE = 2
AWAY = 5e-3
MOVES = 4
Verdict = Literal["healthy", "sick", "inconclusive"]


@dataclass(slots=True)
class Outcome:
    """What a check came to, before it is put into words."""

    verdict: Verdict
    point: Point | None = None
    draws: list[Draw] = field(default_factory=list)
    diagnosis: Diagnosis = field(default_factory=Diagnosis)
    troubles: list[Trouble] = field(default_factory=list)
    assumptions: list[str] = field(default_factory=list)
    reason: str = ""
    not_finite: set[int] = field(default_factory=set)


class Examiner:
    """Compares at one point, and somewhere near it when that point is a kink."""

    def __init__(self, sides: Sides, seed: int, *, complex_step: bool | None, locate: bool) -> None:
        self.sides, self.seed, self.locate = sides, seed, locate
        self.complex_step = complex_step
        self.out = Outcome("healthy")
        self.moved = 0

    def run(self) -> Outcome:
        """Examine; every trouble is in the outcome."""
        flight = preflight(self.sides)
        self.out.troubles += flight.troubles
        for i, leaf in enumerate(self.sides.layout.leaves):
            trouble = not_finite(leaf, flight.claimed[i])
            if trouble is not None:
                self.out.troubles.append(trouble)
                self.out.not_finite.add(i)
                flight.claimed[i][...] = 0.0
        self._at(self.sides.start, flight)
        return self.out

    def _at(self, theta: Vector, flight: Flight) -> None:
        point = point_at(self.sides, theta, flight, self.seed, first=self.out.point)
        if not np.isfinite(point.claimed.sum()):
            point.claimed[~np.isfinite(point.claimed)] = 0.0
        directions = Directions(self.sides.layout, point.scale, self.seed + self.moved)
        directions.left_out = self.out.not_finite
        self.out.point = point
        if point.unsteady and self._may_move():
            self._away(flight)
            return
        draws = self.out.draws = self._two(point, directions)
        if all(np.isfinite(d.slope) and d.agrees for d in draws):
            draws += self._more(point, directions, draws)
        if any(not np.isfinite(d.slope) for d in draws):
            self._undecided("the loss is not finite, or not defined, a small step away from the given parameters")
        elif all(d.agrees for d in draws):
            self._agreed(point, draws, flight)
        else:
            self._disagreed(point, directions, flight)

    # ---- two directions

    def _two(self, point: Point, directions: Directions) -> list[Draw]:
        """The slopes along two random directions over everything."""
        first, second = directions.draw(), directions.draw()
        slopes = []
        tried = self._complex(point, first)
        if tried is not None:
            slopes = [tried, point.slopes.measure(second)]
        else:
            size = first.size_of(point.claimed) or abs(point.slopes.middle)
            slopes = [point.slopes.settle(first, size), point.slopes.quick(second)]
        return [point.draw(d, s) for d, s in zip((first, second), slopes, strict=True)]

    def _more(self, point: Point, directions: Directions, draws: list[Draw]) -> list[Draw]:
        """Slopes along the tensors alone whose own errors the two would show only dimly."""
        leaves = self.sides.layout.leaves
        told = [point.resolution(leaf, i, draws) for i, leaf in enumerate(leaves)]
        dull = [leaf for leaf, seen in zip(leaves, told, strict=True) if seen is not None and DULL < seen < COARSE]
        if not dull:
            return []
        places = np.concatenate([np.arange(leaf.start, leaf.start + leaf.size) for leaf in dull])
        drawn = (directions.part(directions.draw(), places) for _ in range(MORE))
        found = [point.compare(direction) for direction in drawn]
        return [d for d in found if np.isfinite(d.slope)]

    def _complex(self, point: Point, direction: Direction) -> Slope | None:
        """The complex step, where it agrees with a difference: a cast drops the imaginary part silently."""
        slopes = point.slopes
        if self.complex_step is False or not slopes.wide or not self.sides.may_be_complex:
            return None
        tried = slopes.by_complex_step(direction)
        if tried is None:
            return None
        real = slopes.quick(direction, 1e-5)
        slopes.by_complex = bool(abs(tried.value - real.value) <= ALIKE * abs(tried.value) + 6 * real.error)
        return tried if slopes.by_complex else None

    # ---- what follows

    def _agreed(self, point: Point, draws: list[Draw], flight: Flight) -> None:
        """Every slope is as claimed; say how sharp that was."""
        size = max(d.size for d in draws)
        blur = min(d.threshold for d in draws)
        seen = max(abs(d.slope) for d in draws)
        if blur > VAGUE * size and self._may_move() and point.slopes.bends(draws[0].direction):
            self._away(flight)
        elif blur > BLUNT * size > 0:
            self._undecided(
                f"the noise of the loss hides the gradient: nothing below {blur / size:.2g} of its size can be seen"
            )
        elif size == 0 and seen <= blur:
            self._undecided("the gradient is 0 everywhere, and so is the derivative of the loss: nothing was tested")
        elif self.moved == 1:
            # What is wrong may show on one side of the kink only: a unit that is off on the other.
            self._away(flight)
        elif self.out.troubles and any((t.severity or "error") == "error" for t in self.out.troubles):
            self.out.verdict = "sick"

    def _disagreed(self, point: Point, directions: Directions, flight: Flight) -> None:
        """Name what explains the difference; failing that, make sure that it is no kink, then look for the place."""
        diagnosis = diagnose(self.sides, point, directions, self.out.draws, self.seed, deep=False)
        if not diagnosis.troubles and not diagnosis.immaterial:
            if self._may_move() and point.slopes.bends(self.out.draws[0].direction):
                self._away(flight)
                return
            if self._mends_elsewhere(flight) or not self._stands(point, directions):
                return
            diagnosis = diagnose(self.sides, point, directions, self.out.draws, self.seed, deep=self.locate)
        self.out.diagnosis = diagnosis
        if diagnosis.troubles:
            self.out.verdict = "sick"
            return
        if not diagnosis.immaterial:
            self._undecided("the loss is too rough or too noisy here: the whole disagrees, and no part of it does")
            return
        self._agreed(point, self.out.draws, flight)
        relative = max(abs(d.error) / (d.size or 1.0) for d in self.out.draws)
        self.out.assumptions.append(
            f"agrees to {relative:.1g} only: so small a difference, as of a constant added for stability, is no error"
        )

    def _stands(self, point: Point, directions: Directions) -> bool:
        """Measure again with a smaller step and by differences alone, before anybody is accused."""
        if point.slopes.by_complex:
            stands = not point.compare(directions.draw()).agrees
        else:
            stands = all(self._finer(point, d) for d in (self.out.draws[0].direction, directions.draw()))
        if not stands:
            self._undecided("the loss is too rough or too noisy here: measured slopes contradict each other")
        return stands

    @staticmethod
    def _finer(point: Point, direction: Direction) -> bool:
        """Whether the difference is there with a smaller step too."""
        slope = point.slopes.measure(direction)
        finer = point.slopes.by_differences(direction, point.slopes.step / 8)
        apart = abs(finer.value - slope.value)
        error = max(slope.error, apart) if np.isfinite(apart) else slope.error
        return not point.draw(direction, Slope(slope.value, error)).agrees

    def _mends_elsewhere(self, flight: Flight) -> bool:
        """Whether the difference is gone a small step away, on both sides: then it belonged to a kink."""
        if not self._may_move():
            return False
        for side in (1.0, -1.0):
            theta = self._elsewhere(side)
            point = point_at(self.sides, theta, flight, self.seed, first=self.out.point)
            if not np.isfinite(point.claimed).all() or not np.isfinite(point.slopes.middle):
                return False
            directions = Directions(self.sides.layout, point.scale, self.seed + 101)
            directions.left_out = self.out.not_finite
            draws = self._two(point, directions)
            if not all(d.agrees for d in draws) or not all(d.agrees for d in self._more(point, directions, draws)):
                return False
        self.out.point, self.out.draws = point, draws
        self.moved = MOVES
        self._say_moved()
        self._agreed(point, draws, flight)
        return True

    def _may_move(self) -> bool:
        return self.sides.repeatable and self.moved < MOVES

    def _away(self, flight: Flight) -> None:
        """To one side of the kink, then to the other, then to other places."""
        self.moved += 1
        self._say_moved()
        self._at(self._elsewhere(1.0 if self.moved % 2 else -1.0), flight)

    def _elsewhere(self, side: float) -> Vector:
        assert self.out.point is not None
        shift = Directions(self.sides.layout, self.out.point.scale, self.seed + 31 + (self.moved + 1) // 2).draw()
        moved: Vector = self.sides.start + side * AWAY * shift.vector
        return moved

    def _say_moved(self) -> None:
        text = "the loss has a kink at the given parameters; compared a small random step away from them"
        if text not in self.out.assumptions:
            self.out.assumptions.append(text)

    def _undecided(self, reason: str) -> None:
        self.out.verdict = "sick" if self.out.not_finite else "inconclusive"
        self.out.reason = "" if self.out.not_finite else reason
