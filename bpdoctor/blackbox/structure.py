"""Known ways for a whole gradient to be wrong, tried on slopes that were measured already: no further evaluation.

A hypothesis says that the true gradient is `fixed + c·basis` for an unknown number c (or none). The slopes
along two or more directions then fix c and contradict everything that is not so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from bpdoctor.blackbox.directions import Direction
from bpdoctor.blackbox.parameters import Layout, Vector
from bpdoctor.blackbox.trouble import Kind

CLEAR = 1e-3
"""A name is given only where the difference stands this far above what cannot be told apart."""


@dataclass(frozen=True, slots=True)
class Draw:
    """A direction, the slope claimed and measured along it, and the largest difference that means nothing."""

    direction: Direction
    claimed: float
    slope: float
    threshold: float
    size: float
    """Norm of the claimed gradient as this direction weighs it."""

    @property
    def error(self) -> float:
        """Claimed less measured."""
        return self.claimed - self.slope

    @property
    def agrees(self) -> bool:
        """Whether rounding and noise explain the difference."""
        return abs(self.error) <= self.threshold


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """What the true gradient would be."""

    kind: Kind
    text: str
    leaves: tuple[int, ...]
    fixed: Vector
    basis: Vector | None = None

    def factor(self, draws: Sequence[Draw]) -> float | None:
        """The number c, from all draws together; None for a basis that none of them sees."""
        if self.basis is None:
            return 0.0
        seen = np.array([d.direction.dot(self.basis) for d in draws])
        left = np.array([d.slope - d.direction.dot(self.fixed) for d in draws])
        norm = float(np.dot(seen, seen))
        return float(np.dot(seen, left) / norm) if norm else None

    def relative(self, claimed: Vector, c: float) -> float:
        """How far the claim is from the truth, relative to the larger of the two, where they differ."""
        true = self.fixed if self.basis is None else self.fixed + c * self.basis
        apart = claimed != true
        gap = float(np.linalg.norm((claimed - true)[apart]))
        return gap / max(float(np.linalg.norm(claimed[apart])), float(np.linalg.norm(true[apart])), 1e-300)

    def explains(self, draws: Sequence[Draw], c: float) -> bool:
        """Whether every slope is as predicted, up to rounding."""
        for d in draws:
            predicted = d.direction.dot(self.fixed) + (c * d.direction.dot(self.basis) if self.basis is not None else 0)
            if not abs(predicted - d.slope) <= d.threshold * (1 + abs(c if self.basis is not None else 1)):
                return False
        return True


def explained(candidates: Iterator[Hypothesis], draws: Sequence[Draw]) -> tuple[Hypothesis, float] | None:
    """The first hypothesis that agrees with all draws; they must contradict the gradient as claimed clearly."""
    for hypothesis in candidates:
        c = hypothesis.factor(draws)
        if c is not None and np.isfinite(c) and hypothesis.explains(draws, c):
            return hypothesis, c
    return None


def hypotheses(layout: Layout, claimed: Vector, theta: Vector, among: Sequence[int]) -> Iterator[Hypothesis]:
    """All that is tried, the simplest first; only the leaves `among` may be wrong."""
    everything = np.zeros_like(claimed)
    for i in among:
        everything[layout.leaves[i].where] = claimed[layout.leaves[i].where]
    rest = claimed - everything
    if everything.any():
        yield Hypothesis("scale", "scaled", tuple(among), rest, everything)
    for i in among:
        yield from _of_one(layout, claimed, theta, i)
    yield from _groups(layout, claimed, theta, among)


def _of_one(layout: Layout, claimed: Vector, theta: Vector, index: int) -> Iterator[Hypothesis]:
    """One tensor rearranged, exchanged or scaled, the others right."""
    leaf = layout.leaves[index]
    part = claimed[leaf.where].reshape(leaf.shape)

    def with_part(new: Vector) -> Vector:
        fixed = claimed.copy()
        fixed[leaf.where] = new.ravel()
        return fixed

    if len(leaf.shape) == 2 and min(leaf.shape) > 1:
        yield Hypothesis("transposed", "transposed", (index,), with_part(part.reshape(leaf.shape[::-1]).T))
    if len(leaf.shape) == 4 and leaf.shape[-1] * leaf.shape[-2] > 1:
        yield Hypothesis("wrong", "flipped along its last two axes", (index,), with_part(part[..., ::-1, ::-1]))
    for other, twin in enumerate(layout.leaves):
        if other > index and twin.shape == leaf.shape and leaf.size > 1:
            fixed = with_part(claimed[twin.where])
            fixed[twin.where] = part.ravel()
            text = f"exchanged with that of `{twin.name}`"
            yield Hypothesis("wrong", text, (index, other), fixed)
    if part.any() and leaf.size > 1:
        only = np.zeros_like(claimed)
        only[leaf.where] = part.ravel()
        yield Hypothesis("scale", "scaled", (index,), claimed - only, only)
    if leaf.size > 1 and theta[leaf.where].any():
        yield Hypothesis("penalty", "parameter", (index,), claimed, _where(layout, theta, [index]))


def _groups(layout: Layout, claimed: Vector, theta: Vector, among: Sequence[int]) -> Iterator[Hypothesis]:
    """All biases scaled; a penalty over all weights, or over everything."""
    thin = [i for i in among if _is_thin(layout.leaves[i].shape)]
    thick = [i for i in among if i not in thin]
    for group in (thin, thick):
        part = _where(layout, claimed, group)
        if len(group) > 1 and part.any():
            yield Hypothesis(
                "bias" if group is thin and thick else "scale", "scaled", tuple(group), claimed - part, part
            )
    for group in (thick, list(among)):
        if len(group) > 1 or (group and layout.leaves[group[0]].size > 1):
            basis = _where(layout, theta, group)
            if basis.any():
                yield Hypothesis("penalty", "parameter", tuple(group), claimed, basis)
                yield Hypothesis("penalty", "sign", tuple(group), claimed, np.sign(basis))


def _is_thin(shape: tuple[int, ...]) -> bool:
    return sum(n > 1 for n in shape) < 2


def _where(layout: Layout, vector: Vector, group: Sequence[int]) -> Vector:
    out = np.zeros_like(vector)
    for i in group:
        out[layout.leaves[i].where] = vector[layout.leaves[i].where]
    return out
