"""A loss that is computed in a pass of its own, beside the one that the backward pass goes back through."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpdoctor.pipeline import Options, check_path

PROGRAM = """\
import numpy as np

rng = np.random.default_rng(14)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def slope(x):
    s = sigmoid(x)
    return s * (1 - s)


def forward(w, X):
    z = X @ w["W"] + w["b"]
    a = sigmoid(z)
    return z, a, a @ w["V"] + w["c"]


def loss(w, X, Y):
    return np.mean((forward(w, X)[2] - Y) ** 2)


X = rng.uniform(-3, 3, (50, 1))
Y = np.sin(X)
w = {"W": rng.normal(size=(1, 9)), "b": rng.normal(size=9), "V": 0.3 * rng.normal(size=(9, 1)), "c": np.zeros(1)}
for epoch in range(60):
    z, a, out = forward(w, X)
    d = 2 * (out - Y) / len(X)
    e = d @ w["V"].T * slope(ARGUMENT)
    w["V"] -= 0.1 * a.T @ d
    w["c"] -= 0.1 * d.sum(axis=0)
    w["W"] -= 0.1 * X.T @ e
    w["b"] -= 0.1 * e.sum(axis=0)
    if epoch % 20 == 0:
        print(epoch, loss(w, X, Y))
"""


@pytest.mark.parametrize(("argument", "found"), [("z", []), ("a", [("double-activation-derivative", 31)])])
def test_a_function_of_what_it_made(tmp_path: Path, argument: str, found: list[tuple[str, int]]) -> None:
    """What the function gives for its own result was left behind by no other call."""
    path = tmp_path / "program.py"
    path.write_text(PROGRAM.replace("ARGUMENT", argument), encoding="utf-8")
    findings = check_path(str(path), Options(fix=False)).findings
    assert [(f.rule, f.primary.span.line) for f in findings if f.severity == "error" and f.primary] == found
