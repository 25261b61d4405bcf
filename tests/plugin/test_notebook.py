"""The cell magic, in a shell that has what it needs of IPython's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import bpdoctor
from bpdoctor.notebook import joined

DATA = "import numpy as np\n%matplotlib inline\nrng = np.random.default_rng(0)\nX = rng.normal(size=(8, 3))\n!ls"
NET = "y = X @ [[1.0], [2.0], [3.0]]\nw = np.zeros((3, 1))"
TRAIN = """\
for _ in range(30):
    error = X @ w - y
    loss = np.mean(error**2)
    w = w {} 0.05 * 2 * X.T @ error / len(X)"""


class Shell:
    """Registers magics and remembers cells."""

    def __init__(self, cells: list[str]) -> None:
        self.magics: dict[str, Any] = {}
        self.history_manager = SimpleNamespace(input_hist_raw=["", *cells, "current"])
        self.execution_count = len(cells) + 1
        self.ran: list[str] = []

    def register_magic_function(self, function: Any, kind: str, name: str) -> None:
        assert kind == "cell"
        self.magics[name] = function

    def run_cell(self, text: str) -> None:
        self.ran.append(text)


def shell(cells: list[str]) -> Shell:
    found = Shell(cells)
    bpdoctor.load_ipython_extension(found)
    return found


def test_healthy_cell() -> None:
    there = shell([DATA, NET])
    report = there.magics["bpdoctor"]("", TRAIN.format("-"))
    assert report, str(report)
    assert report.kind == "notebook"
    assert there.ran == [TRAIN.format("-")]


def test_sick_cell_is_placed_in_the_cell() -> None:
    there = shell([DATA, "this is no python at all", NET])
    report = there.magics["bpdoctor"]("--dry --seed 3", TRAIN.format("+"))
    assert report.verdict == "sick", str(report)
    place = report.findings[0].primary.span
    assert (place.file, place.line) == ("cell [4]", 4)
    assert "w = w + 0.05" in str(report)
    assert "cell [4]:4" in report._repr_html_()
    assert there.ran == []


def test_lines_stay_where_they_are() -> None:
    text, starts = joined([(1, DATA), (3, NET)])
    assert starts == [(1, 1), (6, 3)]
    assert text.splitlines()[1] == ""
    assert text.splitlines()[5].startswith("y = X")


def test_a_cell_that_was_examined_counts_later() -> None:
    there = shell([DATA, f"%%bpdoctor --dry\n{NET}"])
    assert there.magics["bpdoctor"]("--dry", TRAIN.format("-"))


def test_what_calls_us_is_left_out() -> None:
    text, _ = joined(
        [(1, "import bpdoctor\nx = 1\nreport = bpdoctor.check(\n    x\n)\nprint(x)"), (2, "print(report)")]
    )
    assert text.splitlines() == ["import bpdoctor", "x = 1", "", "", "", "print(x)", ""]


@pytest.fixture
def real() -> Iterator[Any]:
    interactive = pytest.importorskip("IPython.core.interactiveshell").InteractiveShell
    interactive.clear_instance()
    yield interactive.instance()
    interactive.clear_instance()


def test_a_notebook_that_is_executed(real: Any) -> None:
    """`bpdoctor.check` on an instance whose class stands in a cell."""
    book = json.loads(Path(__file__).with_name("line.ipynb").read_text(encoding="utf-8"))
    code = ["".join(c["source"]) for c in book["cells"] if c["cell_type"] == "code"]
    for source in code:
        done = real.run_cell(source, store_history=True)
        assert done.success, done.error_in_exec
    report = done.result
    assert not any("NameError" in text for text in report.assumptions)
    (finding,) = report.findings
    number = real.execution_count - 1
    assert finding.rule == "bias-gradient-scale", str(report)
    assert (finding.primary.span.file, finding.primary.span.line) == (f"cell [{number - 2}]", 12)
    assert "<pre" in report._repr_html_()


def test_in_ipython(real: Any) -> None:
    for cell in ("%load_ext bpdoctor", DATA.replace("%matplotlib inline", "").replace("!ls", ""), NET):
        assert real.run_cell(cell, store_history=True).success
    result = real.run_cell("%%bpdoctor --dry\n" + TRAIN.format("+"), store_history=True).result
    assert result.verdict == "sick", str(result)
    assert result.findings[0].primary.span.file == "cell [4]"
    assert "<pre" in result._repr_html_()


def test_a_cell_that_was_corrected(real: Any) -> None:
    """What the same cell said before, and what failed, is not examined; a cell that ran again stays in its place."""
    assert real.run_cell("%load_ext bpdoctor", store_history=True, cell_id="a").success
    data, train = DATA.replace("%matplotlib inline", "").replace("!ls", ""), TRAIN.format("-")
    runs = (("b", data), ("c", NET), ("d", TRAIN.format("+")), ("e", "prnt(1)"), ("b", data))
    for cell, text in runs:
        assert real.run_cell(text, store_history=True, cell_id=cell).success is (cell != "e")
    result = real.run_cell("%%bpdoctor --dry\n" + train, store_history=True, cell_id="d").result
    assert result.verdict == "healthy", str(result)
