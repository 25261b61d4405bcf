"""Faults in modes that a program offers and does not use are notes; right modes are silent."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpdoctor.model.report import Report
from bpdoctor.pipeline import Options, check_path
from bpdoctor.syntax.modes import modes

NET = """\
import numpy as np


class Regressor:
    def __init__(self, hidden, kind="tanh", shrink=0.0):
        rng = np.random.default_rng(9)
        self.kind, self.shrink = kind, shrink
        self.V, self.c = rng.normal(size=(3, hidden)) * 0.6, np.zeros(hidden)
        self.w = rng.normal(size=(hidden, 1)) * 0.6

    def bend(self, z):
        if self.kind == "tanh":
            return np.tanh(z)
        if self.kind == "logistic":
            return 1 / (1 + np.exp(-z))
        return z

    def slope(self, h):
        if self.kind == "tanh":
            return 1 - h ** 2
        if self.kind == "logistic":
            return h * (1 - h)
        return np.ones_like(h)

    def step(self, x, t, rate):
        h = self.bend(x @ self.V + self.c)
        o = h @ self.w
        e = (o - t) / len(x)
        loss = 0.5 * np.sum((o - t) ** 2) / len(x) + 0.5 * self.shrink * np.sum(self.w ** 2)
        d = e @ self.w.T * self.slope(h)
        self.w -= rate * (h.T @ e + self.shrink * self.w)
        self.V -= rate * x.T @ d
        self.c -= rate * d.sum(axis=0)
        return loss


rng = np.random.default_rng(3)
x = rng.normal(size=(30, 3))
t = np.sin(x[:, :1]) * x[:, 1:2]
net = Regressor(6)
for turn in range(120):
    net.step(x, t, 0.1)
"""


def check(folder: Path, text: str) -> Report:
    (folder / "net.py").write_text(text)
    return check_path(str(folder / "net.py"), Options())


def test_right_modes_are_silent(tmp_path: Path) -> None:
    report = check(tmp_path, NET)
    assert (report.verdict, report.findings) == ("healthy", ())


@pytest.mark.parametrize(
    ("right", "wrong", "rule", "setting"),
    [
        ("h * (1 - h)", "h", "wrong-activation-derivative", "`kind` is 'logistic' there"),
        (
            "+ self.shrink * self.w)",
            "- self.shrink * self.w)",
            "regularisation-gradient-sign",
            "`shrink` is 0.05 there",
        ),
        ("+ self.shrink * self.w)", ")", "regularisation-gradient-missing", "`shrink` is 0.05 there"),
    ],
)
def test_a_fault_in_another_mode_is_a_note(right: str, wrong: str, rule: str, setting: str, tmp_path: Path) -> None:
    assert right in NET
    report = check(tmp_path, NET.replace(right, wrong))
    assert report.verdict == "healthy"
    (note,) = report.findings
    assert (note.rule, note.severity) == (rule, "note")
    assert "latent" in note.message and setting in note.message


def test_a_mode_in_use_is_no_latent_one(tmp_path: Path) -> None:
    report = check(tmp_path, NET.replace("h * (1 - h)", "h").replace("Regressor(6)", 'Regressor(6, "logistic")'))
    assert [f.severity for f in report.findings] == ["error"]


def test_settings_and_counters_are_told_apart() -> None:
    text = (
        "seen = 0\nrate = 0.0\nfor i in range(3):\n    seen += 1\n    y = rate * i * seen\nif kind == 'a':\n    pass\n"
    )
    assert [(mode.name, mode.value) for mode in modes("f.py", text)] == [("rate", "0.05")]


def test_a_penalty_beside_a_loss_with_a_forward_pass_of_its_own(tmp_path: Path) -> None:
    text = NET.replace("0.5 * np.sum((o - t) ** 2)", "0.5 * np.sum((h @ self.w - t) ** 2)")
    text = text.replace("+ self.shrink * self.w)", ")").replace("shrink=0.0", "shrink=0.05")
    assert [f.rule for f in check(tmp_path, text).findings] == ["regularisation-gradient-missing"]
