"""The slope of a leaky activation that a default holds is mended there."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpdoctor.pipeline import check_path

PROGRAM = """\
import numpy as np

rng = np.random.default_rng({seed})
X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
t = np.array([[0.0], [1.0], [1.0], [0.0]])
W, b = rng.uniform(-1, 1, (2, 2)), rng.uniform(-1, 1, (1, 2))
V, c = rng.uniform(-1, 1, (2, 1)), rng.uniform(-1, 1, (1, 1))


def leaky(z, slope=0.5):
    return np.where(z > 0, z, slope * z)


def gradient(z, slope=0.1):
    return np.where(z > 0, 1.0, slope)


for step in range(400):
    z = X @ W + b
    h = leaky(z)
    u = h @ V + c
    y = leaky(u)
    d = (y - t) / len(X) * gradient(u)
    e = d @ V.T * gradient(z)
    V -= 0.1 * h.T @ d
    c -= 0.1 * d.sum(axis=0)
    W -= 0.1 * X.T @ e
    b -= 0.1 * e.sum(axis=0)
print(y)
"""


@pytest.mark.parametrize("seed", [2, 5, 8])
def test_a_slope_that_a_default_holds_is_written_as_the_forward_one(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "net.py"
    path.write_text(PROGRAM.format(seed=seed))
    errors = [f for f in check_path(str(path)).findings if f.severity == "error"]
    assert {f.rule for f in errors} == {"activation-slope-mismatch"}
    assert errors[0].fix is not None and "+def gradient(z, slope=0.5):" in errors[0].fix.diff
