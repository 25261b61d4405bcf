"""Which of two factors is the common one: what lies nearest to the loss is not blamed for what comes in below it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpdoctor.pipeline import Options, check_path

PROGRAM = """\
import numpy as np

rng = np.random.default_rng(51)
X = rng.normal(size=(20, {inputs}))
t = (X[:, :1] * X[:, 1:2] > 0).astype(float)
A, a = rng.normal(size=({inputs}, 7)), np.zeros(7)
B, b = rng.normal(size=(7, 4)), np.zeros(4)
C, c = rng.normal(size=(4, 1)), np.zeros(1)
for epoch in range(40):
    h = np.tanh(X @ A + a)
    g = np.tanh(h @ B + b)
    p = 1 / (1 + np.exp(-(g @ C + c)))
    loss = -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))
    d3 = (p - t) / len(X)
    d2 = d3 @ C.T * (1 - g**2){second}
    d1 = d2 @ B.T * (1 - h**2){first}
    dC = g.T @ d3{third}
    C -= 0.1 * dC
    c -= 0.1 * d3.sum(axis=0)
    B -= 0.1 * h.T @ d2
    b -= 0.1 * d2.sum(axis=0)
    A -= 0.1 * X.T @ d1
    a -= 0.1 * d1.sum(axis=0)
    print(epoch, loss)
"""


@pytest.mark.parametrize("inputs", [3, 30])
@pytest.mark.parametrize("times", [" * 2", " / 2", " * 7", " / 4", " * 0.3"])
@pytest.mark.parametrize(
    ("place", "line", "follows"),
    [("second", 15, ["A", "B", "a", "b"]), ("first", 16, ["A", "a"]), ("third", 17, ["C"])],
)
def test_factor(tmp_path: Path, inputs: int, times: str, place: str, line: int, follows: list[str]) -> None:
    path = tmp_path / "program.py"
    factors = {"first": "", "second": "", "third": "", place: times}
    path.write_text(PROGRAM.format(inputs=inputs, **factors), encoding="utf-8")
    found = [f for f in check_path(str(path), Options(fix=False)).findings if f.severity == "error"]
    assert {f.primary.span.line for f in found if f.primary} == {line}
    assert sorted(name for f in found for name in f.follows) == follows
    assert {f.rule for f in found} == {"gradient-scale"}
