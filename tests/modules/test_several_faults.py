"""Several faults in one engine, and derivatives of functions by their name."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpdoctor.pipeline import Options, check_path
from tests.modules.test_modules import CORRECT

TANH = ("self.grad += (1 - t * t) * out.grad", "self.grad += (1 - t) * out.grad")
SET = ("self.grad += other.value * out.grad", "self.grad = other.value * out.grad")
SHOWN = """

import random

random.seed(5)


class Unit:
    def __init__(self, inputs):
        self.w, self.c = [Scalar(random.uniform(-1, 1)) for _ in range(inputs)], Scalar(0.0)

    def __call__(self, given):
        total = self.c
        for w, x in zip(self.w, given):
            total = total + w * x
        return total.tanh()


below, above = [Unit(2), Unit(2)], Unit(2)
weights = [w for unit in (*below, above) for w in (*unit.w, unit.c)]
for step in range(60):
    loss = Scalar(0.0)
    for given, wanted in (((0.2, 0.9), 0.6), ((0.9, -0.3), -0.4), ((-0.5, 0.1), 0.3)):
        loss = loss + (above([unit(given) for unit in below]) - wanted) ** 2
    for w in weights:
        w.grad = 0.0
    loss.backward()
"""


def engine(*edits: tuple[str, str]) -> str:
    text = (CORRECT / "engine.py").read_text(encoding="utf-8")
    for right, wrong in edits:
        assert text.count(right) == 1
        text = text.replace(right, wrong)
    return text


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def errors(text: str, folder: Path) -> list[tuple[str, int | None]]:
    path = folder / "engine.py"
    path.write_text(text, encoding="utf-8")
    found = [f for f in check_path(str(path), Options(fix=False)).findings if f.severity == "error"]
    return sorted((f.rule, f.primary.span.line if f.primary else None) for f in found)


def test_an_overwritten_gradient_is_said_beside_a_wrong_function(tmp_path: Path) -> None:
    text = engine(TANH, SET)
    overwritten = ("shared-weight-gradient-overwritten", line_of(text, SET[1]))
    assert errors(text, tmp_path) == [overwritten, ("wrong-activation-derivative", line_of(text, TANH[1]))]


@pytest.mark.parametrize("sick", [True, False])
def test_a_function_of_an_engine_is_named_where_the_file_goes_back_by_itself(sick: bool, tmp_path: Path) -> None:
    text = engine(*([TANH] if sick else [])) + SHOWN
    expected = [("wrong-activation-derivative", line_of(text, TANH[1]))] if sick else []
    assert errors(text, tmp_path) == expected


SLOPES = """\
import numpy as np


def elu(z, a=1.0):
    return np.where(z > 0, z, a * (np.exp(z) - 1))


def elu_slope(z, a=1.0):
    return np.where(z > 0, 1, a * np.exp(z))


def softplus(z):
    return np.log1p(np.exp(z))


def softplus_slope(z):
    return np.exp(z) / (1 + np.exp(z))
""".replace("_slope", "_derivative")


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("", ""), ("1, a * np.exp(z))", "1, a * np.exp(z) + 1)"), ("/ (1 + np.exp(z))", "/ (1 - np.exp(z))")],
)
def test_a_derivative_that_is_none_has_its_name(right: str, wrong: str, tmp_path: Path) -> None:
    text = SLOPES.replace(right, wrong)
    assert errors(text, tmp_path) == ([("wrong-activation-derivative", line_of(text, wrong))] if wrong else [])
