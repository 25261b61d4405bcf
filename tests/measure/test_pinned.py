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
