"""Programs whose gradient is a difference quotient of the loss have no backward pass to be judged."""

from __future__ import annotations

from pathlib import Path

from bpdoctor.pipeline import Options, check_path

PROGRAM = """\
import numpy as np

rng = np.random.default_rng(4)
x = rng.normal(size=(40, 2))
t = np.eye(2)[(x[:, 0] > x[:, 1]).astype(int)]
weights = {"first": rng.normal(size=(2, 3)), "second": rng.normal(size=(3, 2))}


def loss(rows):
    scores = np.exp(np.tanh(x[rows] @ weights["first"]) @ weights["second"])
    p = scores / scores.sum(axis=1, keepdims=True)
    return -np.sum(t[rows] * np.log(p)) / len(rows)


def slope(array, rows, h=1e-4):
    out = np.zeros_like(array)
    for k in np.ndindex(*array.shape):
        kept = array[k]
        array[k] = kept + h
        above = loss(rows)
        array[k] = kept - h
        out[k] = (above - loss(rows)) / (2 * h)
        array[k] = kept
    return out


for step in range(30):
    rows = rng.choice(40, 10)
    slopes = {name: slope(array, rows) for name, array in weights.items()}
    for name in weights:
        weights[name] -= 0.5 * slopes[name]
print(loss(np.arange(40)))
"""


def test_difference_quotient(tmp_path: Path) -> None:
    """There is nothing to check, and nothing is accused; labels that choose an output are no dropout."""
    path = tmp_path / "quotient.py"
    path.write_text(PROGRAM, encoding="utf-8")
    report = check_path(str(path), Options())
    assert report.verdict == "inconclusive"
    assert "differences of the loss (line 22)" in report.reason
    assert not [f for f in report.findings if f.severity != "note"]
