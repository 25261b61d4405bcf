"""Ratings as products of factors, one rating at a time: rows are updated, each with a decay inside."""

from __future__ import annotations

from pathlib import Path

from bpdoctor.pipeline import Options, check_path

PROGRAM = """\
import numpy as np

rng = np.random.RandomState(8)
ratings = np.clip(np.round(rng.normal(3, 1.2, (6, 5))), 1, 5)
P, Q = rng.normal(size=(6, 3)) / 3, rng.normal(size=(5, 3)) / 3
samples = [(u, i) for u in range(6) for i in range(5) if rng.rand() < 0.8]
for epoch in range(20):
    for u, i in samples:
        e = ratings[u, i] - P[u, :].dot(Q[i, :])
        before = P[u].copy()
        P[u, :] += 0.05 * (e * Q[i, :] DECAY 0.02 * P[u, :])
        Q[i, :] += 0.05 * (e * before DECAY 0.02 * Q[i, :])
    print(epoch, np.mean((ratings - P @ Q.T) ** 2))
"""


def told(folder: Path, decay: str, *, late: bool = False) -> list[tuple[str, int]]:
    program = PROGRAM.replace("DECAY", decay)
    if late:
        program = program.replace("        before = P[u].copy()\n", "").replace("before", "P[u, :]")
    path = folder / "program.py"
    path.write_text(program, encoding="utf-8")
    found = check_path(str(path), Options(fix=False)).findings
    return [(f.rule, f.primary.span.line) for f in found if f.severity == "error" and f.primary]


def test_decay_of_a_row(tmp_path: Path) -> None:
    """No gradient is wrong because a row is drawn to zero."""
    assert told(tmp_path, "-") == []


def test_row_that_grows(tmp_path: Path) -> None:
    """What makes the row larger is no decay."""
    assert told(tmp_path, "+") != []


def test_row_of_after_its_step(tmp_path: Path) -> None:
    """The one fault is the row that is read too late, the decay is none."""
    assert told(tmp_path, "-", late=True) == [("stale-weights-in-backward", 11)]
