"""Known ways for a whole gradient to be wrong, tried on slopes that were measured already: no further evaluation.

A hypothesis says that the true gradient is `fixed + c·basis` for an unknown number c (or none). The slopes
along two or more directions then fix c and contradict everything that is not so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from bpdoctor.blackbox.directions import Direction
from bpdoctor.blackbox.parameters import Layout, Vector
from bpdoctor.blackbox.trouble import Kind
from bpdoctor.model.record import record

CLEAR = 1e-3
"""A name is given only where the difference stands this far above what cannot be told apart."""


@record
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


Parts = Mapping[int, Vector]
"""Pieces of a vector by the number of their leaf; it is as claimed, or 0, everywhere else."""


@record
class Hypothesis:
    """What the true gradient would be: as claimed but for the leaves `changed`, and c times `basis` besides."""

    kind: Kind
    text: str
    leaves: tuple[int, ...]
    changed: Parts
    basis: Parts | None = None


class Held:
    """A hypothesis held against draws. Only the leaves that it speaks of are looked at."""

    def __init__(self, hypothesis: Hypothesis, layout: Layout, claimed: Vector, draws: Sequence[Draw]) -> None:
        self.hypothesis, self.layout, self.claimed, self.draws = hypothesis, layout, claimed, draws
        self.without = [d.claimed + self._along(d, hypothesis.changed, instead=True) for d in draws]
        self.seen = None if hypothesis.basis is None else [self._along(d, hypothesis.basis) for d in draws]

    def _along(self, draw: Draw, parts: Parts, *, instead: bool = False) -> float:
        """The slope that these parts add along a direction, less what is claimed there if they stand `instead`."""
        total = 0.0
        for i, part in parts.items():
            where = self.layout.leaves[i].where
            total += draw.direction.along(where, part)
            total -= draw.direction.along(where, self.claimed[where]) if instead else 0.0
        return total

    def factor(self) -> float | None:
        """The number c, from all draws together; None for a basis that none of them sees."""
        if self.seen is None:
            return 0.0
        left = [d.slope - without for d, without in zip(self.draws, self.without, strict=True)]
        norm = float(np.dot(self.seen, self.seen))
        return float(np.dot(self.seen, left) / norm) if norm else None

    def explains(self, c: float) -> bool:
        """Whether every slope is as predicted, up to rounding."""
        seen = self.seen or [0.0] * len(self.draws)
        slack = 1 + abs(c if self.seen is not None else 1)
        return all(
            abs(without + c * along - d.slope) <= d.threshold * slack
            for d, without, along in zip(self.draws, self.without, seen, strict=True)
        )

    def relative(self, c: float, nothing: float) -> float:
        """How far claim and truth are apart in the worst leaf, relative to the larger of the two, where they differ."""
        changed, basis = self.hypothesis.changed, self.hypothesis.basis or {}
        worst = 0.0
        for i in {**changed, **basis}:
            claimed = self.claimed[self.layout.leaves[i].where]
            true = changed.get(i, claimed) + (c * basis[i] if i in basis else 0.0)
            apart = claimed != true
            parts = ((claimed - true)[apart], claimed[apart], true[apart])
            gap, one, other = (float(np.sqrt(np.dot(part, part))) for part in parts)
            worst = max(worst, gap / max(one, other) if gap > nothing else 0.0)
        return worst


def explained(
    candidates: Iterator[Hypothesis], layout: Layout, claimed: Vector, draws: Sequence[Draw]
) -> Hypothesis | None:
    """The first hypothesis that agrees with all draws; they must contradict the gradient as claimed clearly."""
    for hypothesis in candidates:
        held = Held(hypothesis, layout, claimed, draws)
        c = held.factor()
        if c is not None and np.isfinite(c) and held.explains(c):
            return hypothesis
    return None


def hypotheses(layout: Layout, claimed: Vector, theta: Vector, among: Sequence[int]) -> Iterator[Hypothesis]:
    """All that is tried, the simplest first; only the leaves `among` may be wrong."""
    everything = _parts(layout, claimed, among)
    if any(part.any() for part in everything.values()):
        yield Hypothesis("scale", "scaled", tuple(among), _nothing(everything), everything)
    for i in among:
        yield from _of_one(layout, claimed, theta, i)
    yield from _groups(layout, claimed, theta, among)


def _of_one(layout: Layout, claimed: Vector, theta: Vector, index: int) -> Iterator[Hypothesis]:
    """One tensor rearranged, exchanged or scaled, the others right."""
    leaf = layout.leaves[index]
    part = claimed[leaf.where].reshape(leaf.shape)
    if len(leaf.shape) == 2 and min(leaf.shape) > 1:
        turned = part.reshape(leaf.shape[::-1]).T
        yield Hypothesis("transposed", "transposed", (index,), {index: turned.ravel()})
    if len(leaf.shape) == 4 and leaf.shape[-1] * leaf.shape[-2] > 1:
        flipped = part[..., ::-1, ::-1]
        yield Hypothesis("wrong", "flipped along its last two axes", (index,), {index: flipped.ravel()})
    for other, twin in enumerate(layout.leaves):
        if other > index and twin.shape == leaf.shape and leaf.size > 1:
            text = f"exchanged with that of `{twin.name}`"
            yield Hypothesis("wrong", text, (index, other), {index: claimed[twin.where], other: part.ravel()})
    only = _parts(layout, claimed, [index])
    if part.any() and leaf.size > 1:
        yield Hypothesis("scale", "scaled", (index,), _nothing(only), only)
    if leaf.size > 1 and theta[leaf.where].any():
        yield Hypothesis("penalty", "parameter", (index,), {}, _parts(layout, theta, [index]))


def _groups(layout: Layout, claimed: Vector, theta: Vector, among: Sequence[int]) -> Iterator[Hypothesis]:
    """All biases scaled; a penalty over all weights, or over everything."""
    thin = [i for i in among if _is_thin(layout.leaves[i].shape)]
    thick = [i for i in among if i not in thin]
    for group in (thin, thick):
        parts = _parts(layout, claimed, group)
        if len(group) > 1 and any(part.any() for part in parts.values()):
            kind: Kind = "bias" if group is thin and thick else "scale"
            yield Hypothesis(kind, "scaled", tuple(group), _nothing(parts), parts)
    for group in (thick, list(among)):
        if len(group) > 1 or (group and layout.leaves[group[0]].size > 1):
            basis = _parts(layout, theta, group)
            if any(part.any() for part in basis.values()):
                yield Hypothesis("penalty", "parameter", tuple(group), {}, basis)
                signs = {i: np.sign(part) for i, part in basis.items()}
                yield Hypothesis("penalty", "sign", tuple(group), {}, signs)


def _is_thin(shape: tuple[int, ...]) -> bool:
    return sum(n > 1 for n in shape) < 2


def _parts(layout: Layout, vector: Vector, group: Sequence[int]) -> dict[int, Vector]:
    return {i: vector[layout.leaves[i].where] for i in group}


def _nothing(parts: Parts) -> dict[int, Vector]:
    """Zeros, which take no memory, in place of these parts."""
    return {i: np.broadcast_to(0.0, part.shape) for i, part in parts.items()}
