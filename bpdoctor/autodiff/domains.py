"""Where rows are tried: small arrays, Python floats and broadcast pairs drawn from an interval."""

from __future__ import annotations

from typing import Any

import numpy as np

from .registry import Domain, Sample

__all__ = ["binary", "case", "samples", "unary"]


def case(*operands: Any, **static: Any) -> Sample:
    """Describe one sample; a shape or the type `float` stands for numbers to be drawn."""
    return Sample(operands, static)


def samples(*cases: Sample, low: float = -2.0, high: float = 2.0) -> Domain:
    """Return a domain that fills the shapes of `cases` with numbers between `low` and `high`."""

    def draw(rng: np.random.Generator) -> list[Sample]:
        return [Sample(tuple(_draw(x, rng, low, high) for x in c.operands), c.static) for c in cases]

    return draw


def unary(low: float = -2.0, high: float = 2.0) -> Domain:
    """Return samples for an elementwise function of one operand."""
    return samples(case((3, 4)), case(()), case(float), case((0, 2)), low=low, high=high)


def binary(low: float = -2.0, high: float = 2.0) -> Domain:
    """Return samples for an elementwise function of two operands, with every kind of broadcasting."""
    return samples(
        case((2, 3), (2, 3)),
        case((2, 3), (3,)),
        case((2, 1), (1, 3)),
        case((3,), (2, 1, 1)),
        case(float, (2, 2)),
        case((2, 2), float),
        case(float, float),
        low=low,
        high=high,
    )


def _draw(x: Any, rng: np.random.Generator, low: float, high: float) -> Any:
    if x is float:
        return float(rng.uniform(low, high))
    if isinstance(x, tuple):
        return np.asarray(rng.uniform(low, high, x))
    return x
