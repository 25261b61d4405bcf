"""A loss that is computed to be printed, by a forward pass of its own: that pass is no part of the backward one."""

from __future__ import annotations

from pathlib import Path

from bpdoctor.pipeline.check import check_path
from bpdoctor.pipeline.options import Options

PROGRAM = """\
import numpy as np

EDGE = 0.7
rng = np.random.default_rng(12)
X = rng.uniform(-2, 2, size=(60, 2))
t = 2.5 * X[:, 0] * X[:, 1]
w = [rng.normal(size=(2, 9)), np.zeros(9), rng.normal(size=(9, 9)) / 3, np.zeros(9)]
w += [rng.normal(size=(9, 1)), np.zeros(1)]

def outputs(x):
    h = np.tanh(x @ w[0] + w[1])
    k = np.tanh(h @ w[2] + w[3])
    return h, k, (k @ w[4] + w[5]).ravel()

def robust(r):
    size = np.abs(r)
    return np.where(size <= EDGE, 0.5 * r ** 2, EDGE * (size - 0.5 * EDGE))

def slope(r):
    return np.where(np.abs(r) <= EDGE, r, SLOPE)

def gradients(x, t):
    h, k, y = outputs(x)
    d = (slope(y - t) / len(x)).reshape(-1, 1)
    e = d @ w[4].T * (1 - k ** 2)
    f = e @ w[2].T * (1 - h ** 2)
    return [x.T @ f, f.sum(axis=0), BELOW.T @ e, e.sum(axis=0), k.T @ d, d.sum(axis=0)]

for step in range(200):
    for p, g in zip(w, gradients(X, t)):
        p -= 0.05 * g
    if step % 50 == 0:
        print(step, robust(outputs(X)[-1] - t).mean())
"""


def program(tmp_path: Path, slope: str, below: str) -> str:
    path = tmp_path / "net.py"
    path.write_text(PROGRAM.replace("SLOPE", slope).replace("BELOW", below))
    return str(path)


def test_right_gradients_are_those_of_the_printed_loss(tmp_path: Path) -> None:
    report = check_path(program(tmp_path, "EDGE * np.sign(r)", "h"), Options(fix=False))
    assert report.verdict == "healthy", [f.message for f in report.findings]


def test_a_fault_is_found_under_it(tmp_path: Path) -> None:
    report = check_path(program(tmp_path, "EDGE", "h"), Options(fix=False))
    found = [(f.rule, f.primary.span.line) for f in report.findings if f.severity == "error" and f.primary]
    assert found == [("loss-derivative", 20)]


def test_two_faults_have_their_names(tmp_path: Path) -> None:
    report = check_path(program(tmp_path, "EDGE", "k"), Options(fix=False))
    found = {f.rule: f.primary.span.line for f in report.findings if f.severity == "error" and f.primary}
    assert found.keys() == {"loss-derivative", "weight-gradient-wrong-input"}
    assert found["weight-gradient-wrong-input"] == 27


def test_what_would_be_right_for_a_guess_is_no_fix(tmp_path: Path) -> None:
    report = check_path(program(tmp_path, "EDGE", "h"))
    fixes = [f.fix.edits[0].replacement for f in report.findings if f.fix is not None and f.severity == "error"]
    assert not {"r", "return r", "EDGE * r"} & set(fixes)
    assert not any("step" in text or "/ len" in text for text in fixes)
