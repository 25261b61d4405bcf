"""Elementwise functions of one operand."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..domains import case, samples, unary
from ..registry import primitive

LN2 = float(np.log(2.0))
LN10 = float(np.log(10.0))


def at_zero(out: Any, x: Any) -> Any:
    """Tell where the operand is exactly zero."""
    return np.asarray(x) == 0.0


def _sinc(g: Any, out: Any, x: Any) -> Any:
    # (cos(pi x) - sinc(x)) / x, whose limit at 0 is 0
    x = np.asarray(x, dtype=float)
    return g * np.where(x == 0.0, 0.0, (np.cos(np.pi * x) - out) / np.where(x == 0.0, 1.0, x))


# exponentials and logarithms
primitive("exp", np.exp, lambda g, out, x: g * out, domain=unary())
primitive("exp2", np.exp2, lambda g, out, x: g * out * LN2, domain=unary())
primitive("expm1", np.expm1, lambda g, out, x: g * (out + 1.0), domain=unary())
primitive("log", np.log, lambda g, out, x: g / x, domain=unary(0.2, 3.0))
primitive("log2", np.log2, lambda g, out, x: g / x / LN2, domain=unary(0.2, 3.0))
primitive("log10", np.log10, lambda g, out, x: g / x / LN10, domain=unary(0.2, 3.0))
primitive("log1p", np.log1p, lambda g, out, x: g / (1.0 + x), domain=unary(-0.6, 3.0))

# powers and roots
primitive("square", np.square, lambda g, out, x: g * 2.0 * x, domain=unary())
primitive("sqrt", np.sqrt, lambda g, out, x: g * 0.5 / out, domain=unary(0.2, 3.0), kink=at_zero)
primitive(
    "cbrt",
    np.cbrt,
    lambda g, out, x: g / (3.0 * np.square(out)),
    domain=unary(0.2, 3.0),
    kink=at_zero,
)
primitive("reciprocal", np.reciprocal, lambda g, out, x: -g * np.square(out), domain=unary(0.3, 2.0))

# the subgradient of |x| at 0 is taken as 0, as np.sign gives it
primitive("absolute", np.absolute, lambda g, out, x: g * np.sign(x), domain=unary(0.1, 2.0), kink=at_zero)
primitive("fabs", np.fabs, lambda g, out, x: g * np.sign(x), domain=unary(-2.0, -0.1), kink=at_zero)

# trigonometric
primitive("sin", np.sin, lambda g, out, x: g * np.cos(x), domain=unary())
primitive("cos", np.cos, lambda g, out, x: -g * np.sin(x), domain=unary())
primitive("tan", np.tan, lambda g, out, x: g * (1.0 + np.square(out)), domain=unary(-1.2, 1.2))
primitive("arcsin", np.arcsin, lambda g, out, x: g / np.sqrt(1.0 - np.square(x)), domain=unary(-0.8, 0.8))
primitive("arccos", np.arccos, lambda g, out, x: -g / np.sqrt(1.0 - np.square(x)), domain=unary(-0.8, 0.8))
primitive("arctan", np.arctan, lambda g, out, x: g / (1.0 + np.square(x)), domain=unary())
primitive("sinc", np.sinc, _sinc, domain=unary(0.1, 2.0))
primitive("deg2rad", np.deg2rad, lambda g, out, x: g * (np.pi / 180.0), domain=unary())
primitive("rad2deg", np.rad2deg, lambda g, out, x: g * (180.0 / np.pi), domain=unary())

# hyperbolic
primitive("sinh", np.sinh, lambda g, out, x: g * np.cosh(x), domain=unary())
primitive("cosh", np.cosh, lambda g, out, x: g * np.sinh(x), domain=unary())
primitive("tanh", np.tanh, lambda g, out, x: g * (1.0 - np.square(out)), domain=unary())
primitive("arcsinh", np.arcsinh, lambda g, out, x: g / np.sqrt(np.square(x) + 1.0), domain=unary())
primitive("arccosh", np.arccosh, lambda g, out, x: g / np.sqrt(np.square(x) - 1.0), domain=unary(1.2, 3.0))
primitive("arctanh", np.arctanh, lambda g, out, x: g / (1.0 - np.square(x)), domain=unary(-0.8, 0.8))

# what is not finite was replaced by a constant, so nothing flows through it
primitive(
    "nan_to_num",
    np.nan_to_num,
    lambda g, out, x, **fills: np.where(np.isfinite(x), g, 0.0),
    domain=samples(case((3,)), case(np.array([1.0, np.nan, -2.0]), nan=0.5)),
)
primitive("real", np.real, lambda g, out, x: g, domain=unary())
primitive("float", float, lambda g, out, x: np.reshape(g, np.shape(x)), domain=samples(case(()), case(float)))
