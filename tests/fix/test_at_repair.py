"""Where a finding stands once its repair is known, and which findings are one."""

from dataclasses import replace

import pytest

from bpdoctor.model.report import Finding, Fix, Mark
from bpdoctor.model.source import Edit, Span
from bpdoctor.pipeline.cures import _united
from bpdoctor.pipeline.placing import at_repair


def span(line: int) -> Span:
    return Span("net.py", line, 5, line, 9)


def found(rule: str, *lines: int, applicability: str = "safe", residual: float | None = 0.5) -> Finding:
    edits = tuple(Edit(span(line), "W.T") for line in lines)
    fix = Fix("write `W.T`", applicability, True, edits, "")  # type: ignore[arg-type]
    return Finding("BP", rule, "error", "wrong", Mark(span(40), "here"), residual=residual, follows=("W",), fix=fix)


def test_what_is_seen_later_stands_where_it_is_mended() -> None:
    moved = at_repair(found("transposed-weights", 31), "")
    assert moved.primary is not None
    assert moved.primary.span.line == 31
    assert [m.span.line for m in moved.related] == [40]


@pytest.mark.parametrize(
    "finding",
    [
        found("transposed-weights", 40),
        found("transposed-weights", 31, 32),
        found("transposed-weights", 31, applicability="unsafe"),
        found("missing-activation-derivative", 31),
        found("batchnorm-gradient", 31),
        found("symmetric-initialisation", 31, residual=None),
        replace(found("transposed-weights", 31), fix=None),
    ],
)
def test_what_is_known_of_a_place_stays(finding: Finding) -> None:
    assert at_repair(finding, "") == finding


STEPS = """\
def slope(a):
    return a * (1 - a)
def back(error, a):
    return error
e2 = back(e3, a)
e1 = slope(a)
W -= rate * e1
V -= rate * e2
"""


@pytest.mark.parametrize(
    ("seen", "columns", "changed", "line"),
    [
        (7, (6, 15), 6, 6),  # the last statement that gives `e1` its value
        (8, (6, 15), 6, 8),  # of `e2` it makes nothing
        (5, (6, 17), 4, 4),  # what the function returns
        (2, (12, 23), 6, 6),  # where its derivative alone is taken
        (2, (12, 23), 5, 2),
    ],
)
def test_a_factor_left_out_stands_in_the_statement_that_makes_the_value(
    seen: int, columns: tuple[int, int], changed: int, line: int
) -> None:
    finding = found("missing-upstream-gradient", changed)
    mark = Mark(Span("net.py", seen, columns[0], seen, columns[1]), "here")
    moved = at_repair(replace(finding, primary=mark), STEPS)
    assert moved.primary is not None
    assert moved.primary.span.line == line


def test_one_change_cures_one_fault() -> None:
    first, second = found("transposed-weights", 31), replace(found("transposed-weights", 31), follows=("V",))
    other = found("transposed-weights", 33)
    assert [f.follows for f in _united([first, second, other])] == [("W", "V"), ("W",)]


def test_what_only_has_another_name_lacks_its_step_there() -> None:
    text = "\n" * 29 + "def f(da, a):\n    dz = da\n    return g(dz)\n" + "\n" * 6 + "def g(dz):\n    return W.T @ dz\n"
    moved = at_repair(found("missing-activation-derivative", 31), text)
    assert moved.primary is not None
    assert moved.primary.span.line == 31
