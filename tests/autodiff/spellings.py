"""Ways to call each function, listed below the name of its primitive, for the binder tests."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

RNG = np.random.default_rng(7)
X = RNG.uniform(0.2, 2.0, (3, 4))
Y = RNG.uniform(0.2, 2.0, (3, 4))
SQUARE = RNG.uniform(-1.0, 1.0, (4, 4)) + 3.0 * np.eye(4)
V = RNG.uniform(0.2, 2.0, 4)
W = RNG.uniform(0.2, 2.0, 4)
CUBE = RNG.uniform(-1.0, 1.0, (2, 3, 4))
MASK = X > 1.0
M = np.matrix(SQUARE)
NUMBERS = [0.5, 2.0, 1.25]
S = np.float64(0.7)

Spelling = tuple[Any, tuple[Any, ...], dict[str, Any]]


def f(func: Any, *args: Any, **kwargs: Any) -> Spelling:
    """Write a call down without making it."""
    return func, args, kwargs


REDUCTIONS: dict[str, list[Spelling]] = {
    "sum": [
        f(np.sum, X),
        f(np.sum, X, 0),
        f(np.sum, X, axis=(0, 1), keepdims=True),
        f(np.sum, a=X, axis=-1, dtype=float),
        f(X.sum),
        f(X.sum, 1),
        f(X.sum, axis=0, keepdims=True),
        f(np.add.reduce, X),
        f(np.add.reduce, X, 1),
        f(np.add.reduce, X, axis=None),
        f(M.sum, 0),
        f(np.sum, M, axis=1),
        f(np.sum, NUMBERS),
        f(S.sum),
    ],
    "prod": [f(np.prod, X, 1), f(X.prod, 0), f(np.multiply.reduce, V), f(math.prod, NUMBERS)],
    "mean": [
        f(np.mean, X, 0),
        f(X.mean, axis=1, keepdims=True),
        f(np.average, X, 0),
        f(M.mean),
        f(np.average, X),
    ],
    "average": [f(np.average, X, axis=1, weights=V), f(np.average, X, None, Y)],
    "var": [f(np.var, X, 0, ddof=1), f(X.var), f(X.var, 1, None, None, 1), f(np.var, X, correction=1)],
    "std": [f(np.std, X, axis=0, keepdims=True), f(X.std, axis=1, ddof=1)],
    "nansum": [f(np.nansum, X, 1)],
    "nanmean": [f(np.nanmean, X, axis=0)],
    "max": [
        f(np.max, X, 1),
        f(np.amax, X, axis=0),
        f(X.max),
        f(np.maximum.reduce, X),
        f(max, NUMBERS),
        f(max, 1.0, 3.0, 2.0),
    ],
    "min": [
        f(np.min, X, 1),
        f(np.amin, X),
        f(X.min, axis=0),
        f(np.minimum.reduce, X),
        f(min, V),
        f(min, NUMBERS),
    ],
    "nanmax": [f(np.nanmax, X, 0)],
    "nanmin": [f(np.nanmin, X, 0)],
    "ptp": [f(np.ptp, X, 0)],
    "median": [f(np.median, X), f(np.median, X, axis=0)],
    "quantile": [
        f(np.quantile, X, 0.3, axis=1),
        f(np.percentile, X, 30.0),
        f(np.percentile, X, [10, 50], axis=0),
    ],
    "cumsum": [f(np.cumsum, X, 0), f(X.cumsum), f(np.add.accumulate, V)],
    "cumprod": [f(np.cumprod, X, axis=1), f(X.cumprod, 0), f(np.multiply.accumulate, V)],
    "diff": [f(np.diff, X), f(np.diff, X, axis=0, n=2)],
    "logsumexp": [f(np.logaddexp.reduce, V)],
    "array-sum": [
        f(sum, NUMBERS),
        f(sum, [X, Y]),
        f(sum, V),
        f(sum, NUMBERS, 1.5),
        f(sum, X, start=V),
        f(math.fsum, NUMBERS),
    ],
    "add-all": [f(sum, [X, V, 1.0])],
    "argmax": [f(np.argmax, X, 1), f(X.argmax), f(np.argmax, X, axis=0)],
    "argmin": [f(np.argmin, X, 1), f(X.argmin)],
    "argsort": [f(np.argsort, V), f(X.argsort, 1)],
    "all": [f(np.all, MASK), f(MASK.all, 0), f(np.logical_and.reduce, MASK)],
    "any": [f(np.any, MASK, axis=0), f(MASK.any)],
    "count_nonzero": [f(np.count_nonzero, MASK)],
    "sort": [f(np.sort, X), f(np.sort, X, axis=0)],
    "partition": [f(np.partition, X, 1), f(np.partition, V, kth=2)],
    "unique": [f(np.unique, V)],
    "searchsorted": [f(np.searchsorted, np.arange(3.0), V), f(np.arange(3.0).searchsorted, V)],
    "linalg.norm": [
        f(np.linalg.norm, X),
        f(np.linalg.norm, X, axis=1),
        f(np.linalg.norm, V, 1),
        f(math.hypot, 1.0, 2.0, 3.0),
    ],
    "distance": [f(math.dist, [1.0, 2.0], [0.0, 3.0])],
}

PRODUCTS: dict[str, list[Spelling]] = {
    "matmul": [f(np.matmul, X, Y.T), f(operator.matmul, X, V), f(X.__matmul__, V)],
    "dot": [
        f(np.dot, X, Y.T),
        f(X.dot, V),
        f(np.dot, V, W),
        f(np.dot, 2.0, X),
        f(M.dot, M),
        f(operator.mul, M, M),
        f(operator.mul, 2.0, M),
        f(M.__mul__, M),
    ],
    "inner": [f(np.inner, X, Y)],
    "outer": [f(np.outer, V, W)],
    "vdot": [f(np.vdot, V, W)],
    "kron": [f(np.kron, X, Y)],
    "einsum": [
        f(np.einsum, "ij,ij->i", X, Y),
        f(np.einsum, "ij,kj", X, Y, optimize=True),
        f(np.einsum, X, [0, 1], Y, [2, 1], [0, 2]),
        f(np.einsum, CUBE, [Ellipsis, 1], [Ellipsis]),
    ],
    "tensordot": [f(np.tensordot, X, Y), f(np.tensordot, X, Y, axes=([0], [0])), f(np.tensordot, CUBE, V, 1)],
    "cross": [f(np.cross, V[:3], W[1:]), f(np.cross, X, Y, axis=0)],
    "trace": [f(np.trace, SQUARE), f(SQUARE.trace, 1)],
    "diag": [f(np.diag, V), f(np.diag, SQUARE, 1), f(np.diag, SQUARE, k=-1)],
    "diagonal": [f(np.diagonal, SQUARE), f(SQUARE.diagonal, 1)],
    "diagflat": [f(np.diagflat, X)],
    "tril": [f(np.tril, SQUARE, -1)],
    "triu": [f(np.triu, SQUARE)],
    "linalg.inv": [f(np.linalg.inv, SQUARE)],
    "linalg.pinv": [f(np.linalg.pinv, X), f(M.getI)],
    "linalg.solve": [f(np.linalg.solve, SQUARE, V)],
    "linalg.det": [f(np.linalg.det, SQUARE)],
    "linalg.matrix_power": [f(np.linalg.matrix_power, SQUARE, 3), f(operator.pow, M, 2)],
    "linalg.multi_dot": [f(np.linalg.multi_dot, [X, SQUARE, V])],
    "convolve": [
        f(np.convolve, V, W),
        f(np.convolve, V, W[:3], "same"),
        f(np.convolve, W[:2], V, mode="same"),
        f(np.convolve, V[:3], W, "valid"),
    ],
    "correlate": [
        f(np.correlate, V, W),
        f(np.correlate, V, W[:2], "same"),
        f(np.correlate, W[:2], V, "same"),
        f(np.correlate, W[:3], V, "full"),
        f(np.correlate, W[:2], V),
        f(np.correlate, X[0], W[:3], mode="same"),
    ],
}

SHAPES: dict[str, list[Spelling]] = {
    "transpose": [
        f(np.transpose, X),
        f(X.transpose),
        f(CUBE.transpose, 2, 0, 1),
        f(CUBE.transpose, (1, 0, 2)),
        f(np.transpose, CUBE, axes=[0, 2, 1]),
        f(M.getT),
    ],
    "swapaxes": [f(np.swapaxes, CUBE, 0, 2), f(CUBE.swapaxes, -1, 1)],
    "moveaxis": [f(np.moveaxis, CUBE, 0, -1), f(np.moveaxis, CUBE, source=[0, 1], destination=[1, 2])],
    "rollaxis": [f(np.rollaxis, CUBE, 2), f(np.rollaxis, CUBE, 0, 3)],
    "reshape": [
        f(np.reshape, X, (2, 6)),
        f(X.reshape, 2, 6),
        f(X.reshape, (-1,)),
        f(X.reshape, -1, 3, order="F"),
        f(np.reshape, X, -1),
        f(X.reshape, [4, 3]),
    ],
    "ravel": [f(np.ravel, X), f(X.ravel, "F"), f(M.getA1)],
    "flatten": [f(X.flatten), f(X.flatten, "F")],
    "squeeze": [f(np.squeeze, X[None]), f(X[None].squeeze, 0), f(np.squeeze, X[..., None], axis=-1)],
    "expand_dims": [f(np.expand_dims, X, 1), f(np.expand_dims, X, axis=(0, -1))],
    "atleast_1d": [f(np.atleast_1d, 2.0)],
    "atleast_2d": [f(np.atleast_2d, V)],
    "atleast_3d": [f(np.atleast_3d, X)],
    "broadcast_to": [f(np.broadcast_to, V, (3, 4))],
    "full": [f(np.full, (2, 2), S), f(np.full, 3, fill_value=2.0), f(np.full_like, X, V)],
    "roll": [f(np.roll, X, 1), f(np.roll, X, 2, axis=1)],
    "flip": [f(np.flip, X), f(np.flip, X, 0)],
    "fliplr": [f(np.fliplr, X)],
    "flipud": [f(np.flipud, X)],
    "rot90": [f(np.rot90, X), f(np.rot90, X, 2), f(np.rot90, CUBE, k=3, axes=(1, 2))],
    "repeat": [f(np.repeat, X, 2), f(X.repeat, 3, axis=0), f(np.repeat, V, [1, 0, 2, 1])],
    "tile": [f(np.tile, X, (2, 1)), f(np.tile, A=V, reps=3)],
    "delete": [f(np.delete, X, 1, 0), f(np.delete, V, [0, 2])],
    "resize": [f(np.resize, X, (2, 2))],
    "pad": [
        f(np.pad, X, 1),
        f(np.pad, X, ((0, 1), (1, 0)), "edge"),
        f(np.pad, X, 1, mode="constant", constant_values=2.0),
    ],
    "sliding_window_view": [
        f(np.lib.stride_tricks.sliding_window_view, X, (2, 2)),
        f(np.lib.stride_tricks.sliding_window_view, X, 2, axis=1),
    ],
    "as_strided": [
        f(np.lib.stride_tricks.as_strided, X, (2, 2, 2, 3), (32, 8, 32, 8)),
        f(np.lib.stride_tricks.as_strided, X.T, shape=(2, 2), strides=(8, 32)),
        f(np.lib.stride_tricks.as_strided, V[::2], strides=(0,)),
    ],
    "concatenate": [
        f(np.concatenate, (X, Y)),
        f(np.concatenate, [X, Y], 1),
        f(np.concatenate, [X, Y], axis=None),
    ],
    "stack": [f(np.stack, [X, Y]), f(np.stack, (X, Y), axis=-1)],
    "vstack": [f(np.vstack, [V, W]), f(np.vstack, (X, V))],
    "hstack": [f(np.hstack, [V, W]), f(np.hstack, (X, Y))],
    "dstack": [f(np.dstack, (X, Y))],
    "column_stack": [f(np.column_stack, (V, W)), f(np.column_stack, [X, X[:, 0]])],
    "c_": [f(np.c_, X, V[:3]), f(np.c_, V, W, V)],
    "r_": [f(np.r_, V, W), f(np.r_, V, 1.0, W[:2]), f(np.r_, X, Y)],
    "joined": [f(np.concatenate, CUBE), f(np.vstack, CUBE), f(np.stack, CUBE, axis=1), f(np.hstack, CUBE)],
    "append": [f(np.append, X, V), f(np.append, X, Y, axis=0), f(np.append, V, 1.0)],
    "insert": [
        f(np.insert, X, 0, 1.0, axis=1),
        f(np.insert, V, 2, S),
        f(np.insert, arr=V, obj=[0, 1], values=[2.0, 3.0]),
    ],
    "block": [f(np.block, [[X, Y], [Y, X]])],
    "array": [
        f(np.array, NUMBERS),
        f(np.array, [[1.0, S], [2.0, 3.0]]),
        f(np.array, [V, W]),
        f(np.asarray, [V, W], dtype=float),
        f(np.array, X, ndmin=3),
    ],
    "copy": [f(np.copy, X), f(X.copy), f(np.array, X), f(np.array, S), f(X.copy, order="F")],
    "asarray": [f(np.asarray, X), f(np.asarray, a=X), f(np.asanyarray, X), f(M.getA)],
    "astype": [
        f(X.astype, np.float32),
        f(X.astype, dtype=int),
        f(np.array, X, dtype=np.float32),
        f(np.float64, 2.5),
        f(np.float32, S),
        f(np.float16, 2.0),
        f(np.longdouble, S),
        f(np.int32, 2.5),
        f(np.int64, 2.5),
    ],
    "matrix": [f(np.matrix, X), f(np.asmatrix, X)],
    "ascontiguousarray": [f(np.ascontiguousarray, X), f(np.asfortranarray, X)],
    "take": [f(np.take, X, [0, 2], axis=1), f(X.take, [1, 1]), f(np.take, X, 3)],
    "take_along_axis": [
        f(np.take_along_axis, X, np.array([[1], [0], [2]]), 1),
        f(np.take_along_axis, X, np.argsort(X, axis=0), axis=0),
    ],
    "compress": [f(np.compress, [True, False, True], X, axis=0), f(X.compress, [True, False, True], 0)],
    "extract": [f(np.extract, MASK, X)],
    "choose": [f(np.choose, np.array([0, 1, 1, 0]), [V, W]), f(np.array([0, 1, 1, 0]).choose, [V, 2.0])],
    "item": [f(np.array([2.0]).item), f(X.item, 3), f(X.item, 1, 2), f(S.item)],
    "getitem": [f(operator.getitem, X, (0, slice(1, 3))), f(X.__getitem__, [0, 2])],
}

# spelled only in some versions of NumPy
for _path, _name, _args in (
    ("linalg.matmul", "matmul", (X, SQUARE)),
    ("linalg.outer", "outer", (V, W)),
    ("linalg.tensordot", "tensordot", (X, Y)),
    ("linalg.cross", "cross", (V[:3], W[:3])),
    ("linalg.trace", "array-trace", (CUBE,)),
    ("linalg.diagonal", "array-diagonal", (CUBE,)),
    ("linalg.matrix_transpose", "matrix_transpose", (CUBE,)),
    ("linalg.vecdot", "vecdot", (X, Y)),
    ("linalg.vector_norm", "vector-norm", (X,)),
    ("matrix_transpose", "matrix_transpose", (CUBE,)),
    ("row_stack", "vstack", ((X, Y),)),
    ("concat", "concatenate", ((X, Y),)),
    ("astype", "astype", (X, np.float32)),
    ("permute_dims", "transpose", (CUBE, (2, 0, 1))),
):
    _found: Any = np
    for _part in _path.split("."):
        _found = getattr(_found, _part, None)
    if _found is not None:
        SHAPES.setdefault(_name, []).append(f(_found, *_args))
