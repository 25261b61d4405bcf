"""Biases that no step changes, also where one unit sees one sample at a time."""

from __future__ import annotations

from typing import Any

import pytest

from .harness import examine

UNITS = """\
import numpy as np

rng = np.random.default_rng(4)
X, T = rng.normal(size=(6, 2)), rng.normal(size=6)


class Unit:
    def __init__(self, size):
        self.w = rng.normal(size=(1, size))
        self.b = {bias}

    def forward(self, x):
        self.x, self.a = x, np.tanh(self.w @ x + self.b)
        return self.a

    def learn(self, g):
        d = g * (1 - self.a**2)
        back = self.w.T @ d
        self.w = self.w - 0.1 * d @ self.x.T
        {update}
        return back


hidden, last = [Unit(2) for _ in range(3)], Unit(3)
for step in range(5):
    for row, t in zip(X, T):
        x = row[:, None]
        y = last.forward(np.concatenate([u.forward(x) for u in hidden]))
        loss = 0.5 * ((y - t) ** 2).sum()
        back = last.learn(y - t)
        for u, g in zip(hidden, back):
            u.learn(g[:, None])
"""
DRAWN = "rng.normal(size=(1, 1))"


@pytest.mark.parametrize(
    ("bias", "update", "found"),
    [
        (DRAWN, "pass", ["self.b"]),
        (DRAWN, "self.b = self.b - 0.1 * d", []),
        ("0.5", "pass", []),  # a threshold
        ("np.array([[0.5]])", "pass", []),
    ],
)
def test_one_unit_and_one_sample(bias: str, update: str, found: list[str]) -> None:
    seen: Any = examine(UNITS.format(bias=bias, update=update)).measurements["constants"]
    assert [u.name for u in seen.untrained if u.left_out] == found
