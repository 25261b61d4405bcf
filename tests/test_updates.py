"""A gradient is judged by itself, whatever a rule of descent makes of it."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from bpdoctor.model.report import Report
from bpdoctor.pipeline import Options, check_path

from .updates import HEALTHY, SICK

NET = """\
import numpy as np

rng = np.random.default_rng(5)
X = rng.normal(size=(20, 3))
t = np.sin(X[:, :1]) + X[:, 1:2] * X[:, 2:]
p = {{"W": 0.6 * rng.normal(size=(3, 6)), "b": np.zeros(6), "V": 0.4 * rng.normal(size=(6, 1)), "c": np.zeros(1)}}
{setting}
for step in range(60):
    h = np.tanh(X @ p["W"] + p["b"])
    y = h @ p["V"] + p["c"]
    loss = 0.5 * np.mean((y - t) ** 2)
    d = (y - t) / len(X)
    dh = d @ p["V"].T * (1 - h**2)
    g = {{"W": X.T @ dh, "b": dh.sum(axis=0), "V": h.T @ d, "c": d.sum(axis=0)}}
{statements}
print(loss)
"""


def checked(setting: str, statements: str, folder: Path) -> Report:
    path = folder / "program.py"
    path.write_text(NET.format(setting=setting, statements=textwrap.indent(statements, "    ")))
    return check_path(str(path), Options(fix=False))


@pytest.mark.parametrize("name", HEALTHY)
def test_correct_updates_draw_no_alarm(name: str, tmp_path: Path) -> None:
    report = checked(*HEALTHY[name], tmp_path)
    assert [f for f in report.findings if f.severity != "note"] == []
    assert report.verdict == "healthy", report.reason


@pytest.mark.parametrize("name", SICK)
def test_wrong_updates_are_named(name: str, tmp_path: Path) -> None:
    setting, statements, slug = SICK[name]
    report = checked(setting, statements, tmp_path)
    assert slug in {f.rule for f in report.findings if f.severity == "error"}
