"""Ways to call elementwise functions, functions of SciPy, and calls that write in place."""

from __future__ import annotations

import math
import operator

import numpy as np
import scipy.linalg
import scipy.signal
import scipy.special
from spellings import CUBE, MASK, SQUARE, M, S, Spelling, V, W, X, Y, f


def fresh(*shape: int) -> np.ndarray:
    """Return an array that a call may overwrite."""
    return np.linspace(-1.0, 1.0, int(np.prod(shape))).reshape(shape)


def method(array: np.ndarray, name: str, *args: object) -> Spelling:
    """Write a method call down."""
    return f(getattr(array, name), *args)


_UNARY = {
    "exp": math.exp,
    "expm1": math.expm1,
    "log2": math.log2,
    "log10": math.log10,
    "log1p": math.log1p,
    "sqrt": math.sqrt,
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "sinh": math.sinh,
    "cosh": math.cosh,
    "tanh": math.tanh,
    "floor": math.floor,
    "ceil": math.ceil,
    "trunc": math.trunc,
    "fabs": math.fabs,
    "isnan": math.isnan,
    "isfinite": math.isfinite,
    "isinf": math.isinf,
    "arcsin": math.asin,
    "arccos": math.acos,
    "arctan": math.atan,
    "arcsinh": math.asinh,
    "arctanh": math.atanh,
    "exp2": math.exp2,
    "cbrt": math.cbrt,
    "rad2deg": math.degrees,
    "deg2rad": math.radians,
}

ELEMENTWISE: dict[str, list[Spelling]] = {name: [f(func, 0.7), f(func, S)] for name, func in _UNARY.items()}
for _name in _UNARY:
    ELEMENTWISE[_name].append(f(getattr(np, _name), np.minimum(X, 0.9)))
ELEMENTWISE["trunc"].append(f(np.fix, X))
ELEMENTWISE |= {
    "add": [f(np.add, X, Y), f(operator.add, X, 1.0), f(X.__add__, 2.0), f(X.__radd__, V)],
    "subtract": [f(np.subtract, X, V), f(operator.sub, 2.0, 1.5), f(X.__rsub__, 1.0)],
    "multiply": [f(np.multiply, X, Y, dtype=float), f(operator.mul, X, 3), f(S.__mul__, 2.0)],
    "divide": [f(np.divide, X, Y), f(np.true_divide, X, 2), f(operator.truediv, 1.0, X)],
    "floor_divide": [f(operator.floordiv, 7.5, 2.0), f(np.floor_divide, X, 0.3)],
    "remainder": [f(operator.mod, 7.5, 2.0), f(np.mod, X, 0.3)],
    "fmod": [f(math.fmod, -7.5, 2.0), f(np.fmod, X, 0.3)],
    "power": [
        f(np.power, X, 2),
        f(pow, 2, -1),
        f(math.pow, 2.0, 0.5),
        f(operator.pow, X, Y),
        f(np.float_power, X, 2),
    ],
    "negative": [f(operator.neg, X), f(np.negative, X), f(X.__neg__)],
    "positive": [f(operator.pos, X)],
    "absolute": [f(abs, -2.0), f(np.abs, -X), f(operator.abs, -X), f(X.__abs__)],
    "log": [f(math.log, 2.5), f(np.log, X)],
    "log-base": [f(math.log, 2.5, 3.0)],
    "arccosh": [f(math.acosh, 1.5)],
    "arctan2": [f(math.atan2, 0.5, -0.3), f(np.arctan2, X, Y)],
    "copysign": [f(math.copysign, 0.5, -0.3)],
    "hypot": [f(math.hypot, 0.5, -0.3), f(np.hypot, X, Y)],
    "maximum": [f(np.maximum, 0.0, X), f(max, 0.0, -1.5), f(max, 0, 2.5)],
    "minimum": [f(np.minimum, X, Y), f(min, 0.5, 1.5)],
    "clip": [
        f(np.clip, X, 0.5, 1.0),
        f(np.clip, X, None, 1.0),
        f(np.clip, X, a_min=0.5, a_max=None),
        f(X.clip, 0.5),
        f(X.clip, max=1.0),
        f(X.clip, 0.5, 1.0),
    ],
    "where": [f(np.where, MASK, X, 0.0), f(np.where, MASK, X, Y)],
    "select": [f(np.select, [MASK, X < 0.5], [X, Y]), f(np.select, [MASK], [X], default=S)],
    "nan_to_num": [f(np.nan_to_num, np.array([1.0, np.nan])), f(np.nan_to_num, np.array([np.nan]), nan=2.0)],
    "sinc": [f(np.sinc, X)],
    "real": [f(np.real, X), f(X.conj), f(X.conjugate), f(np.conj, X), f(np.real_if_close, X)],
    "float": [f(float, np.array(2.5)), f(float, S), f(S.__float__)],
    "int": [f(int, 2.5)],
    "round": [f(round, 2.567, 1), f(round, 2.5), f(np.round, X, 1), f(np.around, X), f(X.round, decimals=1)],
    "greater": [f(operator.gt, X, 1.0), f(np.greater, X, Y)],
    "greater_equal": [f(operator.ge, X, 1.0)],
    "less": [f(operator.lt, X, 1.0)],
    "less_equal": [f(operator.le, X, 1.0)],
    "equal": [f(operator.eq, X, 1.0)],
    "not_equal": [f(operator.ne, X, 1.0)],
    "bitwise_and": [f(operator.and_, MASK, MASK)],
    "bitwise_or": [f(operator.or_, MASK, MASK)],
    "bitwise_xor": [f(operator.xor, MASK, MASK)],
    "invert": [f(operator.invert, MASK)],
    "logical_not": [f(operator.not_, 0.0), f(np.logical_not, X)],
    "isclose": [f(np.isclose, X, Y)],
    "allclose": [f(np.allclose, X, Y)],
    "isneginf": [f(np.isneginf, X)],
    "isposinf": [f(np.isposinf, X)],
    "array_equal": [f(np.array_equiv, X, Y), f(np.array_equal, X, Y)],
    "argwhere": [f(np.argwhere, MASK)],
    "flatnonzero": [f(np.flatnonzero, MASK)],
    "bincount": [f(np.bincount, np.array([0, 2]))],
    "digitize": [f(np.digitize, V, np.array([0.5, 1.0]))],
    "isin": [f(np.isin, V, W)],
    "nanargmax": [f(np.nanargmax, V)],
    "nanargmin": [f(np.nanargmin, V)],
    "ufunc-outer": [f(np.subtract.outer, V, W), f(np.multiply.outer, X, V), f(np.add.outer, V, 1.0)],
    "erf": [f(math.erf, 0.3)],
    "erfc": [f(math.erfc, 0.3)],
    "gamma": [f(math.gamma, 2.3)],
    "gammaln": [f(math.lgamma, 2.3)],
}

