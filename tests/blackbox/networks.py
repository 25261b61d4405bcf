"""A multilayer perceptron with a right gradient, and ways to make it wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

Gradient = Callable[[list[Any]], list[Any]]
Loss = Callable[[list[Any]], Any]


def perceptron(
    sizes: Sequence[int], *, samples: int = 16, dtype: Any = np.float64, relu: bool = False, seed: int = 0
) -> tuple[Loss, Gradient, list[Any]]:
    """Loss (softmax cross-entropy, mean), gradient and parameters W1, b1, W2, b2..."""
    rng = np.random.default_rng(seed)
    params: list[Any] = []
    for m, n in pairwise(sizes):
        params += [(rng.normal(size=(m, n)) / np.sqrt(m)).astype(dtype), (0.1 * rng.normal(size=n)).astype(dtype)]
    x = rng.normal(size=(samples, sizes[0])).astype(dtype)
    y = np.eye(sizes[-1])[rng.integers(0, sizes[-1], samples)].astype(dtype)
    layers = len(sizes) - 1

    def forward(p: list[Any]) -> tuple[list[Any], Any]:
        a = [x]
        for i in range(layers - 1):
            z = a[-1] @ p[2 * i] + p[2 * i + 1]
            a.append(np.maximum(z, 0) if relu else np.tanh(z))
        z = a[-1] @ p[-2] + p[-1]
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return a, e / e.sum(axis=1, keepdims=True)

    def loss(p: list[Any]) -> Any:
        return -np.sum(y * np.log(forward(p)[1])) / samples

    def gradient(p: list[Any]) -> list[Any]:
        a, out = forward(p)
        d = (out - y) / samples
        grads: list[Any] = [None] * len(p)
        for i in range(layers - 1, -1, -1):
            grads[2 * i], grads[2 * i + 1] = a[i].T @ d, d.sum(axis=0)
            if i:
                d = (d @ p[2 * i].T) * ((a[i] > 0) if relu else (1 - a[i] ** 2))
        return grads

    return loss, gradient, params


def altered(gradient: Gradient, change: Callable[[list[Any]], None]) -> Gradient:
    """The gradient after `change` was done to copies of its arrays."""

    def wrong(p: list[Any]) -> list[Any]:
        grads = [np.array(g) for g in gradient(p)]
        change(grads)
        return grads

    return wrong


def median_entry(array: Any) -> tuple[int, ...]:
    """The index of an entry of typical size."""
    flat = int(np.argsort(np.abs(array).ravel())[array.size // 2])
    return tuple(int(i) for i in np.unravel_index(flat, array.shape))
