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
    (LABELS, "-np.mean((0.9 * t + 0.05) * np.log(y) + (0.95 - 0.9 * t) * np.log(1 - y))"),
]
SUMS = [
    (REAL, "0.5 * np.mean((y - t) ** 2) + 0.1 * np.mean(h**2)"),
    (REAL, "0.5 * np.mean((y - t) ** 2) + 0.1 * np.sum(np.diff(y, axis=0) ** 2)"),
    (LABELS, "np.mean(y * np.log(y)) - np.mean(t * np.log(y) + (1 - t) * np.log(1 - y))"),
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


@pytest.mark.parametrize(("names", "seen"), SUMS, ids=[seen for _, seen in SUMS])
def test_what_is_added_to_a_loss_has_a_gradient(tmp_path: Path, names: dict[str, str], seen: str) -> None:
    found = said(tmp_path, names, seen)
    assert [(severity, rule) for severity, rule, _ in found] == [("error", "loss-delta-mismatch")]


def test_what_is_evaluated_on_other_data_is_no_term(tmp_path: Path) -> None:
    """The sum of the losses of two sets is only looked at."""
    other = "np.mean((np.tanh(X[::2] @ W1 + b1) @ W2 + b2 - t[::2]) ** 2)"
    found = said(tmp_path, REAL, f"0.5 * np.mean((y - t) ** 2) + {other}")
    assert all(severity == "note" for severity, _, _ in found)


def test_hard_labels_may_be_looked_at(tmp_path: Path) -> None:
    """Who descends the loss of smoothed labels may print that of hard ones."""
    smoothed = {**LABELS, "target": "0.05 + 0.9 * (X[:, :1] > 0.7 * X[:, 1:2] * X[:, 2:])"}
    hard = "-np.mean((t > 0.5) * np.log(y) + (t < 0.5) * np.log(1 - y))"
    assert all(severity == "note" for severity, _, _ in said(tmp_path, smoothed, hard))


SMALL_BATCHES = """\
import numpy as np

rng = np.random.default_rng(13)
X = rng.normal(size=(36, 3))
t = 3 * X[:, :1] - X[:, 1:2] * X[:, 2:]
W, b = rng.normal(size=(3, 1)), np.zeros(1)

def huber(e):
    return np.where(np.abs(e) < 0.4, 0.5 * e**2, 0.4 * (np.abs(e) - 0.2))

for epoch in range(40):
    total = 0
    for k in range(0, 36, 9):
        e = X[k : k + 9] @ W + b - t[k : k + 9]
        total += huber(e).mean()
        d = {slope} / len(e)
        W -= 0.05 * X[k : k + 9].T @ d
        b -= 0.05 * d.sum(axis=0)
    print(epoch, total / 4)
"""


@pytest.mark.parametrize(("slope", "verdict"), [("e", "sick"), ("np.clip(e, -0.4, 0.4)", "healthy")])
def test_a_loss_that_is_only_added_up_is_meant(tmp_path: Path, slope: str, verdict: str) -> None:
    """It is one also where a small batch has none but large errors, of which only the sign counts."""
    path = tmp_path / "program.py"
    path.write_text(SMALL_BATCHES.format(slope=slope), encoding="utf-8")
    report = check_path(str(path), Options(fix=False))
    assert report.verdict == verdict
    assert [f.rule for f in report.findings] == ["loss-delta-mismatch"] * (verdict == "sick")


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
