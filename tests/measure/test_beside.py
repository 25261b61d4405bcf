"""What is computed beside the descended loss: measures are left alone, what may be a loss is noted."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpdoctor.pipeline import Options, check_path

NETWORK = """\
import numpy as np

rng = np.random.default_rng(11)
X = rng.normal(size=(32, 3))
t = {target}
W1, b1 = rng.normal(size=(3, 6)), 0.1 * rng.normal(size=6)
W2, b2 = rng.normal(size=(6, 1)), np.zeros(1)
for epoch in range(40):
    h = np.tanh(X @ W1 + b1)
    z = h @ W2 + b2
    y = {output}
    seen = {seen}
    d = (t - y) / len(X)
    dh = d @ W2.T * (1 - h**2)
    W2 += 0.1 * h.T @ d
    b2 += 0.1 * d.sum(axis=0)
    W1 += 0.1 * X.T @ dh
    b1 += 0.1 * dh.sum(axis=0)
    print(epoch, seen)
"""
REAL = {"target": "X[:, :1] - 0.7 * X[:, 1:2] * X[:, 2:]", "output": "z"}
LABELS = {"target": "(X[:, :1] > 0.7 * X[:, 1:2] * X[:, 2:]).astype(float)", "output": "1 / (1 + np.exp(-z))"}
MEASURES = [
    (REAL, "np.sqrt(np.mean((y - t) ** 2))"),
    (REAL, "1 - np.var(y - t) / np.var(t)"),
    (REAL, "np.mean((np.clip(y, -1, 1) - t) ** 2)"),
    (REAL, "np.sum((y - y.mean()) * (t - t.mean())) / (t.std() * np.sum((y - y.mean()) ** 2) ** 0.5)"),
    (LABELS, "np.sum(t * np.log(y) + (1 - t) * np.log(1 - y))"),
    (LABELS, "np.exp(-np.mean(t * np.log(y) + (1 - t) * np.log(1 - y)))"),
    (LABELS, "-np.mean(t * np.log(y + 1e-4) + (1 - t) * np.log(1 - y + 1e-4))"),
    (LABELS, "2 * np.sum(y * t) / (np.sum(y) + np.sum(t))"),
    (LABELS, "np.mean(t * y + (1 - t) * (1 - y))"),
]
NOTED = [
    (REAL, "np.mean(np.maximum(0.9 * (t - y), 0.1 * (y - t)))"),
    (REAL, "np.mean(np.abs(t) * (y - t) ** 2)"),
    (LABELS, "-np.mean(t * np.log(y) - (1 - t) * np.log(1 - y))"),
    (LABELS, "-np.mean(t * np.log(y))"),
]
LOSSES = [
    (REAL, "np.mean(np.log(np.cosh(y - t)))"),
    (REAL, "np.mean((y - t) ** 4)"),
    ({**REAL, "target": "np.sign(X[:, :1] * X[:, 1:2])"}, "np.mean(np.maximum(0, 1 - t * y))"),
]


def said(folder: Path, names: dict[str, str], seen: str) -> list[tuple[str, str, int]]:
    path = folder / "program.py"
    path.write_text(NETWORK.format(**names, seen=seen), encoding="utf-8")
    report = check_path(str(path), Options(fix=False))
    return [(f.severity, f.rule, f.primary.span.line) for f in report.findings if f.primary]


@pytest.mark.parametrize(("names", "seen"), MEASURES, ids=[seen for _, seen in MEASURES])
def test_measures_are_left_alone(tmp_path: Path, names: dict[str, str], seen: str) -> None:
    assert said(tmp_path, names, seen) == []


@pytest.mark.parametrize(("names", "seen"), NOTED, ids=[seen for _, seen in NOTED])
def test_what_may_be_a_loss_is_noted(tmp_path: Path, names: dict[str, str], seen: str) -> None:
    assert said(tmp_path, names, seen) == [("note", "loss-delta-mismatch", 12)]


@pytest.mark.parametrize(("names", "seen"), LOSSES, ids=[seen for _, seen in LOSSES])
def test_a_loss_of_the_error_alone_is_meant(tmp_path: Path, names: dict[str, str], seen: str) -> None:
    assert said(tmp_path, names, seen) == [("error", "loss-delta-mismatch", 13)]


LOGITS = """\
import numpy as np

rng = np.random.default_rng(12)
X = rng.normal(size=(32, 3))
t = (X[:, :1] > 0.7 * X[:, 1:2] * X[:, 2:]).astype(float)
W, b = rng.normal(size=(3, 1)), np.zeros(1)
for epoch in range(30):
    z = X @ W + b
    seen = np.mean(t * z - np.logaddexp(0, z))
    d = (1 / (1 + np.exp(-z)) - t) / len(X)
    W {sign}= 0.5 * X.T @ d
    b {sign}= 0.5 * d.sum(axis=0)
    print(epoch, {printed})
"""


@pytest.mark.parametrize(("sign", "printed", "ascent"), [("-", "seen", False), ("+", "-seen", True)])
def test_likelihood_of_logits(tmp_path: Path, sign: str, printed: str, ascent: bool) -> None:
    """A likelihood whose outputs are made beside it is climbed as one of outputs is; its negative is descended."""
    path = tmp_path / "program.py"
    path.write_text(LOGITS.format(sign=sign, printed=printed), encoding="utf-8")
    report = check_path(str(path), Options(fix=False))
    assert ("gradient-ascent" in {f.rule for f in report.findings}) == ascent
    assert report.verdict == ("sick" if ascent else "healthy"), report.reason
