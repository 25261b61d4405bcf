"""Assertions for tests: each runs a check and fails with the diagnosis, the user's lines and the seed.

A check that could not decide fails too: a test that cannot tell protects nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from bpdoctor.blackbox.derivative import check_derivative
from bpdoctor.blackbox.gradients import check_gradients
from bpdoctor.blackbox.layer import check_layer
from bpdoctor.blackbox.losses import check_loss
from bpdoctor.model.report import Report

__all__ = [
    "assert_derivative",
    "assert_gradients",
    "assert_healthy",
    "assert_layer",
    "assert_loss_derivative",
    "assert_no_dead_units",
    "assert_no_mutation",
    "assert_no_saturation",
    "assert_trains",
]


def assert_gradients(loss: Callable[..., Any], grad: Any = None, params: Any = None, **options: Any) -> Report:
    """Assert that `grad` is the gradient of `loss`; the arguments are those of `bpdoctor.check_gradients`."""
    __tracebackhide__ = True
    return _passed(check_gradients(loss, grad, params, **options))


def assert_layer(forward: Any, backward: Any = None, inputs: Any = None, **options: Any) -> Report:
    """Assert that a layer's backward pass fits its forward pass; as `bpdoctor.check_layer`."""
    __tracebackhide__ = True
    return _passed(check_layer(forward, backward, inputs, **options))


def assert_derivative(f: Callable[..., Any], df: Callable[..., Any], **options: Any) -> Report:
    """Assert that `df` is the derivative of `f`; as `bpdoctor.check_derivative`."""
    __tracebackhide__ = True
    return _passed(check_derivative(f, df, **options))


def assert_loss_derivative(
    loss: Callable[..., Any], dloss: Callable[..., Any], predictions: Any = None, targets: Any = None, **options: Any
) -> Report:
    """Assert that `dloss` is the derivative of `loss` by the predictions; as `bpdoctor.check_loss`."""
    __tracebackhide__ = True
    return _passed(check_loss(loss, dloss, predictions, targets, **options))


def assert_healthy(target: str | os.PathLike[str] | Any, *, strict: bool = False, **options: Any) -> Report:
    """Assert that a whole program (a file, or what is defined in it) is healthy; as `bpdoctor.check`.

    With `strict`, warnings fail too.
    """
    __tracebackhide__ = True
    from bpdoctor.pipeline.door import check

    report = _passed(check(target, **options))
    if strict and any(finding.severity == "warning" for finding in report.findings):
        raise AssertionError(told(report))
    return report


def assert_no_dead_units(activations: Any, *, share: float = 0.0) -> None:
    """Assert that no more than this share of the units (columns) is 0 for every sample (row).

    Examples
    --------
    >>> assert_no_dead_units([[0.0, 1.0], [0.5, 0.0]])
    """
    __tracebackhide__ = True
    table = _table(activations)
    dead = np.flatnonzero((table == 0).all(axis=0))
    if dead.size > share * table.shape[1]:
        raise AssertionError(_units("are 0 for every sample", dead, table))


def assert_no_saturation(activations: Any, *, low: float = 0.0, high: float = 1.0, share: float = 0.0) -> None:
    """Assert that no more than this share of the units is within 0.001 of its bounds for every sample.

    `low` and `high` are the ends of the activation: 0 and 1 of the logistic function, -1 and 1 of tanh.

    Examples
    --------
    >>> assert_no_saturation([[0.2, 0.7], [0.5, 0.1]])
    """
    __tracebackhide__ = True
    table = _table(activations)
    near = 1e-3 * (high - low)
    stuck = np.flatnonzero(((table <= low + near) | (table >= high - near)).all(axis=0))
    if stuck.size > share * table.shape[1]:
        raise AssertionError(_units(f"are saturated at {low:g} or {high:g} for every sample", stuck, table))


def assert_no_mutation(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call a function, assert that it changed none of the arrays it was given, and return its result.

    Examples
    --------
    >>> import numpy as np
    >>> assert_no_mutation(np.sum, np.arange(3.0))
    np.float64(3.0)
    """
    __tracebackhide__ = True
    saved = [(name, array, array.copy()) for name, array in _arrays(args, kwargs)]
    result = function(*args, **kwargs)
    for name, array, before in saved:
        if not np.array_equal(array, before, equal_nan=array.dtype.kind in "fc"):
            changed = int(np.count_nonzero(array != before))
            called = getattr(function, "__name__", type(function).__name__)
            raise AssertionError(f"`{called}` changed {name} in place: {changed} of {array.size} entries")
    return result


def assert_trains(
    step: Callable[[], Any], *, steps: int = 200, below: float | None = None, factor: float = 0.5
) -> list[float]:
    """Call a training step that returns the loss, and assert that the loss falls; return the losses.

    It must end below `below`, or below `factor` times its first value, and stay finite.

    Examples
    --------
    >>> state = {"w": 4.0}
    >>> def step():
    ...     state["w"] -= 0.1 * 2 * state["w"]
    ...     return state["w"] ** 2
    >>> len(assert_trains(step, steps=20))
    20
    """
    __tracebackhide__ = True
    losses: list[float] = []
    for number in range(steps):
        losses.append(float(step()))
        if not np.isfinite(losses[-1]):
            raise AssertionError(f"the loss is {losses[-1]} at step {number + 1}; before it {_last(losses[:-1])}")
    limit = factor * losses[0] if below is None else below
    reached = float(np.mean(losses[-max(1, steps // 20) :]))
    if not reached < limit:
        raise AssertionError(
            f"the loss does not fall below {limit:.4g} in {steps} steps: it began at {losses[0]:.4g}, "
            f"is {reached:.4g} at the end, and was {min(losses):.4g} at best"
        )
    return losses


def told(report: Report) -> str:
    """The report, and how to see it again."""
    seed = report.environment.get("seed", 0)
    return f"\n{report}\nto reproduce: seed={seed}"


def _passed(report: Report) -> Report:
    __tracebackhide__ = True
    if not report:
        raise AssertionError(told(report))
    return report


def _table(activations: Any) -> Any:
    array = np.asarray(activations)
    return array.reshape(-1, array.shape[-1]) if array.ndim > 1 else array.reshape(-1, 1)


def _units(what: str, units: Any, table: Any) -> str:
    shown = ", ".join(str(int(i)) for i in units[:10]) + (", ..." if units.size > 10 else "")
    return f"{units.size} of {table.shape[1]} units {what} ({table.shape[0]} samples): {shown}"


def _arrays(args: Sequence[Any], kwargs: dict[str, Any]) -> list[tuple[str, Any]]:
    named = [(f"argument {i + 1}", a) for i, a in enumerate(args)] + [(f"`{k}`", a) for k, a in kwargs.items()]
    found = []
    for name, value in named:
        if isinstance(value, np.ndarray):
            found.append((name, value))
        elif isinstance(value, list | tuple):
            found += [(f"{name}[{i}]", v) for i, v in enumerate(value) if isinstance(v, np.ndarray)]
        elif isinstance(value, dict):
            found += [(f"{name}[{k!r}]", v) for k, v in value.items() if isinstance(v, np.ndarray)]
    return found


def _last(losses: list[float]) -> str:
    return f"it was {losses[-1]:.4g}" if losses else "there was none"
