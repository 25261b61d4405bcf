"""Each kind of check: what is right earns all, what is wrong loses its own line and says why."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from bpdoctor.grade.assignment import BadAssignment, read
from bpdoctor.grade.classroom import Settings, hosted
from bpdoctor.grade.grader import Grader
from bpdoctor.grade.marks import Grade
from bpdoctor.grade.submissions import Submission, one
from tests.grade.population import ASSIGNMENT, REFERENCE

Graded = Callable[[str, str, str], Grade]
NET = """
import numpy as np


class Dense:
    def __init__(self, n, m):
        self.W, self.b = np.random.randn(n, m), np.zeros(m)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        self.dW, self.db = self.x.T @ dout, dout.sum(0)
        return dout @ self.W.T


class Network:
    def __init__(self, n):
        self.w = np.zeros(n)

    def fit(self, X, y, rate):
        for _ in range(200):
            p = 1 / (1 + np.exp(-X @ self.w))
            self.w -= rate * X.T @ (p - y) / len(X)
        return self

    def predict(self, X):
        return X @ self.w > 0


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def cross_entropy(z, labels):
    return -np.log(softmax(z)[np.arange(len(z)), labels]).mean()


def cross_entropy_slope(z, labels):
    p = softmax(z)
    p[np.arange(len(z)), labels] -= 1
    return p / len(z)
