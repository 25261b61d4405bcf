"""(d) `check_gradients` beside its peers: a perceptron, float64, 16 samples, 10^3 to 10^6 parameters."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from bpdoctor import Report, check_gradients
from tests.benchmarks import blackbox_peers
from tests.benchmarks.table import alternately, seconds, show, times
from tests.blackbox.networks import Gradient, altered, median_entry, perceptron

SIZES = {"1e3": (30, 22, 10), "1e4": (80, 100, 18, 10), "1e5": (200, 400, 45, 10), "1e6": (784, 1000, 214, 10)}
BUDGETS = {
    # what is planted: evaluations with and without complex step, forward passes of time (0: no budget)
    "right": (8, 8, 60),
    "median entry 1 %": (24, 80, 300),
    "largest entry 1 %": (24, 80, 300),
    "ten entries 1 %": (100, 350, 0),
    "missing 1/N": (12, 12, 0),
    "transposed": (12, 12, 0),
}
ROUNDS = 3


def main(sizes: Sequence[str] = ()) -> None:
    """Print a table a size, and the peers' under it."""
    for name in sizes or SIZES:
        loss, gradient, params = perceptron(SIZES[name])
        one = alternately([lambda loss=loss, params=params: loss(params)], 20)[0]
        count = sum(p.size for p in params)
        rows = []
        for what, wrong in _planted(gradient, params).items():
            for complex_step in (None, False):
                rows.append(_row(what, loss, wrong, params, one, complex_step))
        head = ["planted", "slopes", "evaluations", "budget", "forward passes", "budget", "told"]
        show(f"(d) {count} parameters, one forward pass {seconds(one)}: check_gradients", head, rows)
        theirs = blackbox_peers.rows(loss, gradient, params, one, _planted(gradient, params))
        show(f"(d) {count} parameters: peers", ["", "planted", "evaluations", "forward passes", "told"], theirs)


def _planted(gradient: Gradient, params: list[Any]) -> dict[str, Gradient]:
    true = gradient(params)
    largest = tuple(int(i) for i in np.unravel_index(int(np.argmax(np.abs(true[0]))), true[0].shape))
    ten = np.random.default_rng(3).choice(true[0].size, 10, replace=False)

    def scaled(at: Any) -> Callable[[list[Any]], None]:
        return lambda g: g[0].__setitem__(at, 1.01 * g[0][at])

    def transpose(g: list[Any]) -> None:
        g[2] = np.ascontiguousarray(g[2].T).reshape(g[2].shape)

    def not_divided(g: list[Any]) -> None:
        g[:] = [16 * v for v in g]

    return {
        "right": gradient,
        "median entry 1 %": altered(gradient, scaled(median_entry(true[0]))),
        "largest entry 1 %": altered(gradient, scaled(largest)),
        "ten entries 1 %": altered(gradient, scaled(np.unravel_index(ten, true[0].shape))),
        "missing 1/N": altered(gradient, not_divided),
        "transposed": altered(gradient, transpose),
    }


def _row(what: str, loss: Any, gradient: Gradient, params: Any, one: float, complex_step: bool | None) -> list[str]:
    spent, report = [], None
    for _ in range(ROUNDS):
        began = time.perf_counter()
        report = check_gradients(loss, gradient, params, complex_step=complex_step)
        spent.append(time.perf_counter() - began)
    assert report is not None
    budget = BUDGETS[what][0 if complex_step is None else 1]
    evaluations = int(report.cost["forward_evaluations"])
    passes, limit = min(spent) / one, BUDGETS[what][2]
    return [
        what,
        "complex step" if complex_step is None else "differences",
        str(evaluations),
        f"<= {budget}: {'kept' if evaluations <= budget else 'EXCEEDED'}",
        times(passes),
        f"<= {limit}: {'kept' if passes <= limit else 'EXCEEDED'}" if limit else "",
        _told(report),
    ]


def _told(report: Report) -> str:
    if report:
        return "healthy"
    first = report.findings[0] if report.findings else None
    if first is None:
        return report.reason
    numbers = f"; {first.evidence[0]}" if first.evidence and "claimed" in first.evidence[0] else ""
    return first.message + numbers
