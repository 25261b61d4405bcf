"""Targets that the network makes for itself count as given, and what is wrong beside them is found all the same."""

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
