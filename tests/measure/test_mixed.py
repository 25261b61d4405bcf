"""Data that a reshape mixes, and data that a part of it rescales; what looks like either is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpdoctor.model.report import Finding
from bpdoctor.pipeline import Options, check_path

COLUMNS = """\
import numpy as np

rng = np.random.default_rng(31)
{data}
A, a = rng.normal(size=(5, len(X))) / 3, np.zeros((5, 1))
B, b = rng.normal(size=(1, 5)), np.zeros((1, 1))
for epoch in range(60):
    h = np.tanh(A @ X + a)
    y = B @ h + b
    loss = np.mean((y - t) ** 2)
    d = 2 * (y - t) / t.size
    dh = B.T @ d * (1 - h**2)
    B -= 0.1 * d @ h.T
    b -= 0.1 * d.sum(axis=1, keepdims=True)
    A -= 0.1 * dh @ X.T
    a -= 0.1 * dh.sum(axis=1, keepdims=True)
print(loss)
"""
ROWS = """\
import numpy as np

rng = np.random.default_rng(32)
{data}
A, B = rng.normal(size=(X.shape[1], 5)) / 3, rng.normal(size=(5, 1))
for epoch in range(60):
    for k in range(0, len(X), 8):
        x, t = X[k : k + 8]{scaled}, T[k : k + 8]
        {change}
        h = np.tanh(x @ A)
        d = 2 * (h @ B - t) / len(x)
        dh = d @ B.T * (1 - h**2)
        B -= 0.05 * h.T @ d
        A -= 0.05 * x.T @ dh
"""
OF_ROWS = "P = rng.normal(size=(20, 3)); t = P[:, 0] * P[:, 1]; t = t[None]; "
IMAGES = "P = rng.normal(size=(20, 2, 3)); P[:, 0] += 1; t = P[:, 0, 0] * P[:, 1, 1]; t = t[None]; "
MIXED = [
    (COLUMNS, OF_ROWS + "X = P.reshape(3, 20)", "P.T"),
    (COLUMNS, OF_ROWS + "X = P.reshape(3, -1) / 2", "P.T"),
    (COLUMNS, IMAGES + "X = np.reshape(P, (-1, 20))", "P.reshape(len(P), -1).T"),
    (ROWS, "P = rng.normal(size=(3, 24)); T = P[:1].T; X = P.reshape(24, 3)", "P.T"),
]
RIGHT = [
    (COLUMNS, OF_ROWS + "X = P.T"),
    (COLUMNS, IMAGES + "X = P.reshape(20, -1).T"),
    (COLUMNS, IMAGES + "X = P.reshape(20, 6).transpose()"),
    (COLUMNS, "X = rng.normal(size=(20, 3)).reshape(3, 20); t = X[:1] * X[1:2]"),
    (COLUMNS, "P = rng.normal(size=(20, 3)); print(P.mean()); X = P.reshape(3, 20); t = X[:1] * X[1:2]"),
    (COLUMNS, "X = np.arange(60).reshape(3, 20) / 60; t = np.sin(9 * X[:1])"),
    (ROWS, "P = rng.normal(size=(24, 2, 3)); T = P[:, 0, :1]; X = P.reshape(24, 6)"),
    (ROWS, "P = rng.normal(size=(6, 4, 3)); T = P[..., :1].reshape(24, 1); X = P.reshape(24, 3)"),
]


def told(folder: Path, text: str, *, fix: bool = False) -> list[Finding]:
    path = folder / "program.py"
    path.write_text(text, encoding="utf-8")
    return [f for f in check_path(str(path), Options(fix=fix)).findings if f.severity == "error"]


@pytest.mark.parametrize(("program", "data", "written"), MIXED, ids=[data for _, data, _ in MIXED])
def test_samples_are_mixed(tmp_path: Path, program: str, data: str, written: str) -> None:
    (finding,) = told(tmp_path, program.format(data=data, scaled="", change=""), fix=True)
    assert finding.rule == "reshape-for-transpose"
    assert finding.primary is not None
    assert finding.primary.span.line == 4
    assert finding.fix is not None
    assert [edit.replacement for edit in finding.fix.edits] == [written]


@pytest.mark.parametrize(("program", "data"), RIGHT, ids=[data for _, data in RIGHT])
def test_samples_stay_what_they_are(tmp_path: Path, program: str, data: str) -> None:
    assert told(tmp_path, program.format(data=data, scaled="", change="")) == []


GIVEN = "X = rng.uniform(0, 9, size=(24, 3)); T = np.sin(X[:, :1])"


@pytest.mark.parametrize(
    ("scaled", "change", "slugs"),
    [
        ("", "x /= 9", ["input-mutated"]),
        ("", "x *= 0.1", ["input-mutated"]),
        ("", "x = x / 9", []),
        (" / 9", "x -= 0.5", []),
        ("", "np.clip(x, 0, 5, out=x)", []),
    ],
)
def test_a_part_of_the_data_is_rescaled(tmp_path: Path, scaled: str, change: str, slugs: list[str]) -> None:
    findings = told(tmp_path, ROWS.format(data=GIVEN, scaled=scaled, change=change))
    assert [f.rule for f in findings] == slugs
    assert all(f.primary is not None and f.primary.span.line == 9 for f in findings)
