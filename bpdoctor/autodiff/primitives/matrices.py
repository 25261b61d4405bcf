"""Matrices as such: triangles, diagonals, traces, inverses, determinants."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..domains import case, samples
from ..registry import primitive, unbroadcast


def _t(x: Any) -> Any:
    return np.swapaxes(x, -1, -2)


def _invertible(*shapes: tuple[int, ...], **static: Any) -> Any:
    """Return a domain whose first operand is safely invertible."""

    def draw(rng: np.random.Generator) -> Any:
        drawn = samples(case(*shapes, **static), low=-0.6, high=0.6)(rng)
        drawn[0].operands[0][...] += 2.0 * np.eye(shapes[0][-1])
        return drawn

    return draw


def _together(*domains: Any) -> Any:
    return lambda rng: [sample for domain in domains for sample in domain(rng)]


def _trace(g: Any, out: Any, x: Any, *, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    shape = np.shape(x)
    ones = np.eye(shape[axis1], shape[axis2], offset)
    moved = np.multiply.outer(np.asarray(g), ones)
    return np.moveaxis(moved, (-2, -1), (axis1, axis2))


def _diag(g: Any, out: Any, x: Any, k: int = 0) -> Any:
    if np.ndim(x) == 1:
        return np.diagonal(g, k)
    result = np.zeros(np.shape(x))
    rows = np.arange(np.size(out)) + max(-k, 0)
    result[rows, rows + k] = np.ravel(g)
    return result


def _solve_matrix(g: Any, out: Any, a: Any, b: Any) -> Any:
    pulled = _solve_right(g, out, a, b)
    if np.ndim(out) == 1 or np.ndim(b) == 1:
        return -pulled[..., :, None] * out[..., None, :]
    return -pulled @ _t(out)


def _solve_right(g: Any, out: Any, a: Any, b: Any) -> Any:
    if np.ndim(b) == 1:
        return np.linalg.solve(_t(a), g[..., None])[..., 0]
    return np.linalg.solve(_t(a), g)


def _pinv(g: Any, out: Any, x: Any) -> Any:
    # Golub and Pereyra (1973), "The differentiation of pseudo-inverses", for constant rank
    p, pt, gt = out, _t(out), _t(g)
    left = np.eye(np.shape(x)[-2]) - x @ p
    right = np.eye(np.shape(x)[-1]) - p @ x
    return -pt @ g @ pt + left @ gt @ p @ pt + pt @ p @ gt @ right


def _matrix_power(g: Any, out: Any, x: Any, n: int) -> Any:
    if n == 0:
        return None
    base = np.linalg.inv(x) if n < 0 else np.asarray(x, dtype=float)
    powers = [np.linalg.matrix_power(base, i) for i in range(abs(n))]
    total = sum(_t(powers[i]) @ g @ _t(powers[abs(n) - 1 - i]) for i in range(abs(n)))
    return total if n > 0 else -_t(base) @ total @ _t(base)


def _multi_dot(k: int, g: Any, out: Any, *factors: Any) -> Any:
    ends = [np.asarray(f, dtype=float) for f in factors]
    ends[0] = ends[0][None, :] if ends[0].ndim == 1 else ends[0]
    ends[-1] = ends[-1][:, None] if ends[-1].ndim == 1 else ends[-1]
    result = np.reshape(g, (ends[0].shape[0], ends[-1].shape[1]))
    for factor in ends[:k]:
        result = factor.T @ result
    for factor in reversed(ends[k + 1 :]):
        result = result @ factor.T
    return np.reshape(result, np.shape(factors[k]))


def _determinant(g: Any, out: Any, x: Any) -> Any:
    return np.asarray(g * out)[..., None, None] * _t(np.linalg.inv(x))


primitive("tril", np.tril, lambda g, out, x, k=0: np.tril(g, k), domain=samples(case((3, 3)), case((2, 3), k=1)))
primitive("triu", np.triu, lambda g, out, x, k=0: np.triu(g, k), domain=samples(case((3, 3)), case((2, 2, 3), k=-1)))
primitive(
    "trace",
    np.trace,
    _trace,
    domain=samples(case((3, 3)), case((2, 3), offset=1), case((2, 3, 2), axis1=0, axis2=2)),
)
primitive(
    "diag",
    np.diag,
    _diag,
    domain=samples(case((3,)), case((3,), k=-1), case((3, 3)), case((2, 3), k=1), case((3, 2), k=-1)),
)
primitive(
    "diagflat",
    np.diagflat,
    lambda g, out, x, k=0: np.reshape(np.diagonal(g, k), np.shape(x)),
    domain=samples(case((2, 2)), case((2,), k=1)),
)
primitive(
    "linalg.inv",
    np.linalg.inv,
    lambda g, out, x: -_t(out) @ g @ _t(out),
    domain=_together(_invertible((3, 3)), _invertible((2, 2, 2))),
)
primitive(
    "linalg.pinv",
    np.linalg.pinv,
    _pinv,
    domain=_together(_invertible((3, 3)), samples(case((2, 3)), case((4, 2)))),
)
primitive(
    "linalg.solve",
    np.linalg.solve,
    lambda g, out, a, b: unbroadcast(_solve_matrix(g, out, a, b), np.shape(a)),
    _solve_right,
    domain=_together(_invertible((3, 3), (3,)), _invertible((3, 3), (3, 2)), _invertible((2, 2, 2), (2, 2, 3))),
)
primitive("linalg.det", np.linalg.det, _determinant, domain=_together(_invertible((3, 3)), _invertible((2, 2, 2))))
primitive(
    "linalg.matrix_power",
    np.linalg.matrix_power,
    _matrix_power,
    domain=_together(*[_invertible((2, 2), n=n) for n in (0, 1, 2, 3, -1, -2)]),
)
primitive(
    "linalg.multi_dot",
    lambda *factors: np.linalg.multi_dot(factors),
    variadic=_multi_dot,
    domain=samples(case((2, 3), (3, 4), (4, 2)), case((3,), (3, 2), (2,)), case((3,), (3, 2))),
)
primitive(
    "array-trace",  # np.linalg.trace: the last two axes
    lambda x, offset=0: np.trace(x, offset, -2, -1),
    lambda g, out, x, offset=0: _trace(g, out, x, offset=offset, axis1=-2, axis2=-1),
    domain=samples(case((3, 3)), case((2, 2, 3), offset=1)),
)
