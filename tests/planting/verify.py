"""Verify a network's claimed gradients by central differences of its own forward pass; no autodiff."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tests.planting.markers import Network
from tests.planting.probe import Session, execute, instrument

COORDINATES = 24


@dataclass(frozen=True)
class Verdict:
    """The worst disagreement found at one step, relative to the gradient's size."""

    network: str
    visit: int
    worst: float
    limit: float
    checked: int
    size: float

    def __bool__(self) -> bool:
        return self.checked > 0 and self.size > 0 and self.worst <= self.limit


def _directions(sizes: list[int], seed: int) -> list[np.ndarray]:
    """Unit vectors (a sample of each tensor) and three dense directions."""
    rng = np.random.default_rng(seed)
    total, start, chosen = sum(sizes), 0, []
    for size in sizes:
        picks = rng.permutation(size)[: max(1, COORDINATES // max(1, len(sizes) // 4))]
        chosen += [start + int(i) for i in picks]
        start += size
    dense = [rng.standard_normal(total) for _ in range(3)]
    return [np.eye(1, total, i)[0] for i in chosen] + [d / np.linalg.norm(d) for d in dense]


def verify(network: Network, visit: int = 0, seed: int = 0) -> Verdict:
    """Compare gradients at the given training step."""
    code = instrument(network.text, network.specs, network.name)
    base = Session(visit)
    execute(code, base)
    if base.grad.size != base.theta.size:
        raise ValueError(f"{network.name}: {base.grad.size} gradients for {base.theta.size} parameters")
    steps = (3e-3, 1e-3) if base.single else (2e-5, 2e-6, 2e-7)

    def slope(direction: np.ndarray, h: float) -> float:
        pair = [Session(visit, sign * h * direction) for sign in (1, -1)]
        for session in pair:
            execute(code, session)
        return (pair[0].loss - pair[1].loss) / (2 * h)

    limit = 2e-2 if base.single else 2e-6
    size = float(np.abs(base.grad).max())
    worst = 0.0
    directions = _directions(base.sizes, seed)
    for direction in directions:
        gap = np.inf
        for h in steps:  # a smaller step only where a kink lies within the larger one
            numerical = (4 * slope(direction, h) - slope(direction, 2 * h)) / 3
            gap = min(gap, abs(numerical - float(base.grad @ direction)) / max(size, 1e-12))
            if gap <= limit:
                break
        worst = max(worst, gap)
    return Verdict(network.name, visit, worst, limit, len(directions), size)
