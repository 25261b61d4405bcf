"""One point of the parameter space: the claimed gradient there, its own rounding, and the loss's slopes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bpdoctor.blackbox.directions import DEPTH, Direction, inner, pieces, scales, stretch
from bpdoctor.blackbox.parameters import Array, Leaf, Vector
from bpdoctor.blackbox.preflight import Flight, flat, shaped
from bpdoctor.blackbox.sides import Sides
from bpdoctor.blackbox.slopes import Slope, Slopes
from bpdoctor.blackbox.structure import Draw
from bpdoctor.blackbox.trouble import Stopped

GUARD = 6.0
"""A difference is believed from this many error estimates of the measured slope."""
ROUNDING = 16.0
"""The claimed gradient may be off by this many times what one rounding of the parameters changes in it."""
UNSTEADY = 1e-6
NOTHING = 100.0
"""In units of rounding in the user's own precision, and of the whole gradient: what remains of sums that are 0."""
COARSE = 0.1
"""A tensor in which so large a share could be wrong unseen, and more where errors cancel, is not certified."""


@dataclass(slots=True)
class Point:
    """Where a comparison is made."""

    theta: Vector
    claimed: Vector
    rounding: Vector
    eps: float
    slopes: Slopes
    scale: list[float]
    size: float
    """The norm of the claimed gradient."""
    nothing: float
    """An error up to here is no error: the user's precision cannot tell the gradient from 0."""

    def draw(self, direction: Direction, slope: Slope) -> Draw:
        """Compare along a direction: the difference, and the largest that rounding and measurement explain."""
        claimed, size, rounding = direction.against(self.claimed, self.rounding)
        rounding += 4 * self.eps * size
        return Draw(direction, claimed, slope.value, GUARD * slope.error + ROUNDING * rounding, size)

    def compare(self, direction: Direction) -> Draw:
        """Measure the slope and compare."""
        return self.draw(direction, self.slopes.measure(direction))

    def resolution(self, leaf: Leaf, index: int, draws: Sequence[Draw]) -> float | None:
        """What an error in one entry must be, relative to the leaf's largest, to be seen for certain."""
        part = self.claimed[leaf.where]
        largest = float(max(part.max(initial=0.0), -part.min(initial=0.0)))
        blurs = [d.threshold for d in draws if leaf.size and d.direction.covers(leaf.start)]
        return max(2 * min(blurs) / (0.5 * self.scale[index]), self.nothing) / largest if blurs and largest else None

    @property
    def unsteady(self) -> bool:
        """Whether one rounding of the parameters changes the gradient for good: the point stands on a kink."""
        size, rounding = self.size, float(np.sqrt(inner(self.rounding, self.rounding)))
        return rounding > max(UNSTEADY, 1e3 * self.eps) * size > 0


def point_at(sides: Sides, theta: Vector, flight: Flight, seed: int, *, first: Point | None = None) -> Point:
    """Evaluate both sides here, in float64 where the user's code works in it.

    `first` is the user's own point when this is one near it: there, parameters that were 0 are small, and that
    is not their scale.
    """
    given = first is None
    narrow = any(leaf.dtype != np.float64 for leaf in sides.layout.leaves)
    value, wide = _loss_here(sides, theta, flight, narrow, given)
    claimed, wide_gradient = _gradient_here(sides, theta, flight, narrow, given)
    eps = float(np.finfo(np.float64 if wide_gradient else np.float32).eps)
    moved = np.empty_like(theta)
    rounding = None
    if sides.repeatable:
        _round_otherwise(theta, eps, seed, out=moved)
        rounding = _rounding(sides, moved, claimed, wide_gradient)
    if rounding is None:
        rounding = 4 * eps * np.abs(claimed)
    loss_eps = float(np.finfo(np.float64 if wide and not isinstance(value, np.float32) else np.float32).eps)
    noise: dict[str, Any] = {"eps": loss_eps, "wobble": flight.wobble, "mutates": flight.mutates}
    slopes = Slopes(sides, theta, float(value), claimed, moved, wide=wide, **noise)
    here = scales(sides.layout, theta)
    scale = here if first is None else [max(a, b) for a, b in zip(here, first.scale, strict=True)]
    own = max((float(np.finfo(leaf.dtype).eps) for leaf in sides.layout.leaves), default=eps)
    size = float(np.sqrt(inner(claimed, claimed)))
    if not np.isfinite(size):
        size = float(np.linalg.norm(claimed[np.isfinite(claimed)]))
    return Point(theta, claimed, rounding, eps, slopes, scale, size, NOTHING * own * size)


def _loss_here(sides: Sides, theta: Vector, flight: Flight, narrow: bool, given: bool) -> tuple[Any, bool]:
    if not narrow:
        return (flight.value if given else sides.value(theta.copy()).real), True
    own = flight.value if given else sides.value(theta, wide=False).real
    if sides.may_be_complex:
        try:
            wide = sides.value(theta.copy())
        except Exception:
            return own, False
        if np.asarray(wide).dtype == np.float64 and abs(float(wide) - own) <= 1e-2 * max(abs(own), abs(float(wide))):
            return wide, True
    return own, False


def _gradient_here(sides: Sides, theta: Vector, flight: Flight, narrow: bool, given: bool) -> tuple[Vector, bool]:
    """In float64 where the code gives that; then rounding does not hide what is wrong in float32."""
    if not narrow:
        return (flight.gradient if given else flat(shaped(sides, sides.gradient(theta.copy()))[0])), True
    if sides.repeatable and sides.may_be_complex:
        try:
            grads = sides.gradient(theta.copy())
            if all(_is_double(grad) for grad in grads):
                return flat(shaped(sides, grads)[0]), True
        except (Stopped, Exception):
            pass
    return (flight.gradient if given else flat(shaped(sides, sides.gradient(theta, wide=False))[0])), False


def _is_double(grad: Any) -> bool:
    return isinstance(grad, float) or getattr(grad, "dtype", None) == np.float64 or isinstance(grad, list)


def _round_otherwise(theta: Vector, eps: float, seed: int, *, out: Vector) -> None:
    """The parameters as they would be, had each been rounded to a neighbour."""
    rng = np.random.default_rng([seed, 7])
    table = np.where(rng.random(DEPTH) < 0.5, 1 - 2 * eps, 1 + 2 * eps)
    for part in pieces(theta.size):
        np.multiply(stretch(table, part, rng), theta[part], out=out[part])


def _rounding(sides: Sides, moved: Vector, claimed: Vector, wide: bool) -> Array | None:
    """How the claimed gradient changes when its parameters are rounded otherwise; None when it has none there."""
    try:
        others, _ = shaped(sides, sides.gradient(moved, wide=wide))
    except Stopped:
        return None
    gap = np.empty_like(claimed)
    for leaf, other in zip(sides.layout.leaves, others, strict=True):
        there, here, out = other.ravel(), claimed[leaf.where], gap[leaf.where]
        for part in pieces(leaf.size):
            np.subtract(there[part], here[part], out=out[part])
            np.abs(out[part], out=out[part])
    return gap if np.isfinite(gap.max(initial=0.0)) else np.nan_to_num(gap)
