"""What is kept as a running mean is nobody's parameter, whatever it stands in; a parameter beside it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpdoctor.pipeline import Options, check_path

ARMS = """\
import numpy as np

rng = np.random.default_rng(14)
taste = rng.normal(size=(2, 3))
A, B, c = rng.normal(size=(2, 5)) * 0.6, rng.normal(size=(5, 3)) * 0.6, np.zeros(3)
usual = {first}
for day in range(80):
    seen = rng.normal(size=(30, 2))
    h = np.tanh(seen @ A)
    z = h @ B + c
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    pick = (p.cumsum(axis=1) < rng.random((30, 1))).sum(axis=1).clip(0, 2)
    gain = 1.0 * (pick == (seen @ taste).argmax(axis=1))
    more = gain - usual
    loss = -np.mean(more * np.log(p[np.arange(30), pick]))
    dz = (p - np.eye(3)[pick]) * more[:, None] / 30
    dh = dz @ B.T * {slope}
    B -= 0.4 * h.T @ dz
    c -= 0.4 * dz.sum(axis=0)
    A -= 0.4 * seen.T @ dh
    {keep}
print(gain.mean())
"""
MEANS = [
    ("0.0", "usual = 0.9 * usual + 0.1 * gain.mean()"),
    ("0.0", "usual += 0.1 * (gain.mean() - usual)"),
    ("0.0", "usual = usual - 0.1 * (usual - gain.mean())"),
    ("np.zeros(30)", "usual = gain * 0.2 + usual * 0.8"),
]


@pytest.mark.parametrize(("first", "keep"), MEANS)
def test_a_baseline_is_no_parameter(first: str, keep: str, tmp_path: Path) -> None:
    (tmp_path / "arms.py").write_text(ARMS.format(first=first, slope="(1 - h ** 2)", keep=keep))
    report = check_path(str(tmp_path / "arms.py"), Options(fix=False))
    assert (report.verdict, [f for f in report.findings if f.severity == "error"]) == ("healthy", [])
    assert [g.parameter for g in report.gradients] == ["B", "c", "A"]


def test_what_is_wrong_beside_it_is_found(tmp_path: Path) -> None:
    (tmp_path / "arms.py").write_text(ARMS.format(first="0.0", slope="(1 - h)", keep=MEANS[0][1]))
    report = check_path(str(tmp_path / "arms.py"), Options(fix=False))
    assert [f.primary.span.line for f in report.findings if f.severity == "error" and f.primary] == [18]
