"""The door for a function of one number and its derivative, such as an activation."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from bpdoctor.blackbox.parameters import Array, Vector
from bpdoctor.blackbox.pointing import name_of, path_of
from bpdoctor.blackbox.reporting import environment, finding_of
from bpdoctor.blackbox.telling import factor
from bpdoctor.blackbox.trouble import Trouble
from bpdoctor.model.record import record
from bpdoctor.model.report import GradientResult, Parameter, Report, Status, Subject

STEPS = (1e-3, 1e-4)
GUARD = 8.0
LOOSE = 1e-6
"""Below this relative difference nothing is held against anybody: constants added for stability make it."""


def check_derivative(
    f: Callable[..., Any],
    df: Callable[..., Any],
    *,
    points: Any = None,
    domain: tuple[float, float] = (-3.0, 3.0),
    of: str = "input",
    seed: int = 0,
) -> Report:
    """Check the derivative of a function that works number by number.

    Parameters
    ----------
    f, df : callable
        The function and its claimed derivative; of arrays or of single numbers.
    points : array, optional
        Where to check; by default a grid over `domain` and some random points, where `f` is finite.
    domain : tuple of float
        Ends of the default grid.
    of : {"input", "output"}
        What `df` takes: x, or f(x) as in ``a * (1 - a)``.
    seed : int
        Seed of the random points.

    Returns
    -------
    Report

    Notes
    -----
    Central differences with two steps; their difference is the error estimate. At a kink anything between
    the two one-sided derivatives is right.

    Examples
    --------
    >>> import numpy as np
    >>> from bpdoctor import check_derivative
    >>> bool(check_derivative(np.tanh, lambda x: 1 - np.tanh(x) ** 2))
    True
    >>> print(check_derivative(np.tanh, lambda a: 1 - a**2).findings[0].message)
    `<lambda>` is the derivative of `tanh` in terms of its output, not of its input
    >>> bool(check_derivative(np.tanh, lambda a: 1 - a**2, of="output"))
    True
    """
    if of not in ("input", "output"):
        raise ValueError(f"of must be 'input' or 'output', not {of!r}")
    started = time.perf_counter()
    x = _points(points, domain, seed)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        slopes = _measured(_vectorised(f), x)
        claims = _vectorised(df)
        true = _vectorised(f)
        claimed = claims(true(x) if of == "output" else x)
        other = claims(x if of == "output" else true(x))
    return _report(f, df, x, claimed, other, slopes, of, seed, time.perf_counter() - started)


@record
class Measured:
    """What a derivative may be at each point: between `low` and `high`, give or take `error`."""

    low: Vector
    high: Vector
    error: Vector
    defined: Array

    def misses(self, claimed: Vector) -> Array:
        """Where a claim lies outside."""
        outside = np.maximum(self.low - claimed, claimed - self.high)
        slack = GUARD * self.error + LOOSE * np.maximum(np.abs(self.low), np.abs(self.high))
        return self.defined & ~(outside <= slack)


def _points(points: Any, domain: tuple[float, float], seed: int) -> Vector:
    if points is not None:
        return np.asarray(points, dtype=np.float64).ravel()
    low, high = domain
    rng = np.random.default_rng([seed, 2])
    return np.sort(np.concatenate([np.linspace(low, high, 25), rng.uniform(low, high, 24)]))


def _vectorised(f: Callable[..., Any]) -> Callable[[Vector], Vector]:
    """The function over an array, one number at a time where it takes no arrays."""

    def of_array(x: Vector) -> Vector:
        try:
            values = np.asarray(f(x.copy()), dtype=np.float64)
        except Exception:
            return np.array([_one(f, float(v)) for v in x])
        return values if values.shape == x.shape else np.array([_one(f, float(v)) for v in x])

    return of_array


def _one(f: Callable[..., Any], x: float) -> float:
    try:
        value = np.asarray(f(x), dtype=np.float64)
    except (ArithmeticError, ValueError):
        return np.nan
    return float(value.reshape(-1)[0]) if value.size == 1 else np.nan


def _measured(f: Callable[[Vector], Vector], x: Vector) -> Measured:
    """One-sided slopes with two steps each: where both sides agree, their middle is much better."""
    middle = f(x)
    ends = []
    for h in STEPS:
        t = h * np.maximum(1.0, np.abs(x))
        up, down = f(x + t), f(x - t)
        ends.append((t, up, down, (up - down) / (2 * t), (up - middle) / t, (middle - down) / t))
    (t, _, _, coarse, right0, left0), (s, up, down, fine, right, left) = ends
    noise = 4 * np.finfo(np.float64).eps * (np.abs(middle) + np.abs(up) + np.abs(down)) / s
    # A smooth function's one-sided slopes come together as the step shrinks; a kink's stay apart.
    gap, before = np.abs(right - left), np.abs(right0 - left0)
    kink = (gap > 0.5 * before) & (gap > 100 * noise)
    error = np.abs(coarse - fine) + noise
    low, high = np.where(kink, np.minimum(left, right), fine), np.where(kink, np.maximum(left, right), fine)
    error = np.where(kink, np.abs(right0 - right) + np.abs(left0 - left) + noise, error)
    # A kink within the larger step: the finer difference knows nothing of it, or everything.
    return Measured(low, high, error, np.isfinite(low) & np.isfinite(high) & np.isfinite(error))


def _report(
    f: Any, df: Any, x: Vector, claimed: Vector, other: Vector, slopes: Measured, of: str, seed: int, seconds: float
) -> Report:
    missed = slopes.misses(claimed)
    findings = []
    if missed.any():
        trouble = _trouble(f, df, x, claimed, other, slopes, missed, of)
        findings = [finding_of(trouble, df)]
    examined = bool(slopes.defined.any())
    zero = not np.any(claimed[slopes.defined]) if examined else False
    status: Status = "wrong" if findings else ("vacuous" if zero else "ok") if examined else "not-examined"
    gap = np.max(np.maximum(slopes.low - claimed, claimed - slopes.high), initial=0.0, where=slopes.defined)
    size = np.max(np.abs(slopes.high), initial=1e-300, where=slopes.defined)
    error = np.max(slopes.error, initial=0.0, where=slopes.defined)
    kind = "sick" if findings else "healthy" if examined else "inconclusive"
    name = name_of(df)
    return Report(
        path=path_of(df),
        kind="callables",
        verdict=kind,  # type: ignore[arg-type]
        subject=Subject((Parameter(name, (len(x),), None),)),
        gradients=(GradientResult(name, status, float(gap / size), float(error / size), None, None),),
        findings=tuple(findings),
        assumptions=_assumptions(x, slopes, of),
        cost={"seconds": round(seconds, 4), "forward_evaluations": 5},
        environment=environment(seed),
        reason="" if examined else f"`{name_of(f)}` is not finite at any of the points",
    )


def _assumptions(x: Vector, slopes: Measured, of: str) -> tuple[str, ...]:
    said = [f"`df` takes {'f(x)' if of == 'output' else 'x'}; compared at {int(slopes.defined.sum())} points"]
    kinks = x[slopes.defined & (slopes.high > slopes.low)]
    if kinks.size:
        told = ", ".join(f"{v:.4g}" for v in kinks[:3])
        said.append(f"at the kink {told} anything between the one-sided derivatives is right")
    return tuple(said)


def _trouble(
    f: Any, df: Any, x: Vector, claimed: Vector, other: Vector, slopes: Measured, missed: Array, of: str
) -> Trouble:
    """Say where it is wrong, and what it would be right for."""
    worst = np.flatnonzero(missed)[np.argsort(-np.abs(claimed - slopes.high)[missed], kind="stable")][:3]
    evidence = [f"x = {x[i]:.6g}: claimed {claimed[i]:.9g}, true {slopes.high[i]:.9g}" for i in sorted(worst)]
    evidence.append(f"wrong at {int(missed.sum())} of {int(slopes.defined.sum())} points")
    name, function = name_of(df), name_of(f)
    text = f"`{name}` is not the derivative of `{function}`"
    why = ""
    if not slopes.misses(other).any():
        there, here = ("output", "input") if of == "input" else ("input", "output")
        text = f"`{name}` is the derivative of `{function}` in terms of its {there}, not of its {here}"
        why = f'right where callers give it the {there}: then say `of="{there}"`'
    elif (k := _factor(claimed, slopes)) is not None:
        times = "the negative of" if factor(k) == "-1" else f"{factor(k)} times"
        text = f"`{name}` is {times} the derivative of `{function}`"
    return Trouble("derivative", text, tuple(evidence), why)


def _factor(claimed: Vector, slopes: Measured) -> float | None:
    """A constant between what is claimed and what is true."""
    smooth = slopes.defined & (slopes.low == slopes.high)
    true = slopes.high[smooth]
    norm = float(np.dot(true, true))
    k = float(np.dot(true, claimed[smooth]) / norm) if norm else 0.0
    return k if k and not slopes.misses(claimed / k).any() else None
