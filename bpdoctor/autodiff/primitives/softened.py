"""Softmax, its logarithm, and log-sum-exp (as scipy.special has them; NumPy has none)."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..registry import primitive
from .axes import kept, reduced
from .reduction import over_axes


def _logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    axes = reduced(axis, np.ndim(x))
    top = np.max(np.real(x), axis=axes, keepdims=True)
    top = np.where(np.isfinite(top), top, 0.0)
    total = np.log(np.sum(np.exp(x - top), axis=axes, keepdims=True)) + top
    return total if keepdims else np.squeeze(total, axis=axes)[()]


def _softmax(x: Any, axis: Any = None) -> Any:
    return np.exp(x - _logsumexp(x, axis, True))


def _pull_logsumexp(g: Any, out: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    shape = np.shape(x)
    return kept(g, shape, axis) * np.exp(x - kept(out, shape, axis))


def _pull_softmax(g: Any, out: Any, x: Any, axis: Any = None) -> Any:
    weighted = g * out
    return weighted - out * np.sum(weighted, axis=reduced(axis, np.ndim(x)), keepdims=True)


def _pull_log_softmax(g: Any, out: Any, x: Any, axis: Any = None) -> Any:
    return g - np.exp(out) * np.sum(g, axis=reduced(axis, np.ndim(x)), keepdims=True)


def _without_keepdims(rng: np.random.Generator) -> Any:
    return [sample for sample in over_axes()(rng) if "keepdims" not in sample.static]


primitive("logsumexp", _logsumexp, _pull_logsumexp, domain=over_axes())
primitive("softmax", _softmax, _pull_softmax, domain=_without_keepdims)
primitive(
    "log_softmax",
    lambda x, axis=None: x - _logsumexp(x, axis, True),
    _pull_log_softmax,
    domain=_without_keepdims,
)
