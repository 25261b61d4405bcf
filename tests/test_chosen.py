"""`--loss`, `--params`, `--step`: what the user names is what is examined, and a name that is not there is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpdoctor.model.report import Report
from bpdoctor.pipeline import Options, check_path

HEAD = """\
import numpy as np
rng = np.random.default_rng(0)
X = rng.normal(size=(8, 3))
y = rng.normal(size=(8, 2))
W, b = rng.normal(size=(3, 2)), np.zeros(2)
"""
TWO_LOSSES = (
    HEAD
    + """\
for epoch in range(40):
    e = X @ W + b - y
    half = 0.5 * np.sum(e ** 2)
    penalised = half + 0.05 * np.sum(W ** 2)
    W = W - 0.01 * X.T @ e
    b = b - 0.01 * e.sum(axis=0)
"""
)
"""The update descends `half`; under `penalised` the gradient of W lacks the penalty."""
FUNCTIONS = (
    HEAD
    + """\
def cost(W, b):
    e = X @ W + b - y
    return 0.5 * np.sum(e ** 2)
class Net:
    def __init__(self):
        self.W, self.b = W, b
    def step(self):
        e = X @ self.W + self.b - y
        self.W = self.W - 0.01 * X.T @ e
        self.b = self.b - 0.01 * e.sum(axis=0)
        return cost(self.W, self.b)
    def before(self):
        return cost(self.W, self.b)
net = Net()
for epoch in range(20):
    for again in range(2):
        seen = net.before()
        net.step()
"""
)


def examined(folder: Path, text: str, **named: object) -> Report:
    path = folder / "program.py"
    path.write_text(text, encoding="utf-8")
    return check_path(str(path), Options(fix=False, **named))  # type: ignore[arg-type]


def test_the_loss_that_is_named(tmp_path: Path) -> None:
    """The same program is right for one loss and wrong for another."""
    right = examined(tmp_path, TWO_LOSSES, loss="half")
    assert right.verdict == "healthy" and right.subject is not None and right.subject.loss is not None
    assert right.subject.loss.line == 8 and not right.subject.loss.inferred
    wrong = examined(tmp_path, TWO_LOSSES, loss="penalised")
    assert {g.parameter: g.status for g in wrong.gradients} == {"W": "wrong", "b": "ok"}
    assert wrong.subject is not None and wrong.subject.loss is not None and wrong.subject.loss.line == 9
    assert any("--loss" in said for said in wrong.assumptions)


@pytest.mark.parametrize("name", ["cost", "cost()", "seen"])
def test_the_loss_that_a_function_returns(name: str, tmp_path: Path) -> None:
    report = examined(tmp_path, FUNCTIONS, loss=name)
    assert report.verdict == "healthy", report
    assert report.subject is not None and report.subject.loss is not None
    assert report.subject.loss.line == 8


def test_a_lambda_is_a_function(tmp_path: Path) -> None:
    text = (
        HEAD
        + "cost = lambda e: 0.5 * np.sum(e ** 2)\n"
        + (
            "for epoch in range(40):\n    e = X @ W + b - y\n    cost(e)\n"
            "    W = W - 0.01 * X.T @ e\n    b = b - 0.01 * e.sum(axis=0)\n"
        )
    )
    report = examined(tmp_path, text, loss="cost")
    assert report.verdict == "healthy"
    assert report.subject is not None and report.subject.loss is not None and report.subject.loss.line == 6


@pytest.mark.parametrize("name", ["W", "self.W"])
def test_only_the_parameters_that_are_named(name: str, tmp_path: Path) -> None:
    report = examined(tmp_path, FUNCTIONS, params=(name,))
    assert [g.parameter for g in report.gradients] == ["self.W"]
    assert any("`self.b`" in said and "left out" in said for said in report.assumptions)


def test_what_is_left_out_is_not_judged(tmp_path: Path) -> None:
    text = TWO_LOSSES.replace("0.01 * e.sum(axis=0)", "0.01 * e.max(axis=0)")
    assert examined(tmp_path, text).verdict == "sick"
    assert examined(tmp_path, text, params=("W",)).verdict == "healthy"


@pytest.mark.parametrize(("name", "steps"), [("step", 4), ("21", 4), ("20", 2), ("Net.step", 4)])
def test_the_step_that_is_named(name: str, steps: int, tmp_path: Path) -> None:
    """A function, or the line at which a loop begins."""
    report = examined(tmp_path, FUNCTIONS, step=name)
    assert report.verdict == "healthy", report
    assert report.subject is not None and report.subject.steps_seen >= steps
    assert any("--step" in said for said in report.assumptions)


@pytest.mark.parametrize(
    ("named", "says"),
    [
        ({"loss": "hlaf"}, "--loss: the program has no variable or function called `hlaf`; did you mean `half`?"),
        ({"params": ("W", "zz")}, "--params: the program has no variable called `zz`"),
        ({"step": "train"}, "--step: the program has no function"),
        ({"step": "3"}, "--step: the program has no function"),
        ({"loss": "rng"}, "--loss: `rng` is no number"),
        ({"loss": "X"}, "--loss: `X` is no number"),
        ({"params": ("X",)}, "--params: `X` is not updated in the training step; updated are `W`, `b`"),
    ],
)
def test_a_name_that_cannot_be_used(named: dict[str, object], says: str, tmp_path: Path) -> None:
    report = examined(tmp_path, TWO_LOSSES, **named)
    assert report.verdict == "inconclusive" and not report.findings
    assert report.reason.startswith(says), report.reason


def test_a_function_in_which_nothing_is_trained(tmp_path: Path) -> None:
    report = examined(tmp_path, FUNCTIONS, step="before")
    assert report.reason == "--step: nothing is trained within `before`"
