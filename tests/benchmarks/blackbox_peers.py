"""What other checkers make of the same gradients, where they are installed and end within minutes."""

from __future__ import annotations

import importlib
import importlib.util
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from tests.benchmarks.table import times

PATIENCE = 60.0
"""Seconds; what would take longer, by its number of evaluations, is not run."""


def rows(loss: Any, right: Any, params: Any, one: float, planted: Mapping[str, Any]) -> list[list[str]]:
    """One row for each peer and planted error."""
    found = []
    ends = np.cumsum([p.size for p in params])
    shapes = [p.shape for p in params]
    start = np.concatenate([p.ravel() for p in params])

    def parts(theta: Any) -> list[Any]:
        return [v.reshape(s) for v, s in zip(np.split(theta, ends[:-1]), shapes, strict=True)]

    for name, peer, cost in _peers(start.size):
        for what, gradient in planted.items():
            if cost * one > PATIENCE:
                found.append([name, what, f"{cost}", times(cost), "not run: too long"])
                continue
            calls = [0]

            def counted(theta: Any, calls: list[int] = calls) -> Any:
                calls[0] += 1
                return loss(parts(theta))

            def flat(theta: Any, gradient: Any = gradient) -> Any:
                return np.concatenate([np.ravel(g) for g in gradient(parts(theta))])

            began = time.perf_counter()
            told = peer(counted, flat, start)
            found.append([name, what, str(calls[0]), times((time.perf_counter() - began) / one), told])
    return found


Peer = Callable[[Any, Any, Any], str]


def _peers(size: int) -> Iterator[tuple[str, Peer, int]]:
    """Name, how to ask it, and about how many evaluations it makes."""
    yield "scipy.optimize.check_grad, all", _check_grad_all, size + 1
    yield "scipy.optimize.check_grad, random", _check_grad_random, 2
    if importlib.util.find_spec("autograd") is not None:
        yield "autograd.test_util.check_grads", _autograd, 4
    if importlib.util.find_spec("numdifftools") is not None:
        yield "numdifftools.Gradient", _numdifftools, 30 * size


def _check_grad_all(loss: Any, gradient: Any, start: Any) -> str:
    optimize = importlib.import_module("scipy.optimize")
    return f"{optimize.check_grad(loss, gradient, start):.2g}, a number to interpret"


def _check_grad_random(loss: Any, gradient: Any, start: Any) -> str:
    optimize = importlib.import_module("scipy.optimize")
    return f"{optimize.check_grad(loss, gradient, start, direction='random', rng=0):.2g}, a number to interpret"


def _autograd(loss: Any, gradient: Any, start: Any) -> str:
    """Its test of a vjp that was written by hand, in reverse mode and first order."""
    extend = importlib.import_module("autograd.extend")
    util = importlib.import_module("autograd.test_util")
    function = extend.primitive(loss)
    extend.defvjp(function, lambda ans, theta: lambda g: g * gradient(theta))
    np.random.seed(0)
    try:
        util.check_grads(function, modes=["rev"], order=1)(start)
    except AssertionError as error:
        return str(error).splitlines()[0][:60]
    return "passes"


def _numdifftools(loss: Any, gradient: Any, start: Any) -> str:
    numdifftools = importlib.import_module("numdifftools")
    true = numdifftools.Gradient(loss)(start)
    return f"largest difference {np.max(np.abs(true - gradient(start))):.2g}, to be compared by hand"
