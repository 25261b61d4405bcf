"""Updates that are no multiple of their gradient by one common rate: the gradient they may be made from instead."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Any

import numpy as np

from bpdoctor.identify.families import Family
from bpdoctor.identify.rates import Rate
from bpdoctor.measure.fit import SAME_SCALE, Fit, fit

Found = tuple[Family, Fit | None]
Vote = tuple[int, float, bool, float]
"""How many entries, by what factor, whether the update says so, and how far it moves a number."""


def plain(family: Family) -> bool:
    """Whether the update is a constant times the gradient, without an optimiser in between."""
    return all(c.plain for c in family.claims)


def held(
    families: Sequence[Family],
    references: Sequence[Any | None],
    fits: Sequence[Fit | None],
    tolerances: Sequence[float],
    sizes: Container[int] | None = None,
) -> list[Found]:
    """The families, with another gradient that an update may be made from where its own does not agree.

    Notes
    -----
    An update rescaled by its own size agrees by a factor that no other has, and what it is made from by the
    factor that all have. One number, or one entry of an array, agrees with any, up to a factor: there only the
    factor of arrays counts.
    """
    first: list[Found] = list(zip(families, fits, strict=True))
    numbers = [k for k, r in enumerate(references) if r is not None and _is_number(r)]
    arrays = [k for k, r in enumerate(references) if r is not None and k not in numbers]
    out = list(first)
    for k in arrays:
        fitted = fits[k]
        if fitted is not None and not fitted.matches and not fitted.zero:
            out[k] = _agreeing(families[k], references[k], tolerances[k]) or first[k]
    common = rates(out, sizes)
    tried = list(out)
    # Constants that others with a decay left behind as well make no difference between two gradients.
    passed = [_constants(family) for family, (taken, _) in zip(families, out, strict=True) if taken is not family]
    for k in arrays:
        instead = _agreeing(families[k], references[k], tolerances[k]) if _off(out[k], common) else None
        if instead is not None and (_constants(families[k]) in passed or not _by_constants(out[k], instead)):
            tried[k] = instead
    common = rates(tried, sizes)
    out = [found if _off(other, common) else other for found, other in zip(out, tried, strict=True)]
    if all(found is was for found, was in zip(out, first, strict=True)):
        return first
    common = rates(out, sizes)
    for k in numbers:
        choices = [first[k], *_fitted(families[k], references[k], tolerances[k])]
        out[k] = next((c for c in choices if _agrees(c[1]) and not _off(c, common)), first[k])
    return out


def _is_number(reference: Any) -> bool:
    """Whether no more than one entry tells anything."""
    return np.size(reference) == 1 or np.count_nonzero(reference) == 1


def _fitted(family: Family, reference: Any, tolerance: float) -> list[Found]:
    return [(other, fit(other.change, reference, tolerance)) for other in family.others]


def _agreeing(family: Family, reference: Any, tolerance: float) -> Found | None:
    found = _fitted(family, reference, tolerance)
    return next(((other, fitted) for other, fitted in found if _agrees(fitted)), None)


def _agrees(fitted: Fit | None) -> bool:
    """Whether a gradient is a multiple of the true one, or both are zero."""
    return fitted is not None and (fitted.matches or fitted.zero)


def _off(found: Found, common: dict[bool, float]) -> bool:
    """Whether a gradient agrees with the reference, but not by the common factor."""
    family, fitted = found
    rate = common[plain(family)]
    return fitted is not None and fitted.matches and abs(fitted.scale - rate) > SAME_SCALE * abs(rate)


def _by_constants(found: Found, instead: Found) -> bool:
    """Whether nothing but constants that the update spells out lies between two gradients: rates, or an averaging."""
    (family, fitted), (_, other) = found, instead
    if fitted is None or other is None or not other.scale:
        return False
    stated = float(np.prod([r.factor for r in _constants(family)]))
    return abs(abs(fitted.scale / other.scale) - abs(stated)) <= SAME_SCALE * abs(stated)


def _constants(family: Family) -> list[Rate]:
    """What an update spells out, in one order."""
    return sorted(family.claims[0].stated, key=lambda rate: (rate.factor, rate.divided))


def rates(found: Sequence[Found], sizes: Container[int] | None = None) -> dict[bool, float]:
    """The factor between claim and reference that most entries share: learning rate times averaging.

    `sizes` are the dimensions of what is computed, where the loss is computed, too: then what the updates spell out is
    the rate where some have it and the others are off by no such number.
    """
    votes: dict[bool, list[Vote]] = {True: [], False: []}
    for family, fitted in found:
        if fitted is not None and fitted.matches:
            weight = int(np.prod(family.shape)) if family.shape else 1
            far = float(np.abs(family.change).max()) if weight == 1 else 0.0
            votes[plain(family)].append((weight if weight > 1 else 0, fitted.scale, _stated(family, fitted.scale), far))
    several = any(int(np.prod(f.shape)) > 1 for f, _ in found)
    out = {kind: _elect(v, several) for kind, v in votes.items()}
    if sizes is not None:
        out[True] = _spelled([(f, x) for f, x in found if plain(f)], out[True], sizes)
    return out


def _spelled(found: Sequence[Found], common: float, sizes: Container[int]) -> float:
    """The common factor, or the constant of all updates that those of some arrays have where nothing has the other."""
    scales = [(family, fitted.scale) for family, fitted in found if fitted is not None and fitted.matches]
    constants = [(family.claims[0].factor, *family.claims[0].scalars) for family, _ in scales]
    pairs = [(f, own) for (f, s), own in zip(scales, constants, strict=True) if _same(s, common)]
    if any(_stated(f, common) or any(_same(common, c) for c in own) for f, own in pairs):
        return common
    for family, scale in scales:
        times = common / scale if scale else 0.0
        number = max(times, 1 / times) if times > 0 else 0.0
        averaged = abs(number - round(number)) < 1e-6 * number and round(number) in sizes
        shared = all(any(_same(scale, c) for c in own) for own in constants)
        if int(np.prod(family.shape)) > 1 and shared and number and not averaged:
            return scale
    return common


def _same(one: float, other: float) -> bool:
    return abs(one - other) <= SAME_SCALE * abs(one)


def _stated(family: Family, scale: float) -> bool:
    """Whether a scale is the factor that the update spells out, but for the 2 of a square."""
    factor = family.claims[0].factor
    return any(abs(scale - k * factor) <= SAME_SCALE * abs(scale) for k in (1.0, 2.0, 0.5))


def _elect(votes: list[Vote], several: bool) -> float:
    """The scale with most support; single numbers, which fit any scale, do not decide where arrays could.

    Of scales that as many single numbers have, the one that their updates spell out counts.
    """
    if several and not any(weight for weight, *_ in votes):
        return 0.0
    best, support = 0.0, (-1, -1, -1, -1)
    for _, scale, _, _ in votes:
        same = [vote for vote in votes if abs(vote[1] - scale) <= 1e-4 * abs(scale)]
        weights = [weight for weight, *_ in same]
        backing = (sum(w > 0 for w in weights), sum(weights), len(same), sum(stated for _, _, stated, _ in same))
        if backing > support:
            # Saturation takes digits from the smallest: of numbers the one counts that moves farthest.
            best, support = max(same, key=lambda vote: (vote[0] > 0, vote[3]))[1], backing
    return best
