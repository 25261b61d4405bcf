"""Modules that only define: correct ones stay silent, planted faults are found at their line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bpdoctor.model.source import Edit, Source, Span
from bpdoctor.observe.program import DRIVER
from bpdoctor.pipeline import Options, check_path
from bpdoctor.pipeline.program import Program
from tests.modules.faults import PLANTED, Planted

CORRECT = Path(__file__).parent / "correct"
# Found, but said at another line of the same definition than the one that was edited.
ELSEWHERE = frozenset(
    {
        # Of two gradients of different scale either may be meant.
        "course: db = np.sum(dZ, axis=1, keepdims=True)",
        # The next statement, which takes in what this one makes.
        "sequence: * (1 - states[t] ** 2)",
    }
)
# Errors beyond one of a Huber loss are not among the inputs that are tried.
MISSED = frozenset({"losses: return np.where(np.abs(r) < 1, r, 1.0)"})


@pytest.mark.parametrize("path", sorted(CORRECT.glob("*.py")), ids=lambda p: p.stem)
def test_correct_modules_are_healthy(path: Path) -> None:
    report = check_path(str(path), Options(fix=False))
    assert report.kind == "module"
    assert report.verdict == "healthy", (report.reason, report.findings, report.not_examined)
    assert report.gradients
    assert {g.status for g in report.gradients} <= {"ok", "vacuous"}


def sick(planted: Planted, folder: Path) -> tuple[Path, int]:
    """The module with the fault in it, and the line of the fault."""
    text = (CORRECT / f"{planted.module}.py").read_text(encoding="utf-8")
    assert text.count(planted.old) == 1, planted.old
    at = text.index(planted.old)
    rows = zip(planted.old.splitlines(), planted.new.splitlines(), strict=True)
    offset = next(i for i, (a, b) in enumerate(rows) if a != b)
    path = folder / f"{planted.module}.py"
    path.write_text(text.replace(planted.old, planted.new), encoding="utf-8")
    return path, text.count("\n", 0, at) + 1 + offset


def faults() -> list[Any]:
    """What is known to be missed runs as well, and must be missed: no entry outlives its cause."""
    known = pytest.mark.xfail(strict=True, raises=AssertionError)
    return [pytest.param(p, id=p.name, marks=[known] if p.name in MISSED else []) for p in PLANTED]


@pytest.mark.parametrize("planted", faults())
def test_planted_faults_are_found(planted: Planted, tmp_path: Path) -> None:
    path, line = sick(planted, tmp_path)
    report = check_path(str(path), Options(fix=False))
    errors = [f for f in report.findings if f.severity == "error"]
    assert report.verdict == "sick", (report.verdict, report.reason, report.not_examined)
    assert errors
    places = [f.primary.span.line for f in errors if f.primary is not None]
    said = (line, [(f.rule, f.primary and f.primary.span.line) for f in errors])
    assert (line in places) is (planted.name not in ELSEWHERE), said


POWER = """\
import numpy as np


class Power:
    def forward(self, inputs):
        self.base, self.exponent = np.exp(inputs[0]), inputs[1]
        self.out = self.base**self.exponent
        return self.out

    def backward(self, grad):
        return grad * np.array([self.exponent * self.out, self.out * np.log(self.base)])
"""


def test_what_reads_a_part_of_its_input_is_not_wrong(tmp_path: Path) -> None:
    path = tmp_path / "power.py"
    path.write_text(POWER, encoding="utf-8")
    report = check_path(str(path), Options(fix=False))
    assert report.verdict == "inconclusive"
    assert not report.findings


def test_a_count_that_only_the_missing_data_gives_is_supplied(tmp_path: Path) -> None:
    text = (CORRECT / "trainer.py").read_text(encoding="utf-8").replace("    m = Y.size\n", "")
    path = tmp_path / "kaggle.py"
    path.write_text(
        "import numpy as np\n\ndata = np.loadtxt('train.csv')\nm, n = data.shape\n" + text, encoding="utf-8"
    )
    report = check_path(str(path), Options(fix=False))
    assert report.verdict == "inconclusive"  # the file itself could not be run
    assert {g.status for g in report.gradients} == {"ok"}
    assert len(report.gradients) == 4


def test_an_argument_whose_name_tells_nothing_is_no_ground_for_an_error(tmp_path: Path) -> None:
    text = (CORRECT / "counted.py").read_text(encoding="utf-8").replace("bias", "offset").replace("weights", "slopes")
    path = tmp_path / "plane.py"
    path.write_text(text, encoding="utf-8")
    report = check_path(str(path), Options(fix=False))
    assert report.verdict == "inconclusive"
    assert not report.findings
    assert report.not_examined == ("`fit_plane`: nothing tells what `slopes` and `offset` are",)


GATE = '''\
import numpy as np


class Gate:
    def forward(self, x):
        """Open it.

        x: a batch of columns of shape (None, 1)
        """
        self.out = 1 / (1 + np.exp(-x))
        return self.out

    def backward(self, grad):
        return grad * self.out * (1 - self.out)
'''


def test_a_shape_that_states_no_numbers_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "gate.py"
    path.write_text(GATE, encoding="utf-8")
    report = check_path(str(path), Options(fix=False))
    assert {g.status for g in report.gradients} == {"ok"}


LADDER = """\
import numpy as np


def ladder(z, derivative=False):
    if derivative:
        return np.ones_like(z)
    return np.floor(z)
"""


def test_the_slope_of_steps_is_a_stand_in(tmp_path: Path) -> None:
    path = tmp_path / "ladder.py"
    path.write_text(LADDER, encoding="utf-8")
    report = check_path(str(path), Options(fix=False))
    assert report.verdict == "inconclusive"
    assert not report.findings
    assert report.not_examined == ("`ladder`: the output changes with `z` by jumps alone",)


def test_statements_of_ours_are_not_changed() -> None:
    program = Program(Source(path="net.py", text="w = 1\n"))
    edit = Edit(Span(DRIVER, 1, 1, 1, 2), "v")
    assert program.edited([edit]) is None


ROUNDED = """\
import numpy as np


class Rounded:
    \"\"\"To the nearest quarter; on the way back as if it were not there.\"\"\"

    def forward(self, x):
        return np.round(4 * x) / 4

    def backward(self, grad):
        return grad


class Affine:
    def __init__(self, inputs, outputs):
        self.W, self.b = np.random.randn(inputs, outputs), np.zeros(outputs)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, grad):
        self.dW, self.db = self.x.T @ grad, grad.sum(axis=0)
        return grad @ self.W.T
"""


@pytest.mark.parametrize(("right", "wrong", "sick"), [("", "", False), ("grad.sum(axis=0)", "grad.mean(axis=0)", True)])
def test_a_step_is_passed_back_by_a_surrogate(right: str, wrong: str, sick: bool, tmp_path: Path) -> None:
    path = tmp_path / "layers.py"
    path.write_text(ROUNDED.replace(right, wrong) if right else ROUNDED, encoding="utf-8")
    report = check_path(str(path), Options(fix=False))
    assert any(f.severity == "error" for f in report.findings) is sick, report.findings
