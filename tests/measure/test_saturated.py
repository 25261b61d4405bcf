"""Outputs that are all but 0 or 1: a right delta is right, and a wrong one is wrong, whatever a guard leaves of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpdoctor.pipeline import Options, check_path

LOGISTIC = """\
import numpy as np

rng = np.random.default_rng(41)
X = rng.normal(size=(40, 3))
t = (X[:, :1] * X[:, 1:2] > 0).astype(float)
A, a = rng.normal(size=(3, 8)), np.zeros(8)
B, b = {size} * rng.normal(size=(8, 1)), np.zeros(1)
for epoch in range(40):
    h = np.tanh(X @ A + a)
    p = 1 / (1 + np.exp(-(h @ B + b)))
    loss = -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))
    d = {delta} / len(X)
    dh = d @ B.T * {slope}
    B -= 0.01 * h.T @ d
    b -= 0.01 * d.sum(axis=0)
    A -= 0.01 * X.T @ dh
    a -= 0.01 * dh.sum(axis=0)
    print(epoch, loss)
"""
SOFTMAX = """\
import numpy as np

rng = np.random.default_rng(42)
X = 40 * rng.normal(size=(40, 3))
T = np.eye(3)[X.argmax(axis=1)]
A, B = rng.normal(size=(3, 8)), 3 * rng.normal(size=(8, 3))
for epoch in range(40):
    h = np.maximum(X @ A, 0)
    z = h @ B
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    loss = -np.sum(T * np.log({guarded})) / len(X)
    d = {delta} / len(X)
    dh = d @ B.T * {slope}
    B -= 1e-4 * h.T @ d
    A -= 1e-4 * X.T @ dh
    print(epoch, loss)
"""


def accused(folder: Path, text: str) -> bool:
    """Whether anything is said to be wrong but the logarithm of a number that has become 0."""
    path = folder / "program.py"
    path.write_text(text, encoding="utf-8")
    report = check_path(str(path), Options(fix=False))
    assert report.gradients
    return any(f.severity == "error" and f.rule != "log-of-zero" for f in report.findings)


@pytest.mark.parametrize("size", [2, 5, 6])
@pytest.mark.parametrize(
    ("delta", "slope", "wrong"),
    [
        ("(p - t)", "(1 - h**2)", False),
        ("(p - t) * p * (1 - p)", "(1 - h**2)", True),
        ("(p - t)", "(1 - h)", True),
    ],
)
def test_logistic(tmp_path: Path, size: int, delta: str, slope: str, wrong: bool) -> None:
    assert accused(tmp_path, LOGISTIC.format(size=size, delta=delta, slope=slope)) is wrong


@pytest.mark.parametrize("guarded", ["p + 1e-12", "np.clip(p, 1e-12, 1)", "np.maximum(p, 1e-9)"])
@pytest.mark.parametrize(
    ("delta", "slope", "wrong"), [("(p - T)", "(h > 0)", False), ("(p - T)", "1", True), ("(T - p)", "h", True)]
)
def test_softmax(tmp_path: Path, guarded: str, delta: str, slope: str, wrong: bool) -> None:
    assert accused(tmp_path, SOFTMAX.format(guarded=guarded, delta=delta, slope=slope)) is wrong
