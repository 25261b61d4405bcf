"""The door for a loss and its gradient."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bpdoctor.blackbox.frameworks import as_loss, plain
from bpdoctor.blackbox.reporting import examined
from bpdoctor.blackbox.sides import Sides
from bpdoctor.model.report import Report


def check_gradients(
    loss: Callable[..., Any],
    grad: Any = None,
    params: Any = None,
    *,
    args: Sequence[Any] = (),
    kwargs: Mapping[str, Any] | None = None,
    names: Sequence[str] = (),
    gradients: Callable[[], Any] | None = None,
    seed: int = 0,
    complex_step: bool | None = None,
    locate: bool = True,
) -> Report:
    """Check a hand-written gradient against the loss it belongs to.

    Parameters
    ----------
    loss : callable
        Returns one number; or ``(loss, gradient)`` when `grad` is None. It takes the parameters in their
        container, one by one (``loss(W1, b1)``), by name (``loss(**params)``), or not at all when it reads
        them from the given arrays or from the object `params`.
    grad : callable or arrays, optional
        The claimed gradient, in a container like that of the parameters; a function of the same
        arguments, which may also leave the gradients in attributes (``net.dW1`` beside ``net.W1``).
    params : array, number, list, tuple, dict (nested too), or object
        Where to check: float32 or float64. Of an object, the attributes that have a gradient beside them, or those of
        the layers within it.
    args, kwargs
        Handed to both functions after the parameters.
    names : sequence of str
        Names of the parameters, in order; of an object, the attributes to check.
    gradients : callable, optional
        Returns the gradients after `grad` was called, where they are left elsewhere.
    seed : int
        Seed of the directions, and of random generators before every call of the functions.
    complex_step : bool, optional
        False for functions that must not be called with complex numbers.
    locate : bool
        Whether wrong entries are looked for.

    Returns
    -------
    Report
        True when healthy. `findings` name what is wrong, `cost` holds the evaluations that were made.

    Notes
    -----
    Two random directions over all entries decide for all of them together: a wrong entry shows along
    every direction, because no entry of a direction is near zero. Slopes are measured by a complex step
    where the function allows it and agrees with differences, else by Richardson's extrapolation with the
    step chosen from the noise that was measured. Only when the two sides disagree beyond what rounding
    explains are further directions spent: known forms of wrong gradients are tried on the slopes already
    measured, then tensors, then rows and columns, then entries by signed index moments.
    A kink at the given parameters is stepped away from. In float32 both sides are evaluated in float64
    where the code works in it; otherwise the tolerance follows from the measured noise, and a gradient
    that drowns in it is reported as inconclusive.

    References
    ----------
    J. J. Moré and S. M. Wild, "Estimating computational noise", SIAM J. Sci. Comput. 33 (2011).
    W. Squire and G. Trapp, "Using complex variables to estimate derivatives", SIAM Review 40 (1998).

    Examples
    --------
    >>> import numpy as np
    >>> from bpdoctor import check_gradients
    >>> x, y = np.array([[1.0, 2.0], [0.5, -1.0], [2.0, 0.3]]), np.array([1.0, 0.0, 2.0])
    >>> def loss(w):
    ...     return np.mean((x @ w - y) ** 2)
    >>> bool(check_gradients(loss, lambda w: 2 * x.T @ (x @ w - y) / 3, np.array([0.3, 0.1])))
    True
    >>> report = check_gradients(loss, lambda w: 2 * x.T @ (x @ w - y), np.array([0.3, 0.1]))
    >>> print(report.findings[0].message)
    the gradient of `w` is 3 times the derivative of the loss
    """
    foreign = as_loss(loss, len(args)) if grad is None else None
    if foreign is not None:
        loss, grad, complex_step = *foreign, False
        params, args = plain(params), plain(tuple(args))
    sides = Sides(loss, grad, params, args=args, kwargs=kwargs, names=names, gradients=gradients, seed=seed)
    return examined(sides, seed, complex_step=complex_step, locate=locate)
