"""What other checkers make of the same gradients, where they are installed and end within minutes."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

from tests.benchmarks.table import times

PATIENCE = 60.0
"""Seconds; what would take longer, by its number of evaluations, is not run."""
JACOBIAN = "scipy.differentiate.jacobian"
QUADRATIC = frozenset({JACOBIAN})
LARGEST = 2000
"""Parameters of a peer that holds all points at which it evaluates at once, each of them whole."""


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
            if cost * one > PATIENCE or (name in QUADRATIC and start.size > LARGEST):
                why = "too long" if cost * one > PATIENCE else "too much memory"
                found.append([name, what, f"{cost}", times(cost), f"not run: {why}"])
                continue
            calls = [0]

            def counted(theta: Any, calls: list[int] = calls) -> Any:
                calls[0] += 1
                return loss(parts(theta))

            def flat(theta: Any, gradient: Any = gradient) -> Any:
                return np.concatenate([np.ravel(g) for g in gradient(parts(theta))])

            began = time.perf_counter()
            try:
                with _limited(PATIENCE):
                    told = peer(counted, flat, start)
            except TimeoutError:
                told = f"not finished in {PATIENCE:g} s"
            found.append([name, what, str(calls[0]), times((time.perf_counter() - began) / one), told])
    return found


@contextlib.contextmanager
def _limited(seconds: float) -> Iterator[None]:
    """Stop what takes longer: a fast mode that fails goes on to the slow one."""

    def late(*_: Any) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


Peer = Callable[[Any, Any, Any], str]


def _peers(size: int) -> Iterator[tuple[str, Peer, int]]:
    """Name, how to ask it, and about how many evaluations it makes."""
    yield "scipy.optimize.check_grad, all", _check_grad_all, size + 1
    yield "scipy.optimize.check_grad, random", _check_grad_random, 2
    yield JACOBIAN, _jacobian, 10 * size
    there = {
        name for name in ("torch", "jax", "autograd", "numdifftools") if importlib.util.find_spec(name) is not None
    }
    for name in there:
        importlib.import_module(name)  # a peer is not held to what its import takes
    if "torch" in there:
        yield "torch.autograd.gradcheck, fast", partial(_gradcheck, fast=True), 14
        yield "torch.autograd.gradcheck, slow", partial(_gradcheck, fast=False), 2 * size
    if "jax" in there:
        yield "jax.test_util.check_grads", _jax, 4
    if "autograd" in there:
        yield "autograd.test_util.check_grads", _autograd, 4
    if "numdifftools" in there:
        yield "numdifftools.Gradient", _numdifftools, 30 * size


def _check_grad_all(loss: Any, gradient: Any, start: Any) -> str:
    optimize = importlib.import_module("scipy.optimize")
    return f"{optimize.check_grad(loss, gradient, start):.2g}, a number to interpret"


def _check_grad_random(loss: Any, gradient: Any, start: Any) -> str:
    optimize = importlib.import_module("scipy.optimize")
    return f"{optimize.check_grad(loss, gradient, start, direction='random', rng=0):.2g}, a number to interpret"


def _jacobian(loss: Any, gradient: Any, start: Any) -> str:
    """Its function takes many points at once, in the trailing axes."""
    differentiate = importlib.import_module("scipy.differentiate")

    def many(points: Any) -> Any:
        columns = points.reshape(start.size, -1)
        return np.array([loss(column) for column in columns.T]).reshape(points.shape[1:])

    true = differentiate.jacobian(many, start).df
    return f"largest difference {np.max(np.abs(true - gradient(start))):.2g}, to be compared by hand"


def _gradcheck(loss: Any, gradient: Any, start: Any, *, fast: bool) -> str:
    torch = importlib.import_module("torch")

    class Function(torch.autograd.Function):  # type: ignore[name-defined, misc]
        @staticmethod
        def forward(ctx: Any, theta: Any) -> Any:
            ctx.save_for_backward(theta)
            return torch.tensor(float(loss(theta.detach().numpy())), dtype=torch.float64)

        @staticmethod
        def backward(ctx: Any, upstream: Any) -> Any:
            (theta,) = ctx.saved_tensors
            return upstream * torch.from_numpy(gradient(theta.detach().numpy()))

    theta = torch.tensor(start, requires_grad=True)
    passes = torch.autograd.gradcheck(Function.apply, (theta,), fast_mode=fast, raise_exception=False)
    return "passes" if passes else "fails"


def _jax(loss: Any, gradient: Any, start: Any) -> str:
    """Its test of a vjp in reverse mode and first order; the loss is called back."""
    jax = importlib.import_module("jax")
    util = importlib.import_module("jax.test_util")
    jax.config.update("jax_enable_x64", True)
    number = jax.ShapeDtypeStruct((), np.float64)
    vector = jax.ShapeDtypeStruct(start.shape, np.float64)

    @jax.custom_vjp
    def function(theta: Any) -> Any:
        return jax.pure_callback(lambda v: np.float64(loss(np.asarray(v))), number, theta)

    def backward(theta: Any, upstream: Any) -> Any:
        return (upstream * jax.pure_callback(lambda v: np.asarray(gradient(np.asarray(v))), vector, theta),)

    function.defvjp(lambda theta: (function(theta), theta), backward)
    try:
        # Its own step, 1/2048 along a normal direction, is so long that at a million it fails right gradients.
        util.check_grads(function, (jax.numpy.asarray(start),), order=1, modes=["rev"], eps=1e-6)
    except AssertionError:
        return "fails"
    return "passes"


def _autograd(loss: Any, gradient: Any, start: Any) -> str:
    """Its test of a vjp that was written by hand, in reverse mode and first order."""
    extend = importlib.import_module("autograd.extend")
    util = importlib.import_module("autograd.test_util")
    function = extend.primitive(loss)
    extend.defvjp(function, lambda ans, theta: lambda g: g * gradient(theta))
    np.random.seed(0)
    try:
        util.check_grads(function, modes=["rev"], order=1)(start)
    except AssertionError:
        return "fails"
    return "passes"


def _numdifftools(loss: Any, gradient: Any, start: Any) -> str:
    numdifftools = importlib.import_module("numdifftools")
    true = numdifftools.Gradient(loss)(start)
    return f"largest difference {np.max(np.abs(true - gradient(start))):.2g}, to be compared by hand"
