"""The door for a loss function of predictions and targets, and its derivative by the predictions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from bpdoctor.blackbox.gradients import check_gradients
from bpdoctor.blackbox.parameters import Array
from bpdoctor.blackbox.reporting import finding_of
from bpdoctor.blackbox.trouble import Trouble
from bpdoctor.model.report import Report

SAMPLES, CLASSES = 5, 3


def check_loss(
    loss: Callable[..., Any],
    dloss: Callable[..., Any],
    predictions: Any = None,
    targets: Any = None,
    *,
    seed: int = 0,
    complex_step: bool | None = None,
) -> Report:
    """Check the derivative of a loss by its predictions.

    Parameters
    ----------
    loss : callable
        ``loss(predictions, targets)``: one number, or one for each prediction.
    dloss : callable
        The claimed derivative by the predictions, in their shape.
    predictions, targets : array, optional
        Where to check. By default probabilities that sum to 1 in each row, and one-hot targets.
    seed : int
        Seed of the samples and directions.
    complex_step : bool, optional
        False for functions that must not be called with complex numbers.

    Returns
    -------
    Report

    Examples
    --------
    >>> import numpy as np
    >>> from bpdoctor import check_loss
    >>> def cross_entropy(p, y):
    ...     return -np.sum(y * np.log(p)) / len(y)
    >>> bool(check_loss(cross_entropy, lambda p, y: -y / p / len(y)))
    True
    >>> print(check_loss(cross_entropy, lambda p, y: -y / p).findings[0].message)
    the gradient of `p` is 5 times the derivative of the loss
    """
    drawn, hot = _samples(seed)
    given = predictions is not None
    predictions = np.asarray(predictions) if given else drawn
    targets = (np.asarray(targets) if targets is not None else hot) if given else (hot if targets is None else targets)
    total, elementwise = _total(loss, predictions, targets)
    report = check_gradients(total, dloss, predictions, args=(targets,), seed=seed, complex_step=complex_step)
    extra = (
        ["the loss returns one number a prediction or sample: the derivative of their sum was compared"]
        if elementwise
        else []
    )
    if not given:
        extra.append(f"checked at {SAMPLES}×{CLASSES} random probabilities and one-hot targets")
    report = replace(report, assumptions=(*extra, *report.assumptions))
    trouble = _broadcast(total, predictions, targets)
    if trouble is None:
        return report
    return replace(report, verdict="sick", findings=(finding_of(trouble, loss), *report.findings), reason="")


def _samples(seed: int) -> tuple[Array, Array]:
    rng = np.random.default_rng([seed, 3])
    raw = rng.uniform(0.2, 1.0, (SAMPLES, CLASSES))
    return raw / raw.sum(axis=1, keepdims=True), np.eye(CLASSES)[rng.integers(0, CLASSES, SAMPLES)]


def _total(loss: Callable[..., Any], predictions: Array, targets: Any) -> tuple[Callable[..., Any], bool]:
    """The loss as one number; a loss of each prediction by itself is summed, which leaves its derivative alone."""
    shape = np.shape(loss(predictions.copy(), targets))
    if shape != predictions.shape[: len(shape)] or int(np.prod(shape)) == 1:
        return loss, False

    def total(p: Array, *args: Any) -> Any:
        return np.sum(loss(p, *args))

    total.__wrapped__ = loss  # type: ignore[attr-defined]
    return total, True


def _broadcast(loss: Callable[..., Any], predictions: Array, targets: Any) -> Trouble | None:
    """Shapes that fit only by making a table of every prediction against every target."""
    there = np.shape(targets)
    try:
        both = np.broadcast_shapes(predictions.shape, there)
    except ValueError:
        return None
    if int(np.prod(both)) <= max(predictions.size, int(np.prod(there))):
        return None
    # A sum over all pairs does not know which target belongs to which prediction; of equal ones nothing is learned.
    other = np.roll(targets, 1, axis=0)
    if not np.allclose(loss(predictions.copy(), targets), loss(predictions.copy(), other), rtol=1e-9, atol=0):
        return None
    text = f"predictions of shape {predictions.shape} and targets of shape {there} broadcast to {both}"
    return Trouble(
        "broadcast", text, (), "each prediction is compared with every target; give both one shape", side="loss"
    )
