"""An optimiser that forgets, stands still or lacks a root is mended where the text can be."""

import textwrap
from pathlib import Path

import pytest

from bpdoctor.model.report import Report
from bpdoctor.pipeline import Options, check_path

NET = """\
import numpy as np

rng = np.random.default_rng(17)
X = rng.normal(size=(18, 3))
t = np.tanh(X[:, :1]) - X[:, 1:2] * X[:, 2:]
W, V = 0.5 * rng.normal(size=(3, 6)), 0.5 * rng.normal(size=(6, 1))
m, v, t_ = {{"W": 0.0, "V": 0.0}}, {{"W": 0.0, "V": 0.0}}, 0
{setting}
for epoch in range(80):
    h = np.tanh(X @ W)
    y = h @ V
    loss = np.mean((y - t) ** 2)
    d = 2 * (y - t) / len(X)
    gV, gW = h.T @ d, X.T @ (d @ V.T * (1 - h**2))
{statements}
print(loss)
"""

EACH = """\
for k, p, g in (("W", W, gW), ("V", V, gV)):
    m[k] = 0.9 * m[k] + 0.1 * g
    v[k] = 0.999 * v[k] + 0.001 * g * g
    p -= 0.01 * (m[k] / (1 - 0.9**{first})) / (np.sqrt(v[k] / (1 - 0.999**{second})) + 1e-8)
"""


def checked(statements: str, folder: Path, setting: str = "") -> Report:
    path = folder / "program.py"
    path.write_text(NET.format(setting=setting, statements=textwrap.indent(statements, "    ")))
    return check_path(str(path), Options())


def titles(report: Report) -> list[tuple[str, str]]:
    return [(f.rule, f.fix.title if f.fix and f.fix.verified else "") for f in report.findings if f.severity == "error"]


def test_two_updates_on_one_line_are_mended_one_after_the_other(tmp_path: Path) -> None:
    means = "sW = 0.9 * sW + 0.1 * gW**2; sV = 0.9 * sV + 0.1 * gV**2\n"
    steps = "W -= 0.001 * gW / (sW + 1e-8); V -= 0.001 * gV / (sV + 1e-8)\n"
    report = checked(means + steps, tmp_path, "sW = np.zeros_like(W); sV = np.zeros_like(V)")
    assert titles(report) == [("optimizer-rule", "write `np.sqrt(sW)`"), ("optimizer-rule", "write `np.sqrt(sV)`")]


@pytest.mark.parametrize(("before", "count"), [("t_ += 1\n", "t_"), ("", "(epoch + 1)")])
def test_a_step_number_that_stands_still_is_said_once_and_counted(before: str, count: str, tmp_path: Path) -> None:
    report = checked(before + EACH.format(first="1", second="1"), tmp_path)
    assert titles(report) == [("optimizer-rule", f"raise to `{count}`")]
    assert checked(before + EACH.format(first=count, second=count), tmp_path).verdict == "healthy"


def test_a_memory_set_to_zero_at_every_step_is_left_alone(tmp_path: Path) -> None:
    body = "for k, p, g in (('W', W, gW), ('V', V, gV)):\n    {}m[k] = 0.9 * m[k] + 0.1 * g\n    p -= 0.3 * m[k]\n"
    report = checked(body.format("m[k] = 0\n    "), tmp_path)
    assert titles(report) == [("optimizer-state-reset", "take out `m[k] = 0`")]
    assert checked(body.format(""), tmp_path).verdict == "healthy"
