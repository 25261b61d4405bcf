"""One sample and one output: a factor that is left out is one number a step, and only several steps tell of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpdoctor.pipeline import Options, check_path

# What is printed before the loop leaves one step fewer that begins with parameters nothing was computed from.
UNIT = """\
import math

x, target = [0.4, -0.3, 0.9], 0.15
w, b = [0.5, 0.2, 0.7], [0.1]


def forward():
    z = sum(wi * xi for wi, xi in zip(w, x)) + b[0]
    y = 1 / (1 + math.exp(-z))
    return y, (y - target) ** 2


def moved(values, gradients):
    return [v - 0.2 * g for v, g in zip(values, gradients)]


def backward():
    y, loss = forward()
    d = {delta}
    new_w = moved(w, [d * xi for xi in x])
    new_b = moved(b, [d])
    return new_w, new_b, loss


y, loss = forward()
while loss > 0.02:
    new_w, new_b, loss = backward()
    w = new_w
    b = new_b
    print(w)
"""


@pytest.mark.parametrize(
    ("delta", "rules"),
    [("2 * (y - target) * y * (1 - y)", set()), ("2 * (y - target)", {"loss-delta-mismatch"})],
)
def test_two_recorded_steps_are_too_few(tmp_path: Path, delta: str, rules: set[str]) -> None:
    path = tmp_path / "unit.py"
    path.write_text(UNIT.format(delta=delta))
    assert {f.rule for f in check_path(str(path), Options(fix=False)).findings} == rules
