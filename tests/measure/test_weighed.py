"""A loss with weights or a mask, and a gradient without: an error; half of a cross-entropy that is printed: a note."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpdoctor.pipeline import Options, check_path

ERRORS = """\
import numpy as np

rng = np.random.default_rng(17)
x = rng.normal(size=(24, 5, 2))
valid = (np.arange(5) < rng.integers(2, 6, size=(24, 1))).astype(float)
t = np.tanh(x[..., 0] - x[..., 1])
A, a, B, b = rng.normal(size=(2, 4)), np.zeros(4), rng.normal(size=4), 0.0
for turn in range(60):
    h = np.tanh(x @ A + a)
    off = h @ B + b - t
    loss = np.sum(valid * off ** 2) / valid.sum()
    d = 2 * {mask}off / valid.sum()
    g = d[..., None] * B * (1 - h ** 2)
    B = B - 0.2 * (h * d[..., None]).sum((0, 1))
    b = b - 0.2 * d.sum()
    A = A - 0.2 * np.einsum("nti,nth->ih", x, g)
    a = a - 0.2 * g.sum((0, 1))
print(loss)
"""
CLASSES = """\
import numpy as np

rng = np.random.default_rng(17)
x = rng.normal(size=(40, 3))
k = (x[:, 0] > 0.8).astype(int) + 2 * (x[:, 1] > 1.2)
k[k == 3] = 0
rare = np.array([0.5, 2.0, 3.0])
W, c = rng.normal(size=(3, 3)), np.zeros(3)
for turn in range(60):
    z = x @ W + c
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    loss = -np.mean(rare[k] * np.log(p[np.arange(40), k]))
    d = {weight}(p - np.eye(3)[k]) / 40
    W -= 0.3 * x.T @ d
    c -= 0.3 * d.sum(axis=0)
print(loss)
"""
HALF = """\
import numpy as np

rng = np.random.default_rng(17)
x = rng.normal(size=(40, 3))
t = (x[:, 0] > x[:, 1]).astype(float)
w, c = rng.normal(size=3), 0.0
for turn in range(60):
    p = 1 / (1 + np.exp(-(x @ w + c)))
    loss = -np.mean(t * np.log(p))
    d = (p - t) / 40
    w = w - 0.3 * x.T @ d
    c = c - 0.3 * d.sum()
print(loss)
"""


def findings(path: Path, text: str) -> list[tuple[str, str]]:
    path.write_text(text)
    report = check_path(str(path), Options(fix=False))
    return [(f.severity, f.rule) for f in report.findings if f.severity != "note" or f.rule == "loss-delta-mismatch"]


@pytest.mark.parametrize(
    "text", [ERRORS.format(mask="valid * "), CLASSES.format(weight="rare[k][:, None] * ")], ids=["mask", "classes"]
)
def test_weights_in_both_are_right(text: str, tmp_path: Path) -> None:
    assert findings(tmp_path / "net.py", text) == []


@pytest.mark.parametrize("text", [ERRORS.format(mask=""), CLASSES.format(weight="")], ids=["mask", "classes"])
def test_weights_in_the_loss_alone_are_told(text: str, tmp_path: Path) -> None:
    assert findings(tmp_path / "net.py", text) == [("error", "loss-delta-mismatch")]


def test_half_of_a_cross_entropy_is_no_weighed_loss(tmp_path: Path) -> None:
    assert findings(tmp_path / "net.py", HALF) == [("note", "loss-delta-mismatch")]
