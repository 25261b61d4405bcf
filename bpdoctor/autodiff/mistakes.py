"""Shapes that wrong adjoints have in common: one product replaced, one sum misread, one factor exchanged.

What is right by construction is left out here by looking at formulas, not at one step's numbers: in a
network of single numbers a wrong factor is right for every living ReLU, and a label that came and went
with the sample could not be followed through the steps.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from functools import lru_cache
from typing import Any

import numpy as np

from bpdoctor.autodiff.activations import Activation, sigmoid
from bpdoctor.autodiff.steps import told
from bpdoctor.model.evidence import Local, Prediction, Use

Array = Any
Factor = Callable[[Array, Array], Array]

CLOSE = 1e-9
PIECEWISE = frozenset({"relu", "leaky relu", "elu"})
# Points on which factors are told apart: none of them at a kink.
_POINTS = np.linspace(-2.9, 3.1, 25)
_SINGLE = 3


def array(x: Array) -> Array:
    """The value as a float array; numbers of pure Python programs become 0-d."""
    return np.asarray(x, dtype=np.float64)


def same(x: Array, y: Array) -> bool:
    """Whether two arrays agree entry by entry, shapes included."""
    x, y = array(x), array(y)
    if x.shape != y.shape:
        return False
    scale = max(float(np.abs(y).max(initial=0)), float(np.abs(x).max(initial=0)))
    return bool(np.all(np.abs(x - y) <= CLOSE * scale))


def same_as_any(x: Array, rows: Array) -> bool:
    """Whether an array agrees with one of the rows of a matrix."""
    with np.errstate(invalid="ignore"):
        scale = np.maximum(np.abs(x).max(), np.abs(rows).max(axis=1, keepdims=True))
        return bool((np.abs(rows - x) <= CLOSE * scale).all(axis=1).any())


def proportional(x: Array, y: Array) -> bool:
    """Whether x is a multiple of y.

    Notes
    -----
    A single number is a multiple of every other. There the factor must be one that a loss brings with it:
    n, 1/n, 2n or 2/n with whole n.
    """
    x, y = np.ravel(array(x)), np.ravel(array(y))
    if x.size != y.size or not np.isfinite(x).all() or not np.isfinite(y).all():
        return False
    size = float(np.dot(y, y))
    if size == 0 or not x.any():
        return False
    k = float(np.dot(x, y)) / size
    if x.size > 1:
        return same(x, k * y)
    return any(abs(m - round(m)) <= CLOSE * m for m in (2 * abs(k), 2 / abs(k)) if m > 0.9)


# ---- activations


def steps_into(local: Local) -> bool:
    """Whether the place is a pre-activation with everything an elementwise rule needs."""
    return (
        local.role == "activation"
        and local.upstream is not None
        and local.after is not None
        and np.shape(local.upstream) == np.shape(local.value)
    )


def elementwise(local: Local) -> Activation | None:
    """The activation of this place when it acts on each entry alone, which softmax does not."""
    f: Activation | None = local.activation
    return None if f is None or f.name == "softmax" else f


def slope(local: Local) -> Array | None:
    """The true factor f'(z); None where no elementwise function was recognised."""
    f = elementwise(local)
    return None if f is None else array(f.derivative(array(local.value)))


def at(formula: Callable[[Array], Array], *, output: bool) -> Factor:
    """A formula in one variable, put in at the activation or at what it is applied to."""
    return lambda z, a: formula(a if output else z)


def on_points(factor: Factor, f: Activation | None) -> Array:
    """A factor as a function of z in a layer with activation f (any bounded one when unknown)."""
    a = sigmoid(_POINTS) if f is None else f.function(_POINTS)
    with np.errstate(all="ignore"):
        return factor(_POINTS, a) + 0 * _POINTS


def is_derivative_of(factor: Factor, f: Activation) -> bool:
    """Whether ``factor(z, a)`` is f' itself, judged on fixed points and not on this step's values."""
    return same(on_points(factor, f), f.derivative(_POINTS))


def probability_axis(s: Array | None) -> int | None:
    """Axis along which the entries are positive and sum to 1, as after softmax; None without one."""
    if s is None or np.ndim(s) == 0:
        return None
    s = array(s)
    axes: tuple[int, ...] = (s.ndim - 1, 0)
    for axis in axes:
        if s.shape[axis] > 1 and (s >= 0).all() and np.allclose(s.sum(axis=axis), 1, rtol=1e-6, atol=0):
            return axis
    return None


def through_softmax(s: Array, g: Array, axis: int) -> Array:
    """Cotangent of the logits."""
    return s * (g - (g * s).sum(axis=axis, keepdims=True))


# ---- the end of the network


def ends(local: Local) -> tuple[Array, Array] | None:
    """Output and target in the shape of this place, where the place is the network's end."""
    if local.output is None or local.target is None:
        return None
    o, t = array(local.output), array(local.target)
    if o.shape != np.shape(local.value) or t.shape != o.shape:
        return None
    if local.role == "output":
        return o, t
    if local.role == "activation" and local.after is not None and same(local.after, o):
        return o, t
    return None


