"""A cross-entropy that is evaluated between the steps, in forward passes of its own, is the loss that is meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpdoctor.model.report import Report
from bpdoctor.pipeline import Options, check_path

NETWORK = """\
import numpy as np

rng = np.random.default_rng(4)
X = rng.normal(size=(24, 3))
labels = ((X[:, 0] > 0).astype(int) + (X[:, 1] > 0.4)) % {classes}
T = {targets}
W, b = rng.normal(size=(3, 6)) * 0.6, np.zeros(6)
V, c = rng.normal(size=(6, {outputs})) * 0.6, np.zeros({outputs})


def forward(x):
    h = np.tanh(x @ W + b)
    return h, {output}


def cost():
    total = 0.0
    for x, k in zip(X, {told}):
        p = forward(x)[1]
        total += {loss}
    return total / len(X)


for epoch in range(40):
    for i in rng.permutation(len(X))[:6]:
        h, p = forward(X[i])
        d = {delta}
        dh = (V @ d) * (1 - h**2)
        V -= 0.1 * np.outer(h, d)
        c -= 0.1 * d
        W -= 0.1 * np.outer(X[i], dh)
        b -= 0.1 * dh
    if epoch % 10 == 0:
        print(cost())
"""
LOGISTIC = {
    "classes": 2, "targets": "np.stack([labels, X[:, 2] > 0], axis=1) * 1.0", "outputs": 2, "told": "T",
    "output": "1 / (1 + np.exp(-(h @ V + c)))", "loss": "-np.sum(k * np.log(p) + (1 - k) * np.log(1 - p))",
}  # fmt: skip
SOFTMAX = {
    "classes": 3, "targets": "np.eye(3)[labels]", "outputs": 3, "told": "labels",
    "output": "np.exp(h @ V + c) / np.exp(h @ V + c).sum()", "loss": "-np.log(p[k])",
}  # fmt: skip
SQUARED = {**LOGISTIC, "loss": "np.sum((p - k) ** 2)"}


def checked(folder: Path, parts: dict[str, object], delta: str) -> Report:
    path = folder / "network.py"
    path.write_text(NETWORK.format(**parts, delta=delta), encoding="utf-8")
    return check_path(str(path), Options(fix=False))


@pytest.mark.parametrize("parts", [LOGISTIC, SOFTMAX], ids=["logistic", "softmax"])
def test_what_descends_it_is_healthy(tmp_path: Path, parts: dict[str, object]) -> None:
    report = checked(tmp_path, parts, "p - T[i]")
    assert report.verdict == "healthy"
    assert any("line 21 evaluates" in text for text in report.assumptions), report.assumptions


@pytest.mark.parametrize("parts", [LOGISTIC, SOFTMAX], ids=["logistic", "softmax"])
def test_a_slope_too_many_is_found(tmp_path: Path, parts: dict[str, object]) -> None:
    report = checked(tmp_path, parts, "(p - T[i]) * p * (1 - p)")
    errors = [(f.rule, f.primary and f.primary.span.line) for f in report.findings if f.severity == "error"]
    assert errors == [("unneeded-output-derivative", 27)]


def test_a_squared_error_may_be_a_measure(tmp_path: Path) -> None:
    assert checked(tmp_path, SQUARED, "p - T[i]").verdict == "healthy"


def test_without_it_the_squared_error_is_descended(tmp_path: Path) -> None:
    assert checked(tmp_path, SQUARED, "(p - T[i]) * p * (1 - p)").verdict == "healthy"
