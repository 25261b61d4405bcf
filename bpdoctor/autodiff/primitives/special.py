"""Functions of scipy.special and math, written with NumPy alone: importing SciPy here would cost seconds."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..domains import binary, case, samples, unary
from ..registry import primitive

ROOT_PI = math.sqrt(math.pi)


def _each(function: Any) -> Any:
    """Apply a function of math to every element."""

    def apply(x: Any) -> Any:
        if isinstance(x, (float, int)):
            return function(x)
        x = np.asarray(x)
        return np.array([function(v) for v in x.ravel()], dtype=float).reshape(x.shape)

    return apply


def _expit(x: Any) -> Any:
    # exp of a negative number only: no overflow on either side
    if np.iscomplexobj(x):
        return 1.0 / (1.0 + np.exp(-x))
    small = np.exp(-np.abs(x))
    return np.where(np.asarray(x) >= 0, 1.0, small) / (1.0 + small)


def _log_expit(x: Any) -> Any:
    return np.log(_expit(x)) if np.iscomplexobj(x) else -np.logaddexp(0.0, np.negative(x))


def _xlogy(x: Any, y: Any) -> Any:
    return np.where(np.asarray(x) == 0, 0.0, x * np.log(np.where(np.asarray(x) == 0, 1.0, y)))


def _xlogy_second(g: Any, out: Any, x: Any, y: Any) -> Any:
    return np.where(np.asarray(x) == 0, 0.0, g * x / y)


def _entr(x: Any) -> Any:
    return -_xlogy(x, x)


def _digamma(x: Any) -> Any:
    """Return the derivative of log-gamma: recurrence up to 6, then the asymptotic series."""
    x = np.array(x, dtype=float)
    result = np.zeros(x.shape)
    for _ in range(12):
        small = x < 12.0
        result = np.where(small, result - 1.0 / x, result)
        x = np.where(small, x + 1.0, x)
    s = 1.0 / np.square(x)
    tail = s * (1 / 12 - s * (1 / 120 - s * (1 / 252 - s * (1 / 240 - s / 132))))
    return result + np.log(x) - 0.5 / x - tail


def _trigamma(x: Any) -> Any:
    """Return the derivative of digamma, in the same way."""
    x = np.array(x, dtype=float)
    result = np.zeros(x.shape)
    for _ in range(12):
        small = x < 12.0
        result = np.where(small, result + 1.0 / np.square(x), result)
        x = np.where(small, x + 1.0, x)
    s = 1.0 / np.square(x)
    tail = 1 / 6 - s * (1 / 30 - s * (1 / 42 - s * (1 / 30 - s * 5 / 66)))
    return result + 1.0 / x + 0.5 * s + s / x * tail


def _ndtr(x: Any) -> Any:
    return _each(lambda v: 0.5 * math.erfc(-v / math.sqrt(2.0)))(x)


primitive("expit", _expit, lambda g, out, x: g * out * (1.0 - out), domain=unary())
primitive("log_expit", _log_expit, lambda g, out, x: g * -np.expm1(out), domain=unary())
primitive(
    "logit",
    lambda x: np.log(x / (1.0 - x)),
    lambda g, out, x: g / (x * (1.0 - x)),
    domain=unary(0.1, 0.9),
)
primitive("erf", _each(math.erf), lambda g, out, x: g * (2.0 / ROOT_PI) * np.exp(-np.square(x)), domain=unary())
primitive("erfc", _each(math.erfc), lambda g, out, x: g * (-2.0 / ROOT_PI) * np.exp(-np.square(x)), domain=unary())
primitive(
    "ndtr",
    _ndtr,
    lambda g, out, x: g * np.exp(-0.5 * np.square(x)) / math.sqrt(2.0 * math.pi),
    domain=unary(),
)
primitive("gammaln", _each(math.lgamma), lambda g, out, x: g * _digamma(x), domain=unary(0.3, 4.0))
primitive("gamma", _each(math.gamma), lambda g, out, x: g * out * _digamma(x), domain=unary(0.3, 4.0))
primitive(
    "xlogy",
    _xlogy,
    lambda g, out, x, y: g * np.log(y),
    _xlogy_second,
    domain=binary(0.2, 2.0),
    kink=lambda out, x, y: (np.asarray(x) == 0) & (np.asarray(y) == 0),
)
primitive(
    "xlog1py",
    lambda x, y: x * np.log1p(y),
    lambda g, out, x, y: g * np.log1p(y),
    lambda g, out, x, y: g * x / (1.0 + y),
    domain=binary(0.2, 2.0),
)
primitive("entr", _entr, lambda g, out, x: -g * (np.log(x) + 1.0), domain=unary(0.2, 2.0))
primitive(
    "rel_entr",
    lambda x, y: _xlogy(x, x / y),
    lambda g, out, x, y: g * (np.log(x / y) + 1.0),
    lambda g, out, x, y: -g * x / y,
    domain=binary(0.2, 2.0),
)
primitive(
    "log-base",  # math.log(x, base)
    lambda x, base: np.log(x) / np.log(base),
    lambda g, out, x, base: g / (x * np.log(base)),
    lambda g, out, x, base: -g * out / (base * np.log(base)),
    domain=samples(case(float, float), low=1.5, high=4.0),
)
primitive("digamma", _digamma, lambda g, out, x: g * _trigamma(x), domain=unary(0.3, 4.0))
