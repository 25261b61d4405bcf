"""Parameters at which rectifiers see exactly 0: the reference is one of the slopes that the loss has there."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpdoctor.pipeline import Options, check_path

# The last unit is below 0 but for the first sample, where it is 0 as long as its bias does not move: at the corners of
# both rectifiers, of which the reference takes the middle, a quarter of the slope to one side.
NET = """\
import numpy as np

rng = np.random.default_rng(4)
x = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])
t = np.array([[0.0], [1], [1], [0]])
A, c = rng.uniform(0.2, 1, (2, 6)), np.zeros(6)
A[:, 5] = -0.7, -0.4
B, d = rng.normal(size=(6, 1)), np.zeros(1)
for turn in range(120):
    z = x @ A + c
    h = np.maximum(np.maximum(z, 0), 0)
    p = 1 / (1 + np.exp(-(h @ B + d)))
    loss = -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))
    g = (p - t) / 4
    gz = g @ B.T * {slope}
    B = B - 0.3 * h.T @ g
    d = d - 0.3 * g.sum(0)
    A = A - 0.3 * x.T @ gz
    c = c - 0.3 * gz.sum(0)
print(loss)
"""


@pytest.mark.parametrize(("slope", "verdict"), [("(z > 0)", "healthy"), ("(z <= 0)", "sick")])
def test_rectifiers_at_zero(slope: str, verdict: str, tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(NET.format(slope=slope))
    report = check_path(str(tmp_path / "net.py"), Options(fix=False))
    assert report.verdict == verdict
    corner = any("between the slopes to both sides" in told for told in report.assumptions)
    assert corner == (verdict == "healthy")  # the wrong slope moves the bias
