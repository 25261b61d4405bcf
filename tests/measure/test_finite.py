"""Origins of infinities and NaN, on programs whose faulty line is known."""

import pytest

from .harness import examine

STEP = """\
import numpy as np

x, t = np.array([[1.0, 2.0], [3.0, -4.0]]), np.array([[1.0], [0.0]])
w = np.array([[0.5], [0.25]])
for step in range(4):
    y = x @ w
    {line}
    w -= 0.01 * x.T @ (y - t)
"""


def found(line):
    examination = examine(STEP.format(line=line))
    return [(o.kind, examination.sites[o.site].line, o.operands) for o in examination.measurements["finite"].origins]


@pytest.mark.parametrize(
    ("line", "kind", "operand"),
    [
        ("loss = np.sum(np.log(y - 1.0))", "log of zero", 0.0),
        ("loss = np.sum(1 / (y - 1.0))", "division by zero", 0.0),
        ("loss = np.sum(np.exp(1000 * y))", "overflow", 1000.0),
        ("loss = np.sum(np.sqrt(-y))", "other", -1.0),
    ],
)
def test_the_first_operation_is_named_with_its_operand(line, kind, operand):
    name, where, operands = found(line)[0]
    assert (name, where) == (kind, 7)
    assert operands[-1] == pytest.approx(operand)


@pytest.mark.parametrize(
    "line",
    [
        "p = 1 / (1 + np.exp(1000 * y))",
        "p = np.where(y > 2, np.log(y - 1.0), 0.0)",
        "best = float('inf')",
        "s = np.where(y > 0, y, -np.inf); p = np.exp(s)",
        "p = np.nan_to_num(1 / (y - 1.0))",
    ],
)
def test_what_comes_to_nothing_is_no_origin(line):
    assert found(line) == []


def test_parameters_that_left_the_numbers_between_recorded_steps():
    text = STEP.replace("range(4)", "range(3000)").replace("0.01 *", "10 *").format(line="pass")
    measured = examine(text).measurements["finite"]
    assert measured.diverged is not None or measured.origins
