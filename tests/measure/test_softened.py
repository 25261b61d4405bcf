"""A small number inside of a logarithm is no fault; how far it moves what it is added to is the tolerance."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpdoctor.pipeline import Options, check_path

PROGRAM = """\
import numpy as np

rng = np.random.default_rng(0)
X = rng.normal(size=(40, 3))
t = (X[:, :1] * X[:, 1:2] > 0).astype(float)
W1, b1 = rng.normal(size=(3, 8)), np.zeros(8)
W2, b2 = rng.normal(size=(8, 1)), np.zeros(1)
for i in range(60):
    h = np.tanh(X @ W1 + b1)
    p = 1 / (1 + np.exp(-(h @ W2 + b2)))
    loss = -np.mean(t * np.log(p + GUARD) + (1 - t) * np.log(1 - p + GUARD))
    d = (p - t) / len(X)
    dh = d @ W2.T * (1 - h * h)
    W2 -= 0.5 * h.T @ d
    b2 -= 0.5 * d.sum(0)
    W1 -= 0.5 * X.T @ dh
    b1 -= 0.5 * dh.sum(0)
print(loss)
"""


@pytest.mark.parametrize("guard", ["1e-12", "1e-10", "1e-9", "1e-8", "1e-7", "1e-5"])
def test_a_guarded_logarithm_is_no_fault(guard: str, tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(PROGRAM.replace("GUARD", guard), encoding="utf-8")
    report = check_path(str(path), Options(fix=False))
    assert report.verdict == "healthy", report.findings
    assert not report.findings


def test_a_small_mistake_is_found_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    text = PROGRAM.replace("GUARD", "1e-9").replace("(1 - h * h)", "(1 - 1.001 * h * h)")
    path.write_text(text, encoding="utf-8")
    assert check_path(str(path), Options(fix=False)).verdict == "sick"
