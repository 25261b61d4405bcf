"""Sums over the samples of a batch that only some parameters begin anew, beside a loss summed over the epoch."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpdoctor.pipeline import Options, check_path

SAMPLES = """\
import numpy as np

rng = np.random.default_rng(21)
x = rng.normal(size=(24, 2))
t = (x[:, 0] * x[:, 1] > 0).astype(float)
A, B = rng.normal(size=(5, 2)), 0.5 * rng.normal(size=5)
for epoch in range(12):
    spent = 0.0
    {once}
    for first in range(0, 24, 6):
        {each}
        for k in range(first, first + 6):
            h = np.tanh(A @ x[k])
            p = 1 / (1 + np.exp(-B @ h))
            spent += -(t[k] * np.log(p) + (1 - t[k]) * np.log(1 - p))
            e = p - t[k]
            sB += e * h
            sA += np.outer(e * B * (1 - h ** 2), x[k])
        A -= 0.3 * sA / 6
        B -= 0.3 * sB / 6
    print(epoch, spent)
"""
BOTH = "sA, sB = np.zeros((5, 2)), np.zeros(5)"


@pytest.mark.parametrize(
    ("once", "each", "lines"), [("pass", BOTH, set()), ("sA = np.zeros((5, 2))", "sB = np.zeros(5)", {18})]
)
def test_a_sum_that_is_kept_beside_one_that_is_not(once: str, each: str, lines: set[int], tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(SAMPLES.format(once=once, each=each))
    report = check_path(str(tmp_path / "net.py"), Options(fix=False))
    assert {f.primary.span.line for f in report.findings if f.severity == "error" and f.primary} == lines
    assert report.verdict == ("sick" if lines else "healthy")
