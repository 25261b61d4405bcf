"""A simulation steps through time as training steps through epochs: it is no training, and may stand before it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpdoctor.model.report import Report
from bpdoctor.pipeline import Options, check_path

SENSITIVITIES = """\
import numpy as np


def swing(stiffness, friction):
    angle, speed = 1.0, 0.0
    by_angle, by_speed = np.zeros(2), np.zeros(2)
    path, slopes = [], []
    for _ in range(12):
        pull = -stiffness * np.sin(angle) - friction * speed
        by_pull = np.array([-np.sin(angle), -speed]) - stiffness * np.cos(angle) * by_angle - friction * by_speed
        speed, by_speed = speed + 0.2 * pull, by_speed + 0.2 * by_pull
        angle, by_angle = angle + 0.2 * speed, by_angle + 0.2 * by_speed
        path.append(angle)
        slopes.append(by_angle)
    return np.array(path), np.array(slopes)


measured = swing(3.0, 0.25)[0]
guess = np.array([2.5, 0.1])
for k in range(40):
    path, slopes = swing(*guess)
    cost = np.mean((path - measured) ** 2)
    guess = guess - 0.3 * 2 * (path - measured) @ slopes / len(path)
print(cost, guess)
"""

ADJOINTS = """\
import numpy as np

h, n = 0.2, 10


def track(q):
    x, v = np.zeros(n + 1), np.zeros(n + 1)
    x[0] = 1.0
    for t in range(n):
        x[t + 1] = x[t] + h * v[t]
        v[t + 1] = v[t] - h * (q[0] * x[t] + q[1] * v[t])
    return x, v


measured = track(np.array([2.0, 0.4]))[0]
q = np.array([1.2, 0.1])
for k in range(40):
    x, v = track(q)
    e = x - measured
    loss = 0.5 * np.mean(e**2)
    g = np.zeros(2)
    a, b = e[n] / (n + 1), 0.0
    for t in range(n - 1, -1, -1):
        g[0] -= b * h * x[AT]
        g[1] -= b * h * v[t]
        a, b = a - b * h * q[0] + e[t] / (n + 1), a * h + b * (1 - h * q[1])
    q = q - 0.5 * g
print(loss, q)
"""


def checked(program: str, folder: Path) -> Report:
    path = folder / "program.py"
    path.write_text(program, encoding="utf-8")
    return check_path(str(path), Options(fix=False))


@pytest.mark.parametrize("program", [SENSITIVITIES, ADJOINTS.replace("AT", "t")])
def test_what_is_fitted_is_trained(program: str, tmp_path: Path) -> None:
    """Neither the simulated speed nor a track that is filled is a parameter."""
    report = checked(program, tmp_path)
    assert report.verdict == "healthy", (report.reason, report.findings)
    assert [p.shape for p in report.subject.parameters] == [(2,)]


def test_the_adjoint_is_followed(tmp_path: Path) -> None:
    """One step too far in time is found where it is made."""
    report = checked(ADJOINTS.replace("AT", "t + 1"), tmp_path)
    assert report.verdict == "sick"
    assert {f.follows for f in report.findings if f.severity == "error"} == {("q",)}
