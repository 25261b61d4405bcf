"""Several trainings in one file, one after the other: each is examined."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpdoctor.pipeline import Options, check_path

PARTS = """\
import numpy as np

rng = np.random.default_rng(12)
X = rng.normal(size=(50, 3))
y = (X[:, :1] > X[:, 1:2] * X[:, 2:]) * 1.0


def s(z):
    return 1 / (1 + np.exp(-z))


def line():
    w = np.zeros((3, 1))
    for turn in range({turns}):
        p = s(X @ w)
        loss = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
        w -= 0.5 * X.T @ (p - y) / len(X)
    return loss


def net(taxa=0.5):
    w, v = rng.normal(size=(3, 6)), rng.normal(size=(6, 1))
    for turn in range({turns}):
        h = s(X @ w)
        p = s(h @ v)
        loss = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
        d = (p - y) / len(X)
        dh = d @ v.T * {slope}
        v -= taxa * h.T @ d
        w -= taxa * X.T @ dh
    return loss


print(line(), net())
"""


@pytest.mark.parametrize("turns", [60, 20_000])
def test_the_second_is_examined_too(tmp_path: Path, turns: int) -> None:
    path = tmp_path / "parts.py"
    path.write_text(PARTS.format(slope="h * (1 - h)", turns=turns), encoding="utf-8")
    report = check_path(str(path), Options(fix=False))
    assert report.verdict == "healthy"
    assert [p.name for p in report.subject.parameters] == ["w", "v", "w (training 2)"]
    assert {g.status for g in report.gradients} == {"ok"}
    path.write_text(PARTS.format(slope="s(h) * (1 - s(h))", turns=turns), encoding="utf-8")
    report = check_path(str(path), Options())
    assert [f.primary.span.line for f in report.findings if f.primary] == [28]
    assert report.findings[0].fix is not None
    # A loop after the first is recorded for a while, and then runs as the user wrote it.
    assert report.cost["nodes"] < 50_000
