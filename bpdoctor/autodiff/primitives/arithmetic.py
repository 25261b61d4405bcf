"""Elementwise arithmetic of two operands; both may be Python numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..domains import binary, case, samples, unary
from ..registry import PRIMITIVES, primitive, vjp


def _power(x: Any, y: Any) -> Any:
    # Python's own pow for two scalars: 2 ** -1 is 0.5 there and an error in np.power
    return np.power(x, y) if isinstance(x, (np.ndarray, list, tuple)) or isinstance(y, np.ndarray) else x**y


def _power_base(g: Any, out: Any, x: Any, y: Any) -> Any:
    # y * x ** (y - 1) in floats: integer bases refuse negative exponents; x ** 0 is flat even at x = 0
    y = np.asarray(y, dtype=float)
    return g * np.where(y == 0.0, 0.0, y * np.power(np.asarray(x, dtype=float), np.where(y == 0.0, 1.0, y - 1.0)))


def _power_exponent(g: Any, out: Any, x: Any, y: Any) -> Any:
    # 0 ** y is flat for y > 0; a negative base has no real derivative in y, and nan says so
    x = np.asarray(x, dtype=float)
    return g * out * np.log(np.where(x == 0.0, 1.0, x))


def _zero_base(out: Any, x: Any, y: Any) -> Any:
    return (np.asarray(x) == 0.0) & (np.asarray(y) < 1.0) & (np.asarray(y) != 0.0)


primitive("add", np.add, lambda g, out, x, y: g, lambda g, out, x, y: g, domain=binary())
primitive("subtract", np.subtract, lambda g, out, x, y: g, lambda g, out, x, y: -g, domain=binary())
primitive(
    "multiply",
    np.multiply,
    lambda g, out, x, y: g * y,
    lambda g, out, x, y: g * x,
    domain=binary(),
)
primitive(
    "divide",
    np.divide,
    lambda g, out, x, y: g / y,
    lambda g, out, x, y: -(g * out) / y,
    domain=binary(0.4, 2.0),
)
primitive(
    "power",
    _power,
    _power_base,
    _power_exponent,
    domain=binary(0.3, 2.5),
    kink=_zero_base,
)
primitive(
    "remainder",
    np.remainder,
    lambda g, out, x, y: g,
    lambda g, out, x, y: -g * np.floor_divide(x, y),
    domain=samples(case(np.array([5.3, -2.2, 0.7]), np.array([2.0, 1.5, 3.0])), case(5.3, 2.0)),
    kink=lambda out, x, y: np.asarray(out) == 0.0,
)
primitive(
    "fmod",
    np.fmod,
    lambda g, out, x, y: g,
    lambda g, out, x, y: -g * np.trunc(np.divide(x, y)),
    domain=samples(case(np.array([5.3, -2.2, 0.7]), np.array([2.0, 1.5, 3.0])), case(-5.3, 2.0)),
    kink=lambda out, x, y: np.asarray(out) == 0.0,
)
primitive("negative", np.negative, lambda g, out, x: -g, domain=unary())
primitive("positive", np.positive, lambda g, out, x: g, domain=unary())
primitive(
    "hypot",
    np.hypot,
    lambda g, out, x, y: g * x / np.where(out == 0.0, 1.0, out),
    lambda g, out, x, y: g * y / np.where(out == 0.0, 1.0, out),
    domain=binary(),
    kink=lambda out, x, y: np.asarray(out) == 0.0,
)
primitive(
    "arctan2",
    np.arctan2,
    lambda g, out, y, x: g * x / (np.square(x) + np.square(y)),
    lambda g, out, y, x: -g * y / (np.square(x) + np.square(y)),
    domain=binary(0.2, 2.0),
)
primitive(
    "logaddexp",
    np.logaddexp,
    lambda g, out, x, y: g * np.exp(x - out),
    lambda g, out, x, y: g * np.exp(y - out),
    domain=binary(),
)
primitive(
    "logaddexp2",
    np.logaddexp2,
    lambda g, out, x, y: g * np.exp2(x - out),
    lambda g, out, x, y: g * np.exp2(y - out),
    domain=binary(),
)
primitive(
    "copysign",
    np.copysign,
    lambda g, out, x, y: g * np.sign(x) * np.copysign(1.0, y),
    None,
    domain=binary(0.2, 2.0),
    kink=lambda out, x, y: np.asarray(x) == 0.0,
)
primitive(
    "add-all",  # sum() of numbers and arrays of unlike shapes
    lambda *terms: sum(terms),
    variadic=lambda k, g, out, *terms: g,
    domain=samples(case((2, 3), (3,), float), case((2, 1), (3,))),
)


def _outer_of(x: Any, y: Any, name: str) -> Any:
    return PRIMITIVES[name].function(_spread(x, y), y)


def _spread(x: Any, y: Any) -> Any:
    return np.reshape(x, np.shape(x) + (1,) * np.ndim(y))


def _pull_outer_of(k: int, g: Any, out: Any, x: Any, y: Any, *, name: str) -> Any:
    # ufunc.outer is the ufunc with every axis of x put before every axis of y
    pulled = vjp(name, k, g, out, (_spread(x, y), y), {})
    return None if pulled is None else np.reshape(pulled, np.shape((x, y)[k]))


primitive(
    "ufunc-outer",
    _outer_of,
    variadic=_pull_outer_of,
    domain=samples(
        case((2,), (3,), name="subtract"),
        case((2, 2), (3,), name="multiply"),
        case(float, (3,), name="maximum"),
    ),
)
