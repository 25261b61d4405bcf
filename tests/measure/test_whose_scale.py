"""Of two groups of gradients that differ by a constant, the one with the stated rate of the computed loss is right."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpdoctor.pipeline import Options, check_path

NET = """\
import numpy as np

rng = np.random.default_rng(66)
x = rng.uniform(-1, 1, (50, 3))
t = x @ np.array([[1.5], [-1.0], [0.4]]) + 0.3 * x[:, :1] ** 2
V, v = rng.normal(0, 0.6, (3, 8)), np.zeros(8)
U, u = rng.normal(0, 0.4, (8, 1)), np.zeros(1)
for turn in range(100):
    h = np.tanh(x @ V + v)
    y = h @ U + u
    loss = np.mean((y - t) ** 2)
    d = {last} * (y - t) / len(x)
    e = {hidden} * d @ U.T * (1 - h ** 2)
    {update}
print(loss)
"""
SPELT = "U -= 0.1 * h.T @ d; u -= 0.1 * d.sum(axis=0); V -= 0.1 * x.T @ e; v -= 0.1 * e.sum(axis=0)"
LATER = "U = U - h.T @ d * 0.1; u = u - 0.1 * d.sum(axis=0); V = V - x.T @ e * 0.1; v = v - 0.1 * e.sum(axis=0)"


@pytest.mark.parametrize("update", [SPELT, LATER])
@pytest.mark.parametrize(
    ("last", "hidden", "wrong"), [("2", "1", []), ("2", "4", ["V", "v"]), ("2", "0.3", ["V", "v"]), ("6", "1", [])]
)
def test_the_layer_with_the_constant_is_told(
    update: str, last: str, hidden: str, wrong: list[str], tmp_path: Path
) -> None:
    (tmp_path / "net.py").write_text(NET.format(last=last, hidden=hidden, update=update))
    report = check_path(str(tmp_path / "net.py"), Options(fix=False))
    found = [name for f in report.findings if f.severity == "error" for name in f.follows]
    assert sorted(found) == sorted(wrong)