SCIPY: dict[str, list[Spelling]] = {
    "expit": [f(scipy.special.expit, X), f(scipy.special.expit, 0.3)],
    "log_expit": [f(scipy.special.log_expit, X)],
    "logit": [f(scipy.special.logit, np.minimum(X, 0.9))],
    "erf": [f(scipy.special.erf, X)],
    "erfc": [f(scipy.special.erfc, X)],
    "ndtr": [f(scipy.special.ndtr, X)],
    "gammaln": [f(scipy.special.gammaln, X)],
    "gamma": [f(scipy.special.gamma, X)],
    "digamma": [f(scipy.special.digamma, X), f(scipy.special.psi, X)],
    "entr": [f(scipy.special.entr, X)],
    "exp2": [f(scipy.special.exp2, X)],
    "expm1": [f(scipy.special.expm1, X)],
    "log1p": [f(scipy.special.log1p, X)],
    "cbrt": [f(scipy.special.cbrt, X)],
    "xlogy": [f(scipy.special.xlogy, X, Y), f(scipy.special.xlogy, 0.0, 0.0)],
    "xlog1py": [f(scipy.special.xlog1py, X, Y)],
    "rel_entr": [f(scipy.special.rel_entr, X, Y)],
    "softmax": [f(scipy.special.softmax, X), f(scipy.special.softmax, X, axis=1)],
    "log_softmax": [f(scipy.special.log_softmax, X, 0)],
    "logsumexp": [f(scipy.special.logsumexp, X), f(scipy.special.logsumexp, X, axis=1, keepdims=True)],
    "convolve": [f(scipy.signal.convolve, X, SQUARE[:2, :3], mode=mode) for mode in ("full", "same", "valid")]
    + [f(scipy.signal.convolve2d, X, SQUARE[:2, :2], mode) for mode in ("full", "same", "valid")]
    + [
        f(scipy.signal.convolve, SQUARE[:2, :3], X, "same"),
        f(scipy.signal.fftconvolve, CUBE, CUBE[:1, :2], "same"),
        f(scipy.signal.oaconvolve, V, W[:2]),
    ],
    "correlate": [f(scipy.signal.correlate, X, SQUARE[:2, :3], mode=mode) for mode in ("full", "same", "valid")]
    + [f(scipy.signal.correlate2d, X, SQUARE[:2, :2], mode) for mode in ("full", "same", "valid")]
    + [
        f(scipy.signal.correlate, V, W),
        f(scipy.signal.correlate, SQUARE[:2, :2], X, "same"),
        f(scipy.signal.correlate2d, X, SQUARE[:3, :2], "same"),
        f(scipy.signal.correlate2d, SQUARE[:2, :2], X, "same"),
    ],
    "linalg.inv": [f(scipy.linalg.inv, SQUARE)],
    "linalg.pinv": [f(scipy.linalg.pinv, X)],
    "linalg.det": [f(scipy.linalg.det, SQUARE)],
    "linalg.norm": [f(scipy.linalg.norm, X), f(scipy.linalg.norm, X, 1)],
}

