"""A penalty whose gradient is a shrinking of the weights, and rates of their own, however they are written."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from bpdoctor.model.report import Report
from bpdoctor.pipeline import Options, check_path

NET = """\
import numpy as np

rng = np.random.default_rng(31)
n = 40
X = rng.normal(size=(n, 3))
t = X[:, :1] * X[:, 1:2] - np.sin(X[:, 2:])
A, a = rng.normal(0, 0.6, (3, 8)), np.zeros(8)
B, b = rng.normal(0, 0.4, (8, 1)), np.zeros(1)
rate, lam = 0.1, 0.02
{setting}
for step in range(80):
    h = np.tanh(X @ A + a)
    e = h @ B + b - t
    loss = np.mean(e**2){penalty}
    d = 2 * e / n
    dh = d @ B.T * (1 - h**2)
    gA, ga, gB, gb = X.T @ dh, dh.sum(axis=0), h.T @ d, d.sum(axis=0)
{statements}
    print(loss)
"""
PENALTY = " + 0.5 * lam * (np.sum(A**2) + np.sum(B**2))"
BIASES = "a -= rate * ga\nb -= rate * gb\n"


def checked(folder: Path, statements: str, *, setting: str = "", penalty: str = PENALTY) -> Report:
    path = folder / "shrunk.py"
    text = NET.format(setting=setting, penalty=penalty, statements=textwrap.indent(statements, "    "))
    path.write_text(text, encoding="utf-8")
    return check_path(str(path), Options(fix=False))


@pytest.mark.parametrize(
    "statements",
    [
        BIASES + "A = (1 - rate * lam) * A - rate * gA\nB = (1 - rate * lam) * B - rate * gB",
        BIASES + "A = A * (1 - rate * lam) - rate * X.T @ dh\nB -= rate * (gB + lam * B)",
        BIASES + "A *= 1 - rate * lam\nA -= rate * gA\nB = B - rate * lam * B - rate * gB",
        BIASES + "B = (1 - 0.3 * lam) * B - 0.3 * 1 / n * np.dot(h.T, 2 * e)\nA = (1 - rate * lam) * A - rate * gA",
    ],
)
@pytest.mark.parametrize("penalty", [PENALTY, ""])
def test_a_shrinking_is_a_penalty_or_a_decay(tmp_path: Path, statements: str, penalty: str) -> None:
    report = checked(tmp_path, statements, penalty=penalty)
    assert report.verdict == "healthy", (report.reason, [f.message for f in report.findings])
    assert [f for f in report.findings if f.severity == "error"] == []


@pytest.mark.parametrize(
    ("setting", "statements"),
    [
        (
            "m = {k: 0.0 for k in 'AaBb'}",
            "for k, g in zip('AaBb', (gA, ga, gB, gb)):\n    m[k] = 0.9 * m[k] - rate * g\n"
            "A = (1 - rate * lam) * A + m['A']\nB = (1 - rate * lam) * B + m['B']\na, b = a + m['a'], b + m['b']",
        ),
        (
            "m = {k: 0.0 for k in 'AaBb'}\nv = {k: 0.0 for k in 'AaBb'}",
            "s = {}\nfor k, g in zip('AaBb', (gA, ga, gB, gb)):\n    m[k] = 0.9 * m[k] + 0.1 * g\n"
            "    v[k] = 0.99 * v[k] + 0.01 * g**2\n    s[k] = 0.03 * (m[k] / (1 - 0.9 ** (step + 1)))"
            " / (np.sqrt(v[k] / (1 - 0.99 ** (step + 1))) + 1e-8)\n"
            "A = (1 - 0.03 * lam) * A - s['A']\nB = (1 - 0.03 * lam) * B - s['B']\na, b = a - s['a'], b - s['b']",
        ),
    ],
)
def test_a_decay_beside_a_rule_that_keeps_something(tmp_path: Path, setting: str, statements: str) -> None:
    report = checked(tmp_path, statements, setting=setting)
    assert report.verdict == "healthy", (report.reason, [f.message for f in report.findings])


@pytest.mark.parametrize("shrinking", ["1", "(1 + rate * lam)", "(1 - 3 * rate * lam)"])
def test_another_shrinking_is_not_the_penalty(tmp_path: Path, shrinking: str) -> None:
    report = checked(tmp_path, BIASES + f"A = {shrinking} * A - rate * gA\nB = {shrinking} * B - rate * gB")
    assert report.verdict == "sick", report.reason


RATES = "a -= 0.5 * ga\nb -= 0.5 * gb\nA -= 0.5 * X.T @ dh\n"


@pytest.mark.parametrize(("update", "right"), [("0.1 * 2 * h.T @ e / n", True), ("0.5 * h.T @ e / n", False)])
def test_two_rates_beside_an_averaging(tmp_path: Path, update: str, right: bool) -> None:
    """The mean of the samples, and the 2 of the square, stand in the delta of one layer and in the other's update."""
    report = checked(tmp_path, RATES + f"B -= {update}", penalty="")
    assert report.verdict == ("healthy" if right else "sick"), [f.message for f in report.findings]
