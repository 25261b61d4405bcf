"""Check one row of the derivative table on one sample, element by element.

Two independent truths: central differences with Richardson extrapolation (which bring their own
error estimate) and, for analytic functions, the complex step (exact to rounding).
"""

from __future__ import annotations

import warnings
from itertools import pairwise
from typing import Any

import numpy as np

from bpdoctor.autodiff import PRIMITIVES, Sample, vjp

STEPS = 2.0 ** -np.arange(6.0, 11.0)  # powers of two: x + h is exact for most x

# not analytic (they branch on order, take moduli), or real by construction
NOT_ANALYTIC = frozenset(
    {
        "absolute",
        "fabs",
        "maximum",
        "minimum",
        "fmax",
        "fmin",
        "clip",
        "max",
        "min",
        "nanmax",
        "nanmin",
        "ptp",
    }
    | {
        "median",
        "quantile",
        "sort",
        "partition",
        "unique",
        "hypot",
        "var",
        "std",
        "linalg.norm",
        "vector-norm",
        "linalg.pinv",
    }
    | {"real", "vdot", "nan_to_num", "copysign", "nansum", "nanmean", "logsumexp", "softmax", "log_softmax"}
    | {"remainder", "fmod", "logaddexp", "logaddexp2", "float"}
)


def number(x: Any) -> bool:
    """Tell whether an operand holds floats, so that it can be perturbed."""
    return x is not None and np.asarray(x).dtype.kind == "f"


def total(name: str, sample: Sample, weights: Any) -> Any:
    """Return the weighted sum of a row's value."""
    row = PRIMITIVES[name]
    return np.sum(weights * np.asarray(row.function(*sample.operands, **sample.static)))


def shifted(sample: Sample, argnum: int, place: Any, step: complex) -> Sample:
    """Return the sample with one element of one operand moved."""
    x = sample.operands[argnum]
    if isinstance(x, float):
        moved: Any = x + step
    else:
        moved = np.array(x, dtype=np.result_type(x, type(step)))
        moved[place] += step
    operands = (*sample.operands[:argnum], moved, *sample.operands[argnum + 1 :])
    return Sample(operands, sample.static)


def richardson(name: str, sample: Sample, argnum: int, place: Any, weights: Any) -> tuple[float, float]:
    """Return the extrapolated central difference and an estimate of its error."""

    def central(h: float) -> float:
        up = total(name, shifted(sample, argnum, place, h), weights)
        down = total(name, shifted(sample, argnum, place, -h), weights)
        return float(up - down) / (2.0 * h)

    rows = [central(float(h)) for h in STEPS]
    best, error = rows[-1], np.inf
    for level in range(1, len(rows)):
        factor = 4.0**level
        rows = [(factor * b - a) / (factor - 1.0) for a, b in pairwise(rows)]
        change = abs(rows[-1] - best)
        if change < error:
            best, error = rows[-1], change
    return best, error + 1e-11


def complex_step(name: str, sample: Sample, argnum: int, place: Any, weights: Any) -> float | None:
    """Return the derivative by the complex step, or None where the function refuses complex numbers."""
    if name in NOT_ANALYTIC or not PRIMITIVES[name].differentiable:
        return None
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("error", np.exceptions.ComplexWarning)  # it dropped the imaginary part
            value = total(name, shifted(sample, argnum, place, 1e-40j), weights)
    except (TypeError, np.exceptions.ComplexWarning):
        return None
    return float(np.imag(value)) / 1e-40


def check_row(name: str, sample: Sample, rng: np.random.Generator) -> list[str]:
    """Return what is wrong with a row on a sample; an empty list is a pass."""
    row = PRIMITIVES[name]
    out = row.function(*sample.operands, **sample.static)
    if np.size(out) == 0:
        return []
    # a discrete value may be boolean; subtracting two of those is not a derivative of it
    weights = rng.uniform(0.5, 1.5, np.shape(out)) * rng.choice([-1.0, 1.0], np.shape(out))
    faults = []
    for argnum, x in enumerate(sample.operands):
        if not number(x):
            continue
        with np.errstate(all="ignore"):
            claimed = vjp(name, argnum, weights, out, sample.operands, sample.static)
        if claimed is not None and (np.shape(claimed) != np.shape(x) or np.asarray(claimed).dtype != float):
            faults.append(f"operand {argnum}: cotangent {np.shape(claimed)} for operand {np.shape(x)}")
            continue
        claimed = np.zeros(np.shape(x)) if claimed is None else np.asarray(claimed)
        for place in np.ndindex(*np.shape(x)):
            if np.isfinite(np.asarray(x)[place]):
                faults += check_element(name, sample, (argnum, place), weights, float(claimed[place]))
    return faults


def check_element(name: str, sample: Sample, at: tuple[int, Any], weights: Any, claimed: float) -> list[str]:
    """Compare one element of a cotangent with both truths."""
    faults = []
    difference, error = richardson(name, sample, *at, weights)
    if abs(claimed - difference) > 10.0 * error + 1e-8 * abs(difference):
        faults.append(f"operand {at}: {claimed} but differences give {difference} +- {error}")
    exact = complex_step(name, sample, *at, weights)
    if exact is not None and abs(claimed - exact) > 1e-11 * (1.0 + abs(exact)):
        faults.append(f"operand {at}: {claimed} but the complex step gives {exact}")
    return faults
