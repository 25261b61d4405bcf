"""Activations that are written into the array that they are applied to."""

from __future__ import annotations

import pytest

from .harness import examine

NET = """\
import numpy as np

rng = np.random.default_rng(6)
X, t = rng.normal(size=(8, 3)), rng.normal(size=(8, 1))
W, V = rng.normal(size=(3, 5)), rng.normal(size=(5, 1))
for step in range(5):
    z = X @ W
    {apply}
    y = z @ V
    loss = np.sum((y - t) ** 2)
    d = 2 * (y - t)
    e = d @ V.T * (z > 0)
    V -= 0.01 * z.T @ d
    W -= 0.01 * X.T @ e
"""


@pytest.mark.parametrize("apply", ["z[z < 0] = 0", "z[np.where(z < 0)] = 0", "z = z.copy(); z[z < 0] = 0"])
def test_a_relu_that_overwrites_its_argument(apply: str) -> None:
    assert [u.activation.name for u in examine(NET.format(apply=apply)).units] == ["relu"]
