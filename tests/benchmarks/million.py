"""(c) All gradients of a network of 10^6 weights, in units of one forward pass of its own code."""

from __future__ import annotations

import json
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks import with_torch
from tests.benchmarks.table import PROGRAMS, ROOT, alternately, clock, seconds, show, times, within

PROGRAM = PROGRAMS / "million.py"
EVALUATIONS, TIME, MEMORY = 20, 100.0, 20.0
MEASURE = """\
import json, resource, sys, time
from bpdoctor.pipeline import check_path
check_path(sys.argv[1])
before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
began = time.perf_counter()
report = check_path(sys.argv[2])
spent = time.perf_counter() - began
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
statuses = [g.status for g in report.gradients]
evaluations = report.cost.get("forward_evaluations", 0)
verdict = f"{report.verdict} {report.reason}".strip()
json.dump([spent, (peak - before) * 1024, evaluations, verdict, statuses], sys.stdout)
"""
"""Checks a trivial program first: what it takes, imports and child, is the start-up, taken off the memory."""


def main() -> None:
    """Check the program, then what the usual ways of checking it would take."""
    net = runpy.run_path(str(PROGRAM))
    W, b = net["initial"]()
    x, y = net["data"]()
    activations, p = net["forward"](W, b, x)
    weights = sum(w.size for w in (*W, *b))
    size = sum(v.nbytes for v in (*W, *b, *activations, p))

    def forward() -> object:
        return net["cross_entropy"](net["forward"](W, b, x)[1], y)

    (one,) = alternately([forward], 30)
    spent, peak, evaluations, verdict, statuses = _checked()
    own = _plain_run()
    print(f"\n{weights} weights; one forward pass {seconds(one)}; verdict {verdict}, gradients {statuses}")
    rows = [
        [
            "whole check, child's start-up apart",
            seconds(spent),
            times(spent / one),
            within(spent / one, TIME),
        ],
        [
            "the same without the program's own steps",
            seconds(spent - own),
            times((spent - own) / one),
            within((spent - own) / one, TIME),
        ],
        [
            "evaluations of the forward pass",
            str(evaluations),
            "",
            f"1 to {EVALUATIONS}: {'kept' if 0 < evaluations <= EVALUATIONS else 'MISSED'}",
        ],
        [
            "peak memory over parameters + activations",
            f"{peak / 2**20:.0f} of {size / 2**20:.0f} MiB",
            times(peak / size),
            within(peak / size, MEMORY),
        ],
    ]
    if verdict != "healthy":
        rows = [[*row[:-1], "MISSED: not examined"] for row in rows]
    show("(c) bpdoctor check", ["", "measured", "forward passes", "budget"], rows)
    others = [*_differences(net, one, weights), *with_torch.rows(W, b, x, y, one)]
    show("(c) other ways to check the same gradients", ["", "time", "forward passes", "how known"], others)


def _checked() -> tuple[float, float, int, str, list[str]]:
    with tempfile.TemporaryDirectory() as folder:
        trivial = Path(folder) / "trivial.py"
        trivial.write_text("import numpy\n", encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-c", MEASURE, str(trivial), str(PROGRAM)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    spent, peak, evaluations, verdict, statuses = json.loads(done.stdout)
    return spent, peak, evaluations, verdict, statuses


def _plain_run() -> float:
    """The program's own steps, without its start."""
    net = runpy.run_path(str(PROGRAM))
    sys.stdout.flush()
    with tempfile.TemporaryFile("w") as sink:
        saved, sys.stdout = sys.stdout, sink
        try:
            return clock(lambda: net["train"](net["STEPS"]))
        finally:
            sys.stdout = saved


def _differences(net: dict[str, Any], one: float, weights: int) -> list[list[str]]:
    from scipy.optimize import check_grad

    function, gradient, start = _flat(net)
    along = clock(lambda: check_grad(function, gradient, start, direction="random", rng=0))
    return [
        ["central differences, every weight", seconds(2 * weights * one), times(2 * weights), "extrapolated"],
        ["scipy.optimize.check_grad, every weight", seconds(weights * one), times(weights), "extrapolated"],
        ["scipy.optimize.check_grad, one direction", seconds(along), times(along / one), "measured"],
    ]


Vector = np.ndarray[Any, np.dtype[np.float64]]


def _flat(net: dict[str, Any]) -> tuple[Callable[[Vector], float], Callable[[Vector], Vector], Vector]:
    """Loss and gradient as functions of one vector, as scipy wants them."""
    W, b = net["initial"]()
    x, y = net["data"]()
    shapes = [v.shape for v in (*W, *b)]
    ends = np.cumsum([v.size for v in (*W, *b)])[:-1]

    def parts(theta: Vector) -> tuple[list[Any], list[Any]]:
        pieces = [v.reshape(s) for v, s in zip(np.split(theta, ends), shapes, strict=True)]
        return pieces[: len(W)], pieces[len(W) :]

    def function(theta: Vector) -> float:
        return float(net["cross_entropy"](net["forward"](*parts(theta), x)[1], y))

    def gradient(theta: Vector) -> Vector:
        weights, biases = parts(theta)
        a, p = net["forward"](weights, biases, x)
        dW, db = net["backward"](weights, a, p, y)
        return np.concatenate([v.ravel() for v in (*dW, *db)])

    return function, gradient, np.concatenate([v.ravel() for v in (*W, *b)])