WRITES: dict[str, list[Spelling]] = {
    "add": [
        f(np.add, X, Y, fresh(3, 4)),
        f(np.add, X, Y, out=(fresh(3, 4),)),
        f(operator.iadd, fresh(3, 4), X),
        f(operator.iadd, 1.0, 2.0),
    ],
    "subtract": [f(np.subtract, X, Y, out=fresh(3, 4)), f(operator.isub, fresh(4), V)],
    "multiply": [f(operator.imul, fresh(4), 2.0)],
    "divide": [f(operator.itruediv, fresh(4), 2.0)],
    "floor_divide": [f(operator.ifloordiv, fresh(4), 2.0)],
    "remainder": [f(operator.imod, fresh(4), 0.3)],
    "power": [f(operator.ipow, fresh(4), 2)],
    "matmul": [f(operator.imatmul, fresh(3, 4), SQUARE), f(np.matmul, X, SQUARE, out=fresh(3, 4))],
    "dot": [f(np.dot, X, SQUARE, fresh(3, 4)), f(X.dot, SQUARE, out=fresh(3, 4))],
    "exp": [f(np.exp, X, fresh(3, 4))],
    "sum": [f(np.sum, X, axis=0, out=fresh(4)), f(X.sum, 0, None, fresh(4))],
    "clip": [f(np.clip, X, 0.5, 1.0, fresh(3, 4)), f(X.clip, 0.5, 1.0, out=fresh(3, 4))],
    "einsum": [f(np.einsum, "ij->j", X, out=fresh(4))],
    "add_at": [f(np.add.at, fresh(4), [1, 1, 2], V[:3]), f(np.add.at, fresh(3, 4), (slice(None), 0), 1.0)],
    "subtract_at": [f(np.subtract.at, fresh(4), [1, 1, 2], V[:3])],
    "setitem": [f(operator.setitem, fresh(3, 4), 1, V), method(fresh(3, 4), "__setitem__", 0, 2.0)],
    "fill": [method(fresh(3, 4), "fill", 2.0)],
    "sort": [method(fresh(3, 4), "sort", 0), method(fresh(4)[::-1], "sort")],
    "put": [f(np.put, fresh(4), [0, 2], [5.0, 6.0]), method(fresh(4), "put", [0, 2], 5.0)],
    "put_along_axis": [f(np.put_along_axis, fresh(3, 4), np.array([[1], [0], [2]]), 9.0, 1)],
    "fill_diagonal": [f(np.fill_diagonal, fresh(3, 3), 2.0)],
    "place": [f(np.place, fresh(3, 4), MASK, [1.0, 2.0])],
    "putmask": [f(np.putmask, fresh(3, 4), MASK, [1.0, 2.0])],
    "partition": [method(fresh(4)[::-1], "partition", 2)],
    "ufunc-at": [f(np.multiply.at, fresh(4), [1, 1, 2], 2.0)],
    "copyto": [f(np.copyto, fresh(3, 4), V), f(np.copyto, fresh(3, 4), X, where=MASK)],
    "nan_to_num": [f(np.nan_to_num, np.array([np.nan, 1.0]), False)],
    "flatten": [f(M.ravel), f(M.flatten)],
}
