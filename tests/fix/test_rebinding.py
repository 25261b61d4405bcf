"""Gradients that get a name of which the update does not know, and memories that nothing is written to."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpdoctor.model.report import Finding
from bpdoctor.pipeline import check_path

NET = """\
import numpy as np

rng = np.random.default_rng(2)


class Dense:
    def __init__(self, a, b):
        self.w, self.b = rng.normal(0, 0.5, (a, b)), rng.normal(0, 0.5, b)
        self.dw, self.db = np.zeros((a, b)), np.zeros(b)
        self.held = Held(self.w, self.dw, self.b, self.db)

    def forward(self, x):
        self.x = x
        return x @ self.w + self.b

    def backward(self, g):
        self.db += g.sum(axis=0)
        self.dw += self.x.T @ g
        return g @ self.w.T


class Held:
    def __init__(self, w, dw, b, db):
        self.w, self.dw, self.b, self.db = w, dw, b, db
        self.speed = np.zeros(w.shape)


class Descent:
    def __init__(self, held, rate):
        self.held, self.rate = held, rate

    def clear(self):
        for p in self.held:
            p.dw *= 0
            p.db *= 0

    def step(self):
        for p in self.held:
            p.speed[...] = 0.9 * p.speed - self.rate * p.dw
            p.w += p.speed
            p.b -= self.rate * p.db


X = rng.normal(size=(12, 2))
T = np.sin(X[:, :1]) + X[:, 1:]
first, second = Dense(2, 6), Dense(6, 1)
descent = Descent([first.held, second.held], 0.02)
for epoch in range(60):
    for i in range(0, len(X), 4):
        z = first.forward(X[i : i + 4])
        h = np.tanh(z)
        out = second.forward(h)
        loss = 0.5 * np.sum((out - T[i : i + 4]) ** 2)
        descent.clear()
        g = second.backward(out - T[i : i + 4])
        first.backward(g * (1 - h**2))
        descent.step()
print(loss)
"""


def serious(folder: Path, text: str) -> list[Finding]:
    path = folder / "net.py"
    path.write_text(text, encoding="utf-8")
    return [f for f in check_path(str(path)).findings if f.severity == "error"]


@pytest.mark.parametrize("other", [NET, NET.replace("p.b -= self.rate * p.db", "p.b -= 0.0 * p.db")])
def test_what_is_written_into_is_seen(tmp_path: Path, other: str) -> None:
    assert not serious(tmp_path, other)


def test_a_gradient_that_gets_a_name_is_written_into_the_array(tmp_path: Path) -> None:
    found = serious(tmp_path, NET.replace("self.db +=", "self.db ="))
    assert [f.rule for f in found] == ["parameter-never-updated"]
    assert "`p.b` never changes" in found[0].message
    assert found[0].primary is not None
    assert found[0].primary.span.line == 17
    assert found[0].fix is not None
    assert "self.db[...] = g.sum(axis=0)" in found[0].fix.title


def test_the_gradient_itself_is_no_loss_that_is_climbed(tmp_path: Path) -> None:
    single = NET.replace("i : i + 4", "i : i + 1").replace("0, len(X), 4", "len(X)").replace("self.db +=", "self.db =")
    lost = single.replace("p.speed[...] = 0.9 * p.speed - self.rate * p.dw", "v = 0.9 * p.speed - self.rate * p.dw")
    found = serious(tmp_path, lost.replace("p.w += p.speed", "p.w += v"))
    assert {f.rule for f in found} == {"parameter-never-updated", "optimizer-state-reset"}
