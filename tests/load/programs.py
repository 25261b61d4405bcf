"""A small network with one fault, to be written in every dialect, and how to check what is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpdoctor.model.report import Report
from bpdoctor.pipeline import Options, check_path

DATA = """\
import numpy as np

np.random.seed(1)
X = np.random.randn(12, 3)
Y = (X[:, :1] * X[:, 1:2] > 0) * 1.0
"""
NET = """\
W1 = np.random.randn(3, 5) * 0.7
W2 = np.random.randn(5, 1) * 0.7


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))

"""
TRAIN = """\
for step in range(60):
    h = sigmoid(X.dot(W1))
    p = sigmoid(h.dot(W2))
    loss = np.mean((p - Y) ** 2)
    d2 = 2.0 * (p - Y) * p * (1 - p) / len(X)
    d1 = d2.dot(W2.T) * h * (1 - h)
    W2 -= 0.5 * h.T.dot(d2)
    W1 -= 0.5 * X.T.dot(d1)
"""
HEALTHY = DATA + NET + TRAIN
SICK_TRAIN = TRAIN.replace("d2.dot(W2.T) * h * (1 - h)", "d2.dot(W2.T)")
SICK = DATA + NET + SICK_TRAIN
GUILTY = "    d1 = d2.dot(W2.T)"


def examined(path: Path, monkeypatch: pytest.MonkeyPatch, **options: object) -> Report:
    """Check a file as somebody in its folder would."""
    monkeypatch.chdir(path.parent)
    return check_path(path.name, Options(fix=False, **options))  # type: ignore[arg-type]


def placed(report: Report) -> list[tuple[str, str, int]]:
    """Rule, place and line of every error."""
    marks = [(f.rule, f.primary) for f in report.findings if f.severity == "error"]
    return [(rule, mark.span.place, mark.span.line) for rule, mark in marks if mark is not None]


def line_of(text: str, wanted: str) -> int:
    return text.split("\n").index(wanted) + 1
