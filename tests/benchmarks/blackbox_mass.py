"""(e) `check_gradients` on many right and many wrong gradients: false failures and misses, one line each."""

from __future__ import annotations

import sys
import warnings
from collections import Counter
from typing import Any

import numpy as np

from bpdoctor import Report, check_gradients
from tests.blackbox.problems import Problem, change, planted, problem

COUNT = 10_000
CLEAR = 1e-3
"""A planted error counts when it is at least this share of its tensor's largest entry, and above the resolution."""


def main(count: int = COUNT, first: int = 0) -> tuple[Counter[str], Counter[str]]:
    """Print both tallies."""
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        seed = first
        while sum(right.values()) < count or _counted(wrong) < count:
            p = problem(seed)
            seed += 1
            if not np.isfinite(p.loss(p.params)):
                continue
            report = check_gradients(p.loss, p.gradient, p.params, seed=seed)
            if sum(right.values()) < count:
                right[report.verdict] += 1
                if report.verdict == "sick":
                    print(f"false failure, seed {seed - 1}: {[f.message for f in report.findings]}")
            _plant(p, seed, report, wrong)
    print(f"\n(e) {sum(right.values())} right gradients: {_told(right)}; false failures: {right['sick']}")
    print(f"    {_counted(wrong)} planted errors above the resolution: {_told(wrong)}; missed: {wrong['healthy']}")
    print(f"    {wrong['below']} more were called healthy by a report that states a coarser resolution than the error")
    return right, wrong


def _plant(p: Problem, seed: int, right: Report, tally: Counter[str]) -> None:
    """Plant an error where the right gradient was certified sharply enough to see it."""
    if right.verdict != "healthy":
        return
    what, gradient = planted(p, seed)
    sharp = {g.parameter: g.error_estimate for g in right.gradients if g.status == "ok"}
    seen = [
        gap >= max(CLEAR, estimate) * largest > 0
        for name, (gap, largest) in change(p, gradient).items()
        if (estimate := sharp.get(name)) is not None
    ]
    if not any(seen):
        return
    report = check_gradients(p.loss, gradient, p.params, seed=seed)
    if report.verdict == "healthy" and _below(report, p, gradient):
        # Examined elsewhere, beside a kink or in more noise, and this report says itself how little it saw.
        tally["below"] += 1
        return
    tally[report.verdict] += 1
    if report.verdict == "healthy":
        print(f"missed, seed {seed - 1}: {what} ({p.form})")


def _counted(tally: Counter[str]) -> int:
    return sum(tally.values()) - tally["below"]


def _below(report: Report, p: Problem, gradient: Any) -> bool:
    """Whether the error is below what the report itself states that it would have seen, or not have examined."""
    stated = {g.parameter: (g.error_estimate or 0.0) if g.status == "ok" else np.inf for g in report.gradients}
    return all(gap < stated[name] * largest for name, (gap, largest) in change(p, gradient).items() if gap)


def _told(tally: Counter[str]) -> str:
    return ", ".join(f"{tally[v]} {v}" for v in ("healthy", "sick", "inconclusive") if tally[v])


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
