"""A minus before the first factor: what stands behind it is the pre-activation, and the brackets around it are kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpdoctor.pipeline import Options, check_path

NET = """\
import numpy as np

rng = np.random.default_rng(41)
X = rng.normal(size=(20, 3))
T = np.sin(X[:, :1])
V, c = rng.normal(size=(3, 5)) * 0.7, np.zeros(5)
w, b = rng.normal(size=(5, 1)) * 0.7, np.zeros(1)
for sweep in range(60):
    h = 1 / (1 + np.exp(Z))
    e = (h @ w + b - T) / len(X)
    loss = 0.5 * np.sum((h @ w + b - T) ** 2) / len(X)
    d = e @ w.T * h
    w -= 0.2 * h.T @ e
    b -= 0.2 * e.sum(axis=0)
    V -= 0.2 * X.T @ d
    c -= 0.2 * d.sum(axis=0)
"""


@pytest.mark.parametrize("z", ["-X @ V - c", "(-X) @ V - c", "(-X @ (V)) - c", "-(X @ V + c)"])
def test_the_derivative_is_held_against_what_is_behind_the_minus(z: str, tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(NET.replace("Z", z))
    right = NET.replace("Z", z).replace("w.T * h\n", "w.T * h * (1 - h)\n")
    (finding,) = check_path(str(tmp_path / "net.py"), Options(fix=False)).findings
    assert finding.rule == "wrong-activation-derivative"
    assert finding.primary is not None and finding.primary.span.line == 12
    line = NET.replace("Z", z).split("\n")[8]
    shown = [line[m.span.column - 1 : m.span.end_column - 1] for m in finding.related if m.span.line == 9]
    assert shown and all(text.count("(") == text.count(")") for text in shown)
    (tmp_path / "net.py").write_text(right)
    assert check_path(str(tmp_path / "net.py"), Options(fix=False)).verdict == "healthy"