def above(local: Local) -> bool:
    """Whether the place lies before the last activation, so that a delta there contains its derivative."""
    return not same(local.value, local.output)


def end_slope(local: Local) -> Array | None:
    """Derivative of the last activation, with the diagonal only for softmax; None when unknown."""
    if elementwise(local) is not None:
        return slope(local)
    o, z = array(local.after if local.output is None else local.output), array(local.value)
    if probability_axis(o) is not None:
        return o * (1 - o)
    with np.errstate(all="ignore"):
        logistic = same(sigmoid(z), o)
    return o * (1 - o) if logistic else None


def fused(local: Local) -> bool:
    """Whether the loss is a cross-entropy that cancels the derivative of the last activation.

    Notes
    -----
    The adjoint of z is then c(o - t). Without a known target, targets 0 and 1 are assumed: it is co where it
    is positive and -c(1 - o) elsewhere, with one c for all entries.
    """
    end = ends(local)
    if end is not None:
        o, t = end
        return above(local) and end_slope(local) is not None and proportional(local.true, o - t)
    if local.output is not None or local.role != "activation" or local.uses or local.after is None:
        return False
    name = getattr(local.activation, "name", "")
    if name not in ("sigmoid", "softmax"):
        return False
    o, delta = array(local.after), array(local.true)
    shares = np.where(delta > 0, o, o - 1)
    return proportional(delta, shares)


# ---- products


@lru_cache(maxsize=8)
def contributions(local: Local) -> list[Array]:
    """The part of the adjoint that comes through each use, in order."""
    if local.role == "weight":
        return [array(u.pull_weight(u.x, u.delta)) for u in local.uses]
    return [array(u.pull_input(u.w, u.delta)) for u in local.uses]


def rebuilt(local: Local, parts: list[Array]) -> Array | None:
    """The adjoint with other contributions of the uses; what does not come through them is kept.

    At a pre-activation the uses are those of ``a = f(z)``, and f'(z) is multiplied on at the end.
    """
    whole = local.upstream if local.role == "activation" else local.true
    if whole is None or any(np.shape(p) != np.shape(local.value) for p in parts):
        return None
    own = contributions(local)
    out = array(whole) - sum(own) + sum(parts)
    if local.role != "activation":
        return out
    f = slope(local)
    return None if f is None else out * f


def swapped(local: Local, pull: Callable[[Use], Array | None]) -> Iterator[tuple[str, Array]]:
    """The adjoint with the contribution of every use exchanged, then of each single one of a few.

    Yields
    ------
    str, ndarray
        An ending for the label ("" for all uses) and the adjoint.
    """
    own = contributions(local)
    new = [_pulled(pull, u) for u in local.uses]
    new = [None if n is None or n.shape != o.shape else n for n, o in zip(new, own, strict=True)]
    if not new or all(n is None for n in new):
        return
    choices = {"": range(len(own))}
    if 2 <= len(own) <= _SINGLE:
        choices |= {f" (use {k + 1})": range(k, k + 1) for k in range(len(own)) if new[k] is not None}
    for ending, chosen in choices.items():
        pairs = enumerate(zip(own, new, strict=True))
        parts = [o if k not in chosen or n is None else n for k, (o, n) in pairs]
        out = rebuilt(local, parts)
        if out is not None:
            yield ending, out


def _pulled(pull: Callable[[Use], Array | None], use: Use) -> Array | None:
    try:
        out = pull(use)
    except (ValueError, IndexError):  # the exchanged operand does not fit this product
        return None
    return None if out is None else array(out)


def kept(local: Local, chosen: list[int]) -> Array | None:
    """The adjoint when only the chosen uses are counted."""
    parts = [p if k in chosen else 0 * p for k, p in enumerate(contributions(local))]
    return rebuilt(local, parts)


# ---- steps of the sweep


def along(local: Local, layers: Collection[str], should: str, names: Collection[str] = ()) -> Iterator[Prediction]:
    """What the sweep gives when it makes a mistake in one of these layers, for mistakes of these names or all."""
    for link in local.links:
        if link.layer in layers and (not names or link.mistake.partition(",")[0] in names):
            value = link.adjoint()
            if value is not None:
                yield Prediction(value, link.label, told(link), should, elsewhere=True)


# ---- sums over samples


def collapse(delta: Array, shape: tuple[int, ...]) -> Array:
    """Sum of a broadcast array down to the shape it was broadcast from."""
    delta = array(delta)
    lead = delta.ndim - len(shape)
    if lead < 0:
        return delta.sum() * np.ones(shape)
    out = delta.sum(axis=tuple(range(lead)))
    axes = tuple(k for k, n in enumerate(shape) if n == 1 and out.shape[k] != 1)
    return out.sum(axis=axes, keepdims=True) if axes else out


def summed_axes(delta: Array, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Axes of `delta` over which a value of `shape` was broadcast."""
    lead = max(np.ndim(delta) - len(shape), 0)
    inner = tuple(lead + k for k, n in enumerate(shape) if n == 1 and np.shape(delta)[lead + k] != 1)
    return tuple(range(lead)) + inner
