"""Layers that are trained in turn, each in iterations of its own: every one by the loss of its own iteration."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpdoctor.pipeline import Options, check_path

PROGRAM = """\
import numpy as np

rng = np.random.default_rng(11)
x = rng.normal(size=(30, 3))
t = np.sin(x[:, :1]) * x[:, 1:2]
A, a = rng.normal(size=(3, 7)) * 0.6, np.zeros(7)
C, c = rng.normal(size=(7, 1)) * 0.4, np.zeros(1)
for k in range(60):
    h = np.tanh(x @ A + a)
    y = h @ C + c
    loss = np.mean((y - t) ** 2)
    d = 2 * (y - t) / len(x)
    dh = d @ C.T * {slope}
    if k % 2 == {top}:
        C -= 0.1 * h.T @ d
        c -= 0.1 * d.sum(axis=0)
    else:
        A -= 0.1 * x.T @ dh
        a -= 0.1 * dh.sum(axis=0)
    if k % 10 == 0:
        print(k, loss)
"""


@pytest.mark.parametrize("top", [0, 1])
def test_right(top: int, tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(PROGRAM.format(top=top, slope="(1 - h**2)"))
    report = check_path(str(path), Options(fix=False))
    assert report.verdict == "healthy", str(report)


@pytest.mark.parametrize("top", [0, 1])
def test_wrong(top: int, tmp_path: Path) -> None:
    """What two layers in turn leave too few steps to tell of is not called right."""
    path = tmp_path / "net.py"
    path.write_text(PROGRAM.format(top=top, slope="(1 - h)"))
    report = check_path(str(path), Options(fix=False))
    assert report.verdict != "healthy", str(report)
