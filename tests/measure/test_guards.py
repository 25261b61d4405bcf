"""Numbers that keep a logarithm or a quotient finite are no part of the gradient that is meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpdoctor.pipeline import Options, check_path

CLASSES = """\
import numpy as np

rng = np.random.default_rng(1)
X = rng.normal(size=(12, 3))
Y = np.eye(3)[(X[:, 0] > 0).astype(int) + (X[:, 1] > 0.3)]
W1, b1 = rng.normal(0, 0.6, (3, 6)), np.zeros(6)
W2, b2 = rng.normal(0, 0.6, (6, 3)), np.zeros(3)


def shares(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / (e.sum(axis=1, keepdims=True) + {below})


for step in range(80):
    h = np.tanh(X @ W1 + b1)
    p = shares(h @ W2 + b2)
    loss = -np.mean(np.sum(Y * np.log(p + {inside}), axis=1))
    d2 = {delta} / len(X)
    d1 = d2 @ W2.T{slope}
    W2 -= 0.5 * h.T @ d2
    b2 -= 0.5 * d2.sum(axis=0)
    W1 -= 0.5 * X.T @ d1
    b1 -= 0.5 * d1.sum(axis=0)
print(loss)
"""
SLOPE = " * (1 - h**2)"


def checked(folder: Path, **parts: str) -> tuple[str, list[tuple[str, int]]]:
    path = folder / "net.py"
    filled = {"below": "0.0", "inside": "0.0", "delta": "(p - Y)", "slope": SLOPE} | parts
    path.write_text(CLASSES.format(**filled), encoding="utf-8")
    report = check_path(str(path), Options(fix=False))
    errors = [f for f in report.findings if f.severity == "error"]
    return report.verdict, [(f.rule, f.primary.span.line if f.primary else 0) for f in errors]


@pytest.mark.parametrize(("below", "inside"), [("1e-4", "1e-9"), ("1e-7", "1e-5"), ("1e-9", "1e-7"), ("0.0", "1e-4")])
def test_a_gradient_may_leave_them_out(tmp_path: Path, below: str, inside: str) -> None:
    assert checked(tmp_path, below=below, inside=inside) == ("healthy", [])


def test_a_gradient_may_have_them(tmp_path: Path) -> None:
    exact = "(p * np.sum(Y * p / (p + 1e-5), axis=1, keepdims=True) - Y * p / (p + 1e-5))"
    assert checked(tmp_path, inside="1e-5", delta=exact) == ("healthy", [])


def test_a_fault_beside_them_is_found_alone(tmp_path: Path) -> None:
    found = checked(tmp_path, below="1e-7", inside="1e-5", slope="")
    assert found == ("sick", [("missing-activation-derivative", 20)])
