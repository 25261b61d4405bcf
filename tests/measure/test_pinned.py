"""Outputs that no weights can change: those of a sample, not the largest score less itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpdoctor.pipeline import Options, check_path

NET = """\
import numpy as np

rng = np.random.default_rng(5)
X = rng.normal(size=(200, 3))
label = (X[:, 0] > 0).astype(int) + (X[:, 1] > 0.5)
T = np.eye(3)[label]
W, b = rng.normal(size=(3, 5)) / 2, np.zeros(5)
V, c = rng.normal(size=(5, 3)) / 2, np.zeros(3)
for step in range(40):
    h = np.tanh(X @ W + b)
    z = h @ V + c
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis={axis}, keepdims=True)
    loss = -np.sum(T * np.log(p + 1e-12)) / len(X)
    d = (p - T) / len(X)
    dh = d @ V.T * (1 - h**2)
    V -= 0.3 * h.T @ d
    W -= 0.3 * X.T @ dh
    b -= 0.3 * dh.sum(axis=0)
    c -= 0.3 * d.sum(axis=0)
print(loss)
"""


@pytest.mark.parametrize("axis", [0, 1])
def test_the_largest_score_is_not_pinned(tmp_path: Path, axis: int) -> None:
    path = tmp_path / "net.py"
    path.write_text(NET.format(axis=axis), encoding="utf-8")
    report = check_path(str(path), Options(fix=False))
    assert "missing-bias" not in {f.rule for f in report.findings}, str(report)


NUMBERS = """\
import math
import random

random.seed(3)
rows = [[random.gauss(0, 1) for _ in range(3)] for _ in range(24)]
labels = [max(range(3), key=lambda k: row[k]) for row in rows]
W, b = [[random.gauss(0, 0.3) for _ in range(3)] for _ in range(3)], [0.0] * 3
for turn in range(30):
    loss, gW, gb = 0.0, [[0.0] * 3 for _ in range(3)], [0.0] * 3
    for row, label in zip(rows, labels):
        z = [sum(w * x for w, x in zip(W[k], row)) + b[k] for k in range(3)]
        top = max(z)
        e = [math.exp(v - top) for v in z]
        p = [v / sum(e) for v in e]
        loss -= math.log(p[label]) / 24
        for k in range(3):
            r = (p[k] - (k == label)) / 24
            gb[k] += r
            for j in range(3):
                gW[k][j] += r * row[j]
    for k in range(3):
        b[k] -= 0.5 * gb[k]
        for j in range(3):
            W[k][j] -= 0.5 * gW[k][j]
print(loss)
"""


def test_the_largest_number_less_itself_is_not_pinned(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(NUMBERS)
    report = check_path(str(tmp_path / "net.py"), Options(fix=False))
    assert (report.verdict, report.findings) == ("healthy", ())
