"""Two factors between claims and references: the common one is that beside which one mistake explains the other."""

from __future__ import annotations

from collections.abc import Collection, Container, Sequence

import numpy as np

from bpdoctor.identify.families import Family
from bpdoctor.measure.fit import SAME_SCALE, Fit
from bpdoctor.measure.held import plain
from bpdoctor.measure.view import View


def explaining(
    view: View,
    reached: Collection[int],
    families: Sequence[Family],
    fits: Sequence[Fit | None],
    rate: float,
    sizes: Container[int] | None,
) -> float:
    """The common rate, or the other factor of two where only beside that the first comes of a single mistake.

    Notes
    -----
    A wrong factor is in one gradient, or enters an error on its way down: then all gradients that are made of that
    error have it, those nearest to the loss have not. Where either may be, the rate that the updates state is the
    common one; if the loss is computed, that is so whatever it takes, unless the factor is a number of samples.
    `reached` are the values that the loss is made of, `sizes` their dimensions if it is computed.
    """
    scales = {
        k: fitted.scale
        for k, (family, fitted) in enumerate(zip(families, fits, strict=True))
        if fitted is not None and fitted.matches and plain(family)
    }
    arrays = [k for k in scales if int(np.prod(families[k].shape)) > 1]
    others = [scales[k] for k in arrays if not _same(scales[k], rate)]
    if not others or not any(_same(scales[k], rate) for k in arrays):
        return rate
    other = others[0]
    if not all(_same(s, rate) or _same(s, other) for s in scales.values()):
        return rate
    stated = {_is_stated(families[k], s) for k, s in scales.items() if _same(s, other)} == {True}
    known = any(_is_stated(families[k], s) for k, s in scales.items() if _same(s, rate))
    times = max(abs(rate / other), abs(other / rate)) if rate and other else 0.0
    if sizes is not None and stated != known and not (_same(times, round(times)) and round(times) in sizes):
        return other if stated else rate
    errors = {k: view.backward(families[k]) - set(reached) for k in scales}
    mine, theirs = (_single([k for k, s in scales.items() if not _same(s, base)], errors) for base in (rate, other))
    if mine == theirs:
        return other if mine and stated and not known else rate
    return other if theirs else rate


def _is_stated(family: Family, scale: float) -> bool:
    """Whether a scale is what the update multiplies by, there or within: ``W += rate * d * x``."""
    claim = family.claims[0]
    known = [x for x in (claim.factor, *claim.scalars) if abs(x) != 1] or [claim.factor]
    return any(_same(abs(scale), abs(x)) for x in known)


def _single(off: Sequence[int], errors: dict[int, set[int]]) -> bool:
    """Whether one mistake gives all of these a factor: one gradient, or all that lie below an error."""
    right = [k for k in errors if k not in off]
    return len(off) == 1 or not any(_below(j, k, errors) for j in right for k in off)


def _below(j: int, k: int, errors: dict[int, set[int]]) -> bool:
    """Whether the error that one gradient is made of comes of that of another one."""
    shared = set().union(*(errors[i] for i in errors if i != k)) & errors[k]
    back = set().union(*(errors[i] for i in errors if i != j)) & errors[j]
    return bool(shared) and shared <= errors[j] and not back <= errors[k]


def _same(one: float, other: float) -> bool:
    return abs(one - other) <= SAME_SCALE * abs(one)
