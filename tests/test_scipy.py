"""Networks that SciPy trains: the function that it is given is examined where it is given."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpdoctor.pipeline.check import check_path

FLAT = """\
import numpy as np
from functools import partial
from scipy import optimize

rng = np.random.default_rng(4)
X = rng.normal(size=(50, 3))
T = np.column_stack([np.sin(X[:, 0]), X[:, 1] * X[:, 2]])
shapes = [(3, 6), (6,), (6, 2), (2,)]
cuts = np.cumsum([int(np.prod(s)) for s in shapes])[:-1]


def unpack(flat):
    return [part.reshape(s) for part, s in zip(np.split(flat, cuts), shapes)]


def forward(flat, x):
    A, a, B, b = unpack(flat)
    h = np.tanh(x @ A + a)
    return h, h @ B + b


def misfit(flat, x, t):
    return 0.5 * np.sum((forward(flat, x)[1] - t) ** 2) / len(x)


def slope(flat, x, t):
    A, a, B, b = unpack(flat)
    h, y = forward(flat, x)
    e = (y - t) / len(x)
    d = e @ B.T * (1 - h ** 2)
    return np.concatenate([(x.T @ d).ravel(), d.sum(axis=0), (h.T @ e).ravel(), e.sum(axis=0)])


def both(flat, x, t):
    return misfit(flat, x, t), slope(flat, x, t)


w0 = rng.normal(size=cuts[-1] + 2) * 0.5
"""
CALLS = {
    "two functions": "found = optimize.minimize(partial(misfit, x=X, t=T), x0=w0, jac=lambda w: slope(w, X, T))",
    "both at once": "found = optimize.minimize(both, w0, args=(X, T), jac=True, method='CG')",
    "an older name": "found, low, told = optimize.fmin_l_bfgs_b(both, w0, args=(X, T))",
}


@pytest.mark.parametrize("call", CALLS)
def test_right_gradients_are_found_right(call: str, tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(FLAT + CALLS[call] + "\nprint(found)\n")
    report = check_path(str(path))
    assert report.verdict == "healthy", report.reason
    assert [g.parameter for g in report.gradients] == ["w0"]


@pytest.mark.parametrize("call", CALLS)
def test_a_wrong_one_is_shown_where_it_is(call: str, tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(FLAT.replace("(1 - h ** 2)", "(1 - h)") + CALLS[call] + "\nprint(found)\n")
    report = check_path(str(path))
    (finding,) = [f for f in report.findings if f.severity == "error"]
    assert finding.rule == "wrong-activation-derivative"
    assert finding.primary is not None and finding.primary.span.line == 30


def test_without_a_gradient_there_is_nothing_to_compare(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(FLAT + "found = optimize.minimize(misfit, w0, args=(X, T))\nprint(found)\n")
    assert check_path(str(path)).verdict == "inconclusive"
