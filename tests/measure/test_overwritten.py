"""A loop over samples stores one gradient over the other; what merely looks like it is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpdoctor.model.report import Finding
from bpdoctor.pipeline import Options, check_path

PROGRAM = """\
import numpy as np

rng = np.random.default_rng(21)
X = rng.normal(size=(24, 3))
T = np.tanh(X @ rng.normal(size=(3, 2)))
A, B = rng.normal(size=(3, 5)), 0.5 * rng.normal(size=(5, 2))

def slopes(x, t):
    h = np.tanh(x @ A)
    d = h @ B - t
    return np.outer(x, d @ B.T * (1 - h**2)), np.outer(h, d)

for epoch in range(20):
    for k in range(0, 24, 6):
        dA, dB = np.zeros_like(A), np.zeros_like(B)
{loop}
        A -= 0.05 * dA / 6
        B -= 0.05 * dB / 6
"""
SUMMED = """\
        for x, t in zip(X[k:k + 6], T[k:k + 6]):
            gA, gB = slopes(x, t)
            dA += gA
            dB += gB"""
LAST = """\
        for x, t in zip(X[k:k + 6], T[k:k + 6]):
            gA, gB = slopes(x, t)
            dA = gA
            dB = gB"""
LOOKED_AT = """\
        for x, t in zip(X[:3], T[:3]):
            seen = slopes(x, t)
        for x, t in zip(X[k:k + 6], T[k:k + 6]):
            gA, gB = slopes(x, t)
            dA += gA
            dB += gB"""
CHOSEN = """\
        largest = 0.0
        for x, t in zip(X[k:k + 6], T[k:k + 6]):
            gA, gB = slopes(x, t)
            if k == 0 or np.abs(gB).max() > largest:
                dA, dB, largest = gA, gB, np.abs(gB).max()"""
AGAIN = """\
        x, t = X[k], T[k]
        for times in range(3):
            dA, dB = slopes(x, t)"""

FOUND = """\
        for x, t in zip(X[k:k + 6], T[k:k + 6]):
            dA, dB = slopes(x, t)
            if np.abs(np.tanh(x @ A) @ B - t).max() > 2:
                break"""


def told(folder: Path, loop: str) -> list[Finding]:
    path = folder / "program.py"
    path.write_text(PROGRAM.format(loop=loop), encoding="utf-8")
    return [f for f in check_path(str(path), Options()).findings if f.severity == "error"]


def test_only_the_last_sample_is_learned_from(tmp_path: Path) -> None:
    (finding,) = told(tmp_path, LAST)
    assert finding.rule == "gradient-accumulation"
    assert finding.primary is not None
    assert finding.primary.span.line == 18
    assert [mark.span.line for mark in finding.related] == [19, 16]
    assert finding.fix is not None
    assert [edit.replacement for edit in finding.fix.edits] == ["dA += gA", "dB += gB"]


@pytest.mark.parametrize(
    "loop", [SUMMED, LOOKED_AT, CHOSEN, AGAIN, FOUND], ids=["summed", "looked at", "chosen", "again", "found"]
)
def test_what_looks_like_it(tmp_path: Path, loop: str) -> None:
    assert told(tmp_path, loop) == []


RELAXED = """\
import numpy as np

rng = np.random.default_rng(22)
X = rng.normal(size=(8, 3))
T = np.tanh(X @ rng.normal(size=(3, 2)))
A, B = rng.normal(size=(3, 5)), 0.5 * rng.normal(size=(5, 2))
for epoch in range(30):
    for x, t in zip(X, T):
        h = np.zeros(5)
        for times in range(10):
            above, below = h @ B - t, h - x @ A
            h = h - 0.1 * (below + B @ above)
            dB = np.outer(h, h @ B - t)
        A -= 0.05 * np.outer(x, x @ A - h)
        B -= 0.05 * dB
"""


def test_rounds_that_settle(tmp_path: Path) -> None:
    """The same sample is looked at until its state has settled; the gradients made on the way are nobody's loss."""
    path = tmp_path / "program.py"
    path.write_text(RELAXED, encoding="utf-8")
    assert "gradient-accumulation" not in {f.rule for f in check_path(str(path), Options(fix=False)).findings}
