"""A softmax, or its logarithm, that hands on what comes in: its derivative is in the gradient of the loss behind it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpdoctor.pipeline import Options, check_path

PAIR = """\
import numpy as np


class LogShares:
    # Its slope is in the gradient of the loss behind it.

    def forward(self, x):
        x = x - x.max(axis=1, keepdims=True)
        return x - np.log(np.exp(x).sum(axis=1, keepdims=True))

    def backward(self, grad):
        return grad


class LogLikelihood:
    def forward(self, y, log_q):
        return -np.sum(y * log_q, axis=1)

    def backward(self, y, log_q):
        return GRADIENT
"""


@pytest.mark.parametrize(
    ("gradient", "verdict"),
    [("np.exp(log_q) - y", "healthy"), ("np.exp(log_q) - 2 * y", "sick"), ("log_q - y", "sick")],
)
def test_a_logarithm_of_shares(gradient: str, verdict: str, tmp_path: Path) -> None:
    path = tmp_path / "pair.py"
    path.write_text(PAIR.replace("GRADIENT", gradient), encoding="utf-8")
    report = check_path(str(path), Options(fix=False))
    assert report.verdict == verdict, (report.reason, report.findings)
    assert report.gradients[0].status == "not-examined"
