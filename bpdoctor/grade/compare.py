"""Compare a claimed gradient with the true one and name how it is wrong."""

from __future__ import annotations

from typing import Any

import numpy as np

from bpdoctor.grade.protocol import Array
from bpdoctor.model.record import record

TEXTS = {
    "missing": ("nothing was returned for it", "the result has no array at this place"),
    "wrong-shape": (
        "it has another shape than what it is the gradient of",
        "check which axes are summed or multiplied",
    ),
    "transposed": ("it is transposed", "the two factors of the product are in the wrong order"),
    "not-finite": ("it has NaN or infinite entries", "look for a division by zero, a logarithm of zero or an overflow"),
    "zero": ("it is zero everywhere", "the gradient from above does not reach it"),
    "sign": ("it has the wrong sign", "a minus sign is missing or one too many"),
    "scale": ("it is a constant multiple of the right one", "an average where a sum is needed, or the reverse"),
    "rows": ("some samples are right, others wrong", "what is wrong depends on the input: look at the masks"),
    "wrong": ("its values are wrong", ""),
}


@record
class Verdict:
    """The outcome for one array; `slug` is empty where it is right."""

    slug: str
    near: bool = False
    """Right, but with the error pattern of finite differences."""


def compare(claimed: Any, truth: Array, tolerance: float, exact: bool) -> Verdict:
    """Return what is wrong with a claim. NaN entries of `truth` are not known and not looked at."""
    with np.errstate(all="ignore"):
        return _verdict(claimed, truth, tolerance, exact)


def whole(value: Any) -> Any:
    """Rows that stand in a list as one array; anything else as it is."""
    if not isinstance(value, list) or not value:
        return value
    rows = [whole(v) for v in value]
    known = all(isinstance(v, np.ndarray | int | float) and not isinstance(v, bool) for v in rows)
    return np.array(rows) if known and len({np.shape(v) for v in rows}) == 1 else value


def _verdict(claimed: Any, truth: Array, tolerance: float, exact: bool) -> Verdict:
    claimed = whole(claimed)
    if not isinstance(claimed, np.ndarray | int | float) or isinstance(claimed, bool):
        return Verdict("missing")
    array = np.asarray(claimed)
    if array.dtype.kind not in "iuf":
        return Verdict("missing")
    if truth.shape == () and array.size == 1:
        array = array.reshape(())
    if array.shape != truth.shape:
        turned = array.ndim == 2 and array.T.shape == truth.shape and not _differs(array.T, truth, tolerance)
        return Verdict("transposed" if turned else "wrong-shape")
    if not np.isfinite(array).all():
        return Verdict("not-finite")
    if not _differs(array, truth, tolerance):
        return Verdict("", exact and _looks_measured(array, truth))
    return Verdict(_named(array.astype(float), truth, tolerance))


def _differs(array: Array, truth: Array, tolerance: float) -> bool:
    known = ~np.isnan(truth)
    if not np.isfinite(array).all():
        return True
    size = float(np.max(np.abs(truth[known]), initial=0.0))
    error = float(np.max(np.abs(array[known] - truth[known]), initial=0.0))
    return error > tolerance * max(size, 1e-8)


def _named(array: Array, truth: Array, tolerance: float) -> str:
    if not array.any():
        return "zero"
    if not _differs(-array, truth, tolerance):
        return "sign"
    known = ~np.isnan(truth)
    square = float(np.sum(array[known] ** 2))
    factor = float(np.sum(array[known] * truth[known])) / square if square else 0.0
    if factor and truth.size > 1 and not _differs(factor * array, truth, tolerance):
        return "scale"
    if array.ndim == 2 and array.shape[0] == array.shape[1] and not _differs(array.T, truth, tolerance):
        return "transposed"
    if array.ndim == 2 and len(array) > 2:
        right = [not _differs(a, t, tolerance) for a, t in zip(array, truth, strict=True)]
        if 2 * sum(right) > len(right):
            return "rows"
    return "wrong"


def _looks_measured(array: Array, truth: Array) -> bool:
    """Finite differences leave an error of 1e-11 or more on most entries; a formula does not, unless in float32."""
    if array.dtype.itemsize < 8 or np.array_equal(array, array.astype(np.float32)):
        return False
    size = float(np.max(np.abs(truth), initial=0.0))
    return bool(size and np.median(np.abs(array - truth)) > 1e-12 * size)
