"""Activation functions as people write them: recognised from values, with derivatives in either variable."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from bpdoctor.autodiff.ordered import median
from bpdoctor.model.record import record

Array = Any
_CLOSE = 1e-9


@record
class Activation:
    """An elementwise function.

    `derivative` takes the pre-activation z; `from_output` is the same derivative written in the output
    a, where such a formula exists. `pre` and `post` are those formulas as text in ``z`` and ``a``.
    """

    name: str
    function: Callable[[Array], Array]
    derivative: Callable[[Array], Array]
    from_output: Callable[[Array], Array] | None = None
    pre: str = ""
    post: str = ""


def sigmoid(z: Array) -> Array:
    """Logistic function without overflow for large negative z."""
    return 0.5 * (1.0 + np.tanh(0.5 * z))


def _gelu(z: Array) -> Array:
    return 0.5 * z * (1 + np.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z**3)))


def _numeric(f: Callable[[Array], Array]) -> Callable[[Array], Array]:
    return lambda z: (f(z + 1e-5) - f(z - 1e-5)) / 2e-5


FIXED: tuple[Activation, ...] = (
    Activation("sigmoid", sigmoid, lambda z: sigmoid(z) * (1 - sigmoid(z)), lambda a: a * (1 - a),
               "1 / (1 + np.exp(-z)) * (1 - 1 / (1 + np.exp(-z)))", "a * (1 - a)"),
    Activation("tanh", np.tanh, lambda z: 1 - np.tanh(z) ** 2, lambda a: 1 - a**2, "1 - np.tanh(z) ** 2", "1 - a ** 2"),
    Activation("relu", lambda z: np.maximum(z, 0), lambda z: (z > 0) * 1.0, lambda a: (a > 0) * 1.0,
               "(z > 0)", "(a > 0)"),
    Activation("softplus", lambda z: np.logaddexp(0, z), sigmoid, lambda a: 1 - np.exp(-a),
               "1 / (1 + np.exp(-z))", "1 - np.exp(-a)"),
    Activation("swish", lambda z: z * sigmoid(z), lambda z: sigmoid(z) * (1 + z * (1 - sigmoid(z))), None,
               "1 / (1 + np.exp(-z)) * (1 + z * (1 - 1 / (1 + np.exp(-z))))"),
    Activation("gelu", _gelu, _numeric(_gelu)),
    Activation("arctan", np.arctan, lambda z: 1 / (1 + z**2), None, "1 / (1 + z ** 2)"),
    Activation("sin", np.sin, np.cos, None, "np.cos(z)"),
    Activation("exp", np.exp, np.exp, lambda a: a, "np.exp(z)", "a"),
    Activation("square", np.square, lambda z: 2 * z, None, "2 * z"),
    Activation("softsign", lambda z: z / (1 + np.abs(z)), lambda z: 1 / (1 + np.abs(z)) ** 2, None,
               "1 / (1 + np.abs(z)) ** 2"),
    Activation("bipolar sigmoid", lambda z: np.tanh(z / 2), lambda z: (1 - np.tanh(z / 2) ** 2) / 2,
               lambda a: (1 - a**2) / 2, "(1 - np.tanh(z / 2) ** 2) / 2", "(1 - a ** 2) / 2"),
)  # fmt: skip


@lru_cache(maxsize=64)
def leaky(slope: float) -> Activation:
    """Leaky ReLU with the given slope below zero."""
    text = f"{slope:.6g}"
    return Activation(
        "leaky relu",
        lambda z: np.where(z > 0, z, slope * z),
        lambda z: np.where(z > 0, 1.0, slope),
        lambda a: np.where(a > 0, 1.0, slope),
        f"np.where(z > 0, 1, {text})",
        f"np.where(a > 0, 1, {text})",
    )


@lru_cache(maxsize=64)
def elu(alpha: float) -> Activation:
    """ELU with the given scale below zero."""
    text = f"{alpha:.6g}"
    return Activation(
        "elu",
        lambda z: np.where(z > 0, z, alpha * np.expm1(np.minimum(z, 0))),
        lambda z: np.where(z > 0, 1.0, alpha * np.exp(np.minimum(z, 0))),
        lambda a: np.where(a > 0, 1.0, a + alpha),
        f"np.where(z > 0, 1, {text} * np.exp(z))",
        f"np.where(a > 0, 1, a + {text})",
    )


def recognise(z: Array, a: Array, tolerance: float = _CLOSE) -> Activation | None:
    """The activation with ``a = f(z)``, judged by values alone; None when no known one fits.

    Notes
    -----
    A ReLU needs an entry on each side of zero to be told from the identity; a slope or scale below zero
    is read off the negative entries and must be one constant.
    """
    z, a = np.asarray(z, dtype=np.float64), np.asarray(a, dtype=np.float64)
    if z.shape != a.shape or not z.size or not np.isfinite(z).all() or not np.isfinite(a).all():
        return None
    limit = tolerance * np.maximum(1.0, np.abs(a))
    with np.errstate(all="ignore"):
        linear = np.abs(z - a) <= limit
        for candidate in () if linear.all() else FIXED:
            if (np.abs(candidate.function(z) - a) <= limit).all():
                return candidate
        below = z < 0
        if not below.any() or below.all() or not linear[~below].all():
            return None
        for parameter, make in ((a[below] / z[below], leaky), (a[below] / np.expm1(z[below]), elu)):
            value = median(parameter)
            identity = make is leaky and value == 1
            if np.abs(parameter - value).max() <= 1e-7 * max(1.0, abs(value)) and 0 < abs(value) < 10 and not identity:
                return make(float(f"{value:.10g}"))
    return None
