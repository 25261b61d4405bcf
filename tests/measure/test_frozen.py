"""What a setting keeps from being trained is noted; what nobody trains, or only some steps, is told as before."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpdoctor.pipeline import Options, check_path

SCRIPT = """\
import numpy as np

rng = np.random.default_rng(2)
tune_all = False
x = rng.normal(size=(30, 3))
t = np.sin(2 * x[:, :1])
A, B = rng.normal(size=(3, 6)), 0.4 * rng.normal(size=(6, 1))
for turn in range(90):
    h = np.tanh(x @ A)
    r = h @ B - t
    loss = np.mean(r ** 2)
    gB = 2 * h.T @ r / 30
    gA = 2 * x.T @ (r @ B.T * (1 - h ** 2)) / 30
    B -= 0.1 * gB
    {update}
print(loss)
"""
LAYERS = """\
import numpy as np

rng = np.random.default_rng(2)


class Part:
    def __init__(self, n, m, learns):
        self.U, self.learns = rng.normal(size=(n, m)) / np.sqrt(n), learns

    def run(self, x):
        self.x, self.y = x, np.tanh(x @ self.U)
        return self.y

    def back(self, g):
        g = g * (1 - self.y ** 2)
        self.gU = self.x.T @ g
        return g @ self.U.T


x = rng.normal(size=(30, 3))
t = 0.5 * np.sin(2 * x[:, :1])
parts = [Part(3, 5, {first}), Part(5, 4, True), Part(4, 1, True)]
for turn in range(90):
    y = x
    for part in parts:
        y = part.run(y)
    loss = np.mean((y - t) ** 2)
    g = 2 * (y - t) / 30
    for part in reversed(parts):
        g = part.back(g)
    for part in parts:
        if part.learns:
            part.U -= 0.1 * part.gU
print(loss)
"""


def never_updated(path: Path, text: str) -> list[tuple[str, str]]:
    path.write_text(text)
    report = check_path(str(path), Options(fix=False))
    return [(f.severity, f.evidence[-1]) for f in report.findings if f.rule == "parameter-never-updated"]


def test_a_setting_is_noted(tmp_path: Path) -> None:
    found = never_updated(tmp_path / "net.py", SCRIPT.format(update="if tune_all: A -= 0.1 * gA"))
    assert found == [("note", "line 15 updates `A` where `tune_all`")]
    found = never_updated(
        tmp_path / "net.py", SCRIPT.format(update="if not tune_all: pass\n    else: A = A - 0.1 * gA")
    )
    assert found == [("note", "line 16 updates `A` where `not (not tune_all)`")]


@pytest.mark.parametrize("update", ["pass", "if tune_all: B -= 0.1 * gB", "if turn > 500: A -= 0.1 * gA"])
def test_what_no_setting_trains_is_told(update: str, tmp_path: Path) -> None:
    found = never_updated(tmp_path / "net.py", SCRIPT.format(update=update))
    assert [severity for severity, _ in found] == ["error"]


def test_a_layer_that_is_frozen(tmp_path: Path) -> None:
    assert never_updated(tmp_path / "net.py", LAYERS.format(first="True")) == []
    found = never_updated(tmp_path / "net.py", LAYERS.format(first="False"))
    assert found == [("note", "line 33 updates `part.U` where `part.learns`")]


MODES = LAYERS.replace("if part.learns:\n            part.U -= 0.1 * part.gU", "{how}")
SKIPPED = [
    "if mode == 'plain':\n            part.U -= 0.1 * part.gU",
    "if mode == 'far':\n            part.U -= 0.3 * part.gU\n        else:\n            part.U -= 0.1 * part.gU",
    "if part.learns == 2:\n            part.U -= 0.3 * part.gU\n        else:\n            part.U -= 0.1 * part.gU",
]


@pytest.mark.parametrize("how", SKIPPED)
def test_a_layer_that_is_skipped_is_not_frozen_by_the_mode_of_all(how: str, tmp_path: Path) -> None:
    text = MODES.replace("for part in parts:\n        {how}", "for part in parts[1:]:\n        {how}")
    text = "mode = 'plain'\n" + text.format(first="True", how=how)
    assert [severity for severity, _ in never_updated(tmp_path / "net.py", text)] == ["warning"]
