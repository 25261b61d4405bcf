"""What the network makes and what counts as given all the same: targets, moves of parameters. Faults beside them."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpdoctor.pipeline import Options, check_path

VALUES = """\
import numpy as np

rng = np.random.default_rng(12)
states = rng.normal(size=(9, 4))
follow = rng.permutation(9)
gain = rng.normal(size=9)
A, a = rng.normal(size=(4, 6)) * 0.5, np.zeros(6)
w, b = rng.normal(size=6) * 0.5, np.zeros(1)


def value(x):
    h = np.tanh(x @ A + a)
    return h, h @ w + b


for visit in range(200):
    now = rng.integers(9)
    h, v = value(states[now])
    _, later = value(states[follow[now]])
    aim = gain[now] + 0.8 * later
    loss = 0.5 * np.sum((aim - v) ** 2)
    e = v - aim
    d = e * w * (1 - h ** 2)
    w -= 0.05 * e * h
    b -= 0.05 * e
    A -= 0.05 * np.outer(states[now], d)
    a -= 0.05 * d
"""
# Both values are made by the network and neither is a target: what is left out there is missing.
TWINS = VALUES.replace("aim = gain[now] + 0.8 * later", "aim = later")
# Each step is taken with the gradient at the top of the slope nearby.
SHARP = """\
import numpy as np

rng = np.random.default_rng(3)
x = rng.normal(size=(28, 3))
t = x[:, :1] * x[:, 1:2]
A, c, B = rng.normal(size=(3, 5)) * 0.6, np.zeros(5), rng.normal(size=(5, 1)) * 0.6


def slopes(A, c, B):
    h = np.tanh(x @ A + c)
    r = h @ B - t
    d = 2 * r / len(x)
    e = d @ B.T * (1 - h ** 2)
    return np.mean(r ** 2), x.T @ e, e.sum(0), h.T @ d


for step in range(150):
    loss, gA, gc, gB = slopes(A, c, B)
    size = np.sqrt((gA ** 2).sum() + (gc ** 2).sum() + (gB ** 2).sum())
    _, gA, gc, gB = slopes(A + 0.04 * gA / size, c + 0.04 * gc / size, B + 0.04 * gB / size)
    A, c, B = A - 0.1 * gA, c - 0.1 * gc, B - 0.1 * gB
print(loss)
"""
# The weights may not be longer than 1: what says so is climbed.
BOUND = """\
import numpy as np

rng = np.random.default_rng(6)
x = rng.normal(size=(25, 3))
t = x @ np.array([1.2, -0.7, 0.9]) + 0.1 * rng.normal(size=25)
w, price = np.zeros(3), 0.0
for step in range(200):
    r = x @ w - t
    excess = w @ w - 1
    value = np.mean(r ** 2) + price * excess
    w = w - 0.05 * (2 * x.T @ r / len(t) + 2 * price * w)
    price = price + 0.05 * excess
print(w @ w, value)
"""


def test_a_target_made_by_the_network_counts_as_given(tmp_path: Path) -> None:
    (tmp_path / "values.py").write_text(VALUES)
    report = check_path(str(tmp_path / "values.py"), Options(fix=False))
    assert (report.verdict, report.findings) == ("healthy", ())
    assert any("gain[now] + 0.8 * later" in told and "counts as given" in told for told in report.assumptions)


@pytest.mark.parametrize(
    ("right", "wrong", "line"), [("(1 - h ** 2)", "(1 - h)", 23), ("a -= 0.05 * d", "a += 0.05 * d", 27)]
)
def test_what_is_wrong_beside_it_is_found(right: str, wrong: str, line: int, tmp_path: Path) -> None:
    (tmp_path / "values.py").write_text(VALUES.replace(right, wrong))
    report = check_path(str(tmp_path / "values.py"), Options(fix=False))
    assert [f.primary.span.line for f in report.findings if f.severity == "error" and f.primary] == [line]


def test_of_twins_neither_is_a_target(tmp_path: Path) -> None:
    (tmp_path / "twins.py").write_text(TWINS)
    assert check_path(str(tmp_path / "twins.py"), Options(fix=False)).verdict == "sick"


def test_gradients_at_moved_parameters_are_right(tmp_path: Path) -> None:
    (tmp_path / "sharp.py").write_text(SHARP)
    report = check_path(str(tmp_path / "sharp.py"), Options(fix=False))
    assert (report.verdict, report.findings) == ("healthy", ())
    assert sum("counts as given" in told for told in report.assumptions) == 3


def test_what_is_wrong_at_moved_parameters_is_found(tmp_path: Path) -> None:
    (tmp_path / "sharp.py").write_text(SHARP.replace("(1 - h ** 2)", "(1 - h)"))
    report = check_path(str(tmp_path / "sharp.py"), Options(fix=False))
    errors = [(f.rule, f.primary.span.line) for f in report.findings if f.severity == "error" and f.primary]
    assert errors == [("wrong-activation-derivative", 13)]


@pytest.mark.parametrize(
    ("right", "wrong", "severity"),
    [
        ("", "", "note"),
        ("w = w - 0.05 * (", "w = w + 0.05 * (", "error"),
        ("price * excess", "price ** 2 * excess", ""),
    ],
)
def test_multipliers_climb(right: str, wrong: str, severity: str, tmp_path: Path) -> None:
    (tmp_path / "bound.py").write_text(BOUND.replace(right, wrong) if right else BOUND)
    report = check_path(str(tmp_path / "bound.py"), Options(fix=False))
    assert [f.severity for f in report.findings if f.rule == "gradient-ascent"] == ([severity] if severity else [])
