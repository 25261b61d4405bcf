"""Einstein summation: repeated indices, diagonals, ellipses and size-one broadcasting."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from ..domains import case, samples
from ..registry import primitive

SPARE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@lru_cache(maxsize=512)
def explicit(subscripts: str, ndims: tuple[int, ...]) -> tuple[tuple[str, ...], str]:
    """Return one string of labels for each operand and for the result, without ellipsis or implied output."""
    subscripts = subscripts.replace(" ", "")
    left, arrow, result = subscripts.partition("->")
    terms = left.split(",")
    spare = [c for c in SPARE if c not in subscripts]
    widths = [n - len(t.replace("...", "")) if "..." in t else 0 for t, n in zip(terms, ndims, strict=True)]
    dots = "".join(spare[: max(widths)])
    if not arrow:
        named = left.replace(",", "").replace("...", "")
        once = "".join(sorted(c for c in set(named) if named.count(c) == 1))
        result = ("..." if "..." in left else "") + once
    full = tuple(t.replace("...", dots[len(dots) - w :]) for t, w in zip(terms, widths, strict=True))
    return full, result.replace("...", dots)


def pull_einsum(k: int, g: Any, operands: Sequence[Any], subscripts: str) -> Any:
    """Return the cotangent of operand `k`: the same sum with g in its place."""
    terms, result = explicit(subscripts, tuple(np.ndim(x) for x in operands))
    mine = "".join(dict.fromkeys(terms[k]))  # repeated labels once
    sizes = dict(zip(terms[k], np.shape(operands[k]), strict=True))
    others = [i for i in range(len(operands)) if i != k]
    available = set(result).union(*(terms[i] for i in others))
    reached = "".join(c for c in mine if c in available)
    inputs = ",".join([result, *(terms[i] for i in others)])
    value = np.einsum(f"{inputs}->{reached}", g, *(operands[i] for i in others), optimize=True)
    # labels that only this operand has were summed away: every element got the same cotangent
    value = np.reshape(value, [value.shape[reached.index(c)] if c in reached else 1 for c in mine])
    stretched = tuple(i for i, c in enumerate(mine) if sizes[c] == 1 and value.shape[i] != 1)
    value = np.sum(value, axis=stretched, keepdims=True) if stretched else value
    value = np.broadcast_to(value, [sizes[c] for c in mine])
    if mine == terms[k]:
        return value
    whole = np.zeros(np.shape(operands[k]))
    np.einsum(f"{terms[k]}->{mine}", whole)[...] = value  # a writable view of the diagonal
    return whole


def _einsum(*operands: Any, subscripts: str) -> Any:
    return np.einsum(subscripts, *operands)


primitive(
    "einsum",
    _einsum,
    variadic=lambda k, g, out, *operands, subscripts: pull_einsum(k, g, operands, subscripts),
    domain=samples(
        case((2, 3), (3, 4), subscripts="ij,jk->ik"),
        case((2, 3), (3, 4), subscripts="ij,jk"),
        case((2, 3), subscripts="ij->j"),
        case((2, 3), subscripts="ji"),
        case((3, 3), subscripts="ii"),
        case((3, 3), subscripts="ii->i"),
        case((2, 2, 3), (2, 3, 2), subscripts="...ij,...jk->...ik"),
        case((2, 2, 3), (3, 2), subscripts="...ij,jk->...ik"),
        case((2, 2, 3), (2, 1), (3,), subscripts="b...i,b...,i->b..."),
        case((2, 3), (1, 3), subscripts="ij,ij->i"),
        case((2, 3), (2,), subscripts="ij,k->i"),
        case((2, 3, 4), (2, 3, 4), subscripts="nij, nij ->"),
        case((2,), (3,), (4,), subscripts="i,j,k->kij"),
        case((2, 2, 3), (2,), subscripts="iij,i->j"),
    ),
)
