"""Directional derivatives of the loss, each with its error estimate: by complex step, or by differences.

Notes
-----
The step is chosen from what is measured. Four values give two central differences C(h) and C(2h), their
Richardson extrapolation, and with the value in the middle the fourth difference, which holds the noise of the
function and its even terms: what is left after a smooth function is taken off (Hamming; Moré and Wild, 2011).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from bpdoctor.blackbox.directions import Direction
from bpdoctor.blackbox.parameters import Array, Vector
from bpdoctor.blackbox.sides import Sides, complex_value
from bpdoctor.blackbox.stepping import Stepping
from bpdoctor.model.record import record

TINY = 1e-30
"""The complex step: no subtraction follows, so it may be as small as floating point allows."""
NARROWER, WIDER = 1 / 16, 6.0


@record
class Slope:
    """A derivative along a direction and how far it can be off."""

    value: float
    error: float


class Slopes:
    """Measures along directions at one point."""

    def __init__(
        self,
        sides: Sides,
        theta: Vector,
        value: float,
        claimed: Vector,
        moved: Vector,
        *,
        wide: bool,
        eps: float,
        wobble: float,
        mutates: bool,
    ) -> None:
        self.sides, self.theta, self.middle, self.claimed, self.wide = sides, theta, value, claimed, wide
        self.eps = eps
        self.moved = Stepping(moved, theta, afresh=mutates)
        self.mutates = mutates
        self.complex: Array | None = None
        self.imaginary: Stepping | None = None
        self.least = self.rounding = 2 * eps * abs(value) + wobble
        self.step = 0.5 * self.eps**0.2
        self.by_complex = False
        self.fourths: list[tuple[float, float]] = []
        self.bend = 0.0
        """The largest relative difference between C(h) and C(2h) that was met."""

    def measure(self, direction: Direction) -> Slope:
        """As accurately as one visit allows: one complex evaluation, or four real ones."""
        if self.by_complex:
            found = self.by_complex_step(direction)
            if found is not None:
                return found
        return self.by_differences(direction, self.step)

    @property
    def floor(self) -> float:
        """The noise of the loss: its rounding, or what most fourth differences at this step show."""
        seen = [fourth for step, fourth in self.fourths if step == self.step]
        return max(self.rounding, float(np.quantile(seen, 0.75)) / 4) if len(seen) > 2 else self.rounding

    # ---- complex

    def by_complex_step(self, direction: Direction) -> Slope | None:
        """Im L(θ + i·h·v) / h."""
        if self.complex is None or self.imaginary is None:
            self.complex = self.theta.astype(np.complex128)
            self.imaginary = Stepping(self.complex.imag, None, afresh=self.mutates)
        elif self.mutates:
            self.complex.real[...] = self.theta
        self.imaginary.to(direction, TINY)
        value = complex_value(self.sides, self.complex)
        if value is None:
            return None
        slope = value.imag / TINY
        return Slope(slope, self.eps * (8 * abs(slope) + 64 * abs(self.middle)))

    # ---- differences

    def by_differences(self, direction: Direction, h: float) -> Slope:
        """Richardson's extrapolation of central differences at h and 2h."""
        f1, b1, f2, b2 = (self.at(direction, t) for t in (h, -h, 2 * h, -2 * h))
        if not np.isfinite([f1, b1, f2, b2]).all():
            return Slope(np.nan, np.inf)
        near, far = (f1 - b1) / (2 * h), (f2 - b2) / (4 * h)
        slope = (4 * near - far) / 3
        fourth = abs(f2 - 4 * f1 + 6 * self.middle - 4 * b1 + b2)
        self.fourths.append((h, float(fourth)))
        second_order = abs(near - far) / 3
        size = max(abs(slope), self.floor / h)
        self.bend = max(self.bend, second_order / size if size else 0.0)
        higher = min(second_order, 4 * second_order**2 / abs(slope)) if slope else second_order
        return Slope(slope, self.floor / h + fourth / (4 * h) + higher)

    def quick(self, direction: Direction, h: float | None = None) -> Slope:
        """One central difference; its truncation is bounded by what was met along other directions."""
        h = h or self.step / 8
        f1, b1 = self.at(direction, h), self.at(direction, -h)
        if not np.isfinite([f1, b1]).all():
            return Slope(np.nan, np.inf)
        slope = (f1 - b1) / (2 * h)
        # C(h) errs by h², and `bend` was met at the full step: a factor 30 for another direction.
        bend = 30 * self.bend * (h / self.step) ** 2
        curvature = abs(f1 - 2 * self.middle + b1) * h / self.step
        return Slope(slope, self.floor / h + bend * abs(slope) + curvature)

    def at(self, direction: Direction, t: float) -> float:
        """The loss a step along the direction; freed of the rounding of the parameters to their own dtype."""
        moved = self.moved.to(direction, t)
        try:
            with np.errstate(all="ignore"):
                if self.wide:
                    return float(self.sides.value(moved).real)
                return float(self.sides.value(moved, wide=False).real) - self._rounding(moved)
        except (ArithmeticError, ValueError):
            return np.nan

    def _rounding(self, moved: Array) -> float:
        """What the claimed gradient says of the difference between the step wanted and the step taken."""
        total = 0.0
        for leaf in self.sides.layout.leaves:
            part = moved[leaf.where]
            total += float(np.dot(self.claimed[leaf.where], part.astype(leaf.dtype).astype(np.float64) - part))
        return total

    def settle(self, direction: Direction, size: float) -> Slope:
        """Choose the step along a first direction: smaller past kinks and curvature, larger over noise."""
        wanted = (3e-8 if self.eps < 1e-12 else 2e-3) * size
        best, h = self.by_differences(direction, self.step), self.step
        for factor in (NARROWER, WIDER):
            step = self.step
            while best.error > wanted and 1e-7 < step * factor < 0.3:
                step *= factor
                tried = self.by_differences(direction, step)
                if not tried.error < best.error:
                    break
                best, h = tried, step
            if h != self.step:
                break
        self.step = h
        # A fourth difference may be small by chance; those of smaller steps hold the same noise and less else.
        self.rounding = max([self.rounding, *(fourth / 4 for step, fourth in self.fourths if step <= h)])
        return Slope(best.value, max(best.error, self.rounding / h))

    def bends(self, direction: Direction) -> bool:
        """Whether the two one-sided derivatives differ: a kink exactly at this point.

        Their difference then stays as the step shrinks; of a smooth function it shrinks too, and of noise it grows.
        """
        h = 1e-5 if self.eps < 1e-12 else 1e-2
        first, second, third = (abs(self._second(direction, t) / t) for t in (h, h / 4, h / 16))
        stays = all(0.6 * a < b < 1.6 * a for a, b in ((first, second), (second, third)))
        return bool(stays and third > 20 * self.least / (h / 16))

    def _second(self, direction: Direction, t: float) -> Any:
        return self.at(direction, t) + self.at(direction, -t) - 2 * self.middle