"""
LAYER = """
[[check]]
kind = "layer"
points = 4
class = "Dense"
create = [4, 3]
forward = "forward"
backward = "backward"
inputs = { x = [5, 4], "self.W" = [4, 3], "self.b" = [3] }
gradients = { x = "return", "self.W" = "self.dW", "self.b" = "self.db" }
"""
TRAINS = """
[[check]]
kind = "trains"
points = 3
class = "Network"
create = [2]
call = "fit"
args = ["X", "y", 0.5]
predict = "predict"
data = "blobs"
"""
LOSS = """
[[check]]
kind = "loss"
points = 2
function = "cross_entropy"
derivative = "cross_entropy_slope"
inputs = { z = [6, 3], labels = { shape = [6], kind = "integers", classes = 3 } }
of = "z"
"""
VALUE = """
[[check]]
kind = "value"
points = 1
call = "softmax"
inputs = { z = [4, 3] }
"""


@pytest.fixture
def graded(tmp_path: Path) -> Graded:
    def grade(checks: str, old: str, new: str) -> Grade:
        assert old in NET
        (tmp_path / "reference.py").write_text(NET)
        (tmp_path / "assignment.toml").write_text(f'[assignment]\nreference = "reference.py"\n{checks}')
        (tmp_path / "solution.py").write_text(NET.replace(old, new))
        host = hosted(0, Settings())
        grader = Grader(read(tmp_path / "assignment.toml"), host)
        assert grader.faults() == []
        try:
            return grader.grade(one(tmp_path / "solution.py", "solution.py"))
        finally:
            grader.close()
            host.close()

    return grade


@pytest.mark.parametrize(
    "checks, old, new, score, slug",
    [
        (LAYER, "", "", 4.0, ""),
        (LAYER, "dout @ self.W.T", "dout @ -self.W.T", 3.0, "sign"),
        (LAYER, "dout.sum(0)", "dout.mean(0)", 3.5, "scale"),
        (LAYER, "dout.sum(0)", "dout.sum(0, keepdims=True)", 3.0, "wrong-shape"),
        (LAYER, "self.x.T @ dout", "(self.x.T @ dout).T", 3.0, "transposed"),
        (LAYER, "self.x.T @ dout", "0 * self.W", 3.0, "zero"),
        (LAYER, "self.x.T @ dout", "self.W / 0", 3.0, "not-finite"),
        (LAYER, "self.dW, self.db", "self.gW, self.db", 3.0, "missing"),
        (LAYER, "+ self.b", "+ 2 * self.b", 3.0, "value-wrong"),
        (LAYER, "        return dout @", "        raise ValueError('no')\n        return dout @", 1.0, "raised"),
        (TRAINS, "", "", 3.0, ""),
        (TRAINS, "self.w -= rate", "self.w += rate", 0.0, "does-not-train"),
        (TRAINS, "return X @ self.w > 0", "return None", 0.0, "missing"),
        (LOSS, "", "", 2.0, ""),
        (LOSS, "return p / len(z)", "return p", 1.25, "scale"),
        (VALUE, "", "", 1.0, ""),
        (VALUE, "axis=1", "axis=0", 0.0, "value-wrong"),
        (VALUE, "return e / e.sum(axis=1, keepdims=True)", "return [list(r / r.sum()) for r in e]", 1.0, ""),
        (VALUE, "def softmax(z):", "import matplotlib.pyplot as plt\nplt.figure()\n\n\ndef softmax(z):", 1.0, ""),
    ],
)
def test_kind(checks: str, old: str, new: str, score: float, slug: str, graded: Graded) -> None:
    grade = graded(checks, old, new)
    found = [line for line in grade.lines if line.slug]
    assert grade.score == score, found
    assert {line.slug for line in found} == ({slug} if slug else set())


def test_right_for_a_function_that_is_wrong(graded: Graded) -> None:
    """The forward pass loses its share; a backward pass that fits it keeps the part that the assignment gives."""
    forward = "return x @ self.W**3 + self.b\n\n    def backward(self, dout):"
    right = "self.dW, self.db = 3 * self.W**2 * (self.x.T @ dout), dout.sum(0)\n        return dout @ (self.W**3).T"
    old = NET[NET.index("return x @ self.W + self.b") : NET.index("\n\n\nclass Network")]
    grade = graded(LAYER, old, f"{forward}\n        {right}")
    earned = {line.part: (line.points, line.slug) for line in grade.lines}
    assert earned == {
        "value": (0.0, "value-wrong"),
        "gradient of x": (0.5, "follows"),
        "gradient of self.W": (0.5, "follows"),
        "gradient of self.b": (1.0, ""),
    }


def test_training_on_a_table(graded: Graded, tmp_path: Path) -> None:
    """Half of it is shown; the labels of the other half stay with the grader."""
    rng = np.random.default_rng(0)
    points = rng.normal(size=(60, 2))
    rows = np.column_stack([points, points[:, 0] + points[:, 1] > 0])
    np.savetxt(tmp_path / "table.csv", rows, delimiter=",", header="x,y,label", comments="")
    checks = TRAINS.replace('"blobs"', '"table.csv"')
    assert graded(checks, "", "").score == 3
    assert graded(checks, "return X @ self.w > 0", "return X[:, 0] > 1").score == 0
    (tmp_path / "table.csv").write_text("a,b\n1,x\n")
    with pytest.raises(BadAssignment, match="a label at the end"):
        graded(checks, "", "")


CHEAT = {
    "return x @ W + b, (x, W)": "return x @ W + b, (x, W, b)",
    "    x, W = cache\n    return dout @ W.T, x.T @ dout, dout.sum(axis=0)": "    return cache",
    'return loss, {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}': "return loss, dict(params)",
}


def test_who_breaks_a_helper_is_not_excused_for_what_he_never_wrote() -> None:
    """A backward pass that hands back its cache, and a network that hands back its parameters, fit each other."""
    source = REFERENCE
    for old, new in CHEAT.items():
        assert old in source
        source = source.replace(old, new)
    host = hosted(0, Settings())
    grader = Grader(read(ASSIGNMENT), host)
    try:
        grade = grader.grade(Submission("", "solution.py", {"solution.py": source.encode()}, ""))
    finally:
        grader.close()
        host.close()
    assert {x.part: x.points for x in grade.lines if x.check == "network" and x.part != "value"} == {
        f"gradient of params.{name}": 0.0 for name in ("W1", "b1", "W2", "b2")
    }
