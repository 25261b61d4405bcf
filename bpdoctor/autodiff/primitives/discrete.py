"""Steps, comparisons and indices: the value depends on the operands, the derivative is zero.

They are rows, not unknown calls, so that an accuracy or a mask never reads as "not examined".
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..domains import binary, case, samples, unary
from ..registry import Domain, primitive

PAIR = binary(0.1, 2.4)
ONE = unary(0.1, 0.4)
TABLE = samples(case((3, 4)), case((3, 4), axis=1))


def _step(name: str, function: Any, domain: Domain) -> None:
    primitive(name, function, differentiable=False, domain=domain)


for _name in ("greater", "greater_equal", "less", "less_equal", "equal", "not_equal"):
    _step(_name, getattr(np, _name), PAIR)
for _name in ("logical_and", "logical_or", "logical_xor", "isclose", "allclose", "array_equal"):
    _step(_name, getattr(np, _name), PAIR)
for _name in ("logical_not", "isnan", "isfinite", "isinf", "signbit", "sign"):
    _step(_name, getattr(np, _name), ONE)
for _name in ("isneginf", "isposinf"):
    _step(_name, getattr(np, _name), ONE)
for _name in ("rint", "floor", "ceil", "trunc", "round"):
    _step(_name, getattr(np, _name), ONE)
for _name in ("argmax", "argmin", "argsort", "all", "any", "count_nonzero", "nanargmax", "nanargmin"):
    _step(_name, getattr(np, _name), TABLE)

for _name in ("bitwise_and", "bitwise_or", "bitwise_xor"):
    _step(_name, getattr(np, _name), samples(case(np.array([1, 2]), np.array([3, 2]))))
_step("invert", np.invert, samples(case(np.array([True, False]))))
_step("floor_divide", np.floor_divide, samples(case(np.array([5.3, -2.2]), 2.0), case(5.3, 2.0)))
_step("int", int, samples(case(2.5), case(np.array(-1.5))))
_step("flatnonzero", np.flatnonzero, samples(case((4,))))
_step("argwhere", np.argwhere, samples(case((2, 2))))
_step("bincount", np.bincount, samples(case(np.array([0, 2, 2]))))
_step("heaviside", np.heaviside, samples(case((3,), 0.5)))
_step(
    "nonzero",
    lambda x, axis: np.nonzero(x)[axis],  # one array of the tuple that np.nonzero returns
    samples(case((2, 3), axis=1)),
)
_step(
    "searchsorted",
    np.searchsorted,
    samples(case(np.array([0.0, 1.0, 2.0]), np.array([0.5, 1.2]))),
)
_step("digitize", np.digitize, samples(case(np.array([0.5, 1.2]), np.array([0.0, 1.0, 2.0]))))
_step("isin", np.isin, samples(case(np.array([1, 2, 3]), np.array([2]))))
