"""Notebooks: cells in order, magics made inert, places told by cell, fixes written into the cell."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bpdoctor.load import Unreadable, load, parts, reread, save
from bpdoctor.model.source import Source, Span
from bpdoctor.pipeline import Options, check_path
from tests.load.programs import DATA, GUILTY, NET, SICK_TRAIN, TRAIN, examined, line_of, placed


def notebook(folder: Path, *cells: str, form: int = 4) -> Path:
    """Write code cells, a text cell before each."""
    made = []
    for text in cells:
        made.append({"cell_type": "markdown", "metadata": {}, "source": ["some words\n", "% of them"]})
        code = {"cell_type": "code", "execution_count": 1, "metadata": {}, "outputs": [{"text": "été"}]}
        lines = text.splitlines(keepends=True)
        made.append({**code, **({"source": lines} if form == 4 else {"input": lines})})
    whole = {"cells": made} if form == 4 else {"worksheets": [{"cells": made}]}
    path = folder / "net.ipynb"
    path.write_text(
        json.dumps({**whole, "metadata": {}, "nbformat": form}, indent=1, ensure_ascii=False) + "\n", "utf-8"
    )
    return path


MAGIC = "%matplotlib inline\n!pip install numpy\nfiles = !ls\n" + DATA + "np.dot?\n"


@pytest.mark.parametrize("form", [3, 4])
def test_a_fault_is_placed_in_its_cell(form: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = notebook(tmp_path, MAGIC, NET, "%%time\n" + SICK_TRAIN, form=form)
    report = examined(path, monkeypatch)
    line = line_of("%%time\n" + SICK_TRAIN, GUILTY)
    assert placed(report) == [("missing-activation-derivative", "net.ipynb:cell 3", line)]
    assert report.kind == "notebook"
    assert {(p.name, p.cell) for p in report.subject.parameters} == {("W1", 3), ("W2", 3)}
    assert report.subject.loss is not None and (report.subject.loss.cell, report.subject.loss.line) == (3, 5)


def test_a_healthy_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "from __future__ import division\n" + TRAIN.replace("60", "10 ** 6")
    path = notebook(tmp_path, MAGIC, NET, "%%bash\nls *", text, "this is no code")
    report = examined(path, monkeypatch)
    assert report.verdict == "healthy", report.reason
    assert "cell 5 is not Python and was left out" in report.assumptions
    left = "`%matplotlib inline`, `!pip install numpy`, `files = !ls`, `np.dot?` and 1 more"
    assert f"notebook magics were left out: {left}" in report.assumptions
    assert any("line 2 of cell 4" in text for text in report.assumptions)


def test_a_fix_is_written_into_the_cell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = notebook(tmp_path, MAGIC, NET, SICK_TRAIN)
    before = path.read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    (finding,) = check_path("net.ipynb", Options()).findings
    assert finding.fix is not None and finding.fix.verified
    assert finding.fix.diff.startswith("--- a/net.ipynb:cell 3\n")
    assert {edit.span.cell for edit in finding.fix.edits} == {3}
    source = load(str(path))
    assert isinstance(source, Source)
    edited = reread(source, source.written.replace(GUILTY, GUILTY + " * h * (1 - h)"))
    assert isinstance(edited, Source)
    save(edited)
    changed = [
        (old, new)
        for old, new in zip(before.split("\n"), path.read_text("utf-8").split("\n"), strict=True)
        if old != new
    ]
    assert [new for _, new in changed] == [f'    "{GUILTY} * h * (1 - h)\\n",']


def test_what_is_run_has_the_lines_of_what_was_written(tmp_path: Path) -> None:
    source = load(str(notebook(tmp_path, MAGIC, NET, TRAIN)))
    assert isinstance(source, Source)
    assert source.text.count("\n") == source.written.count("\n")
    assert parts(source)[f"{source.path}:cell 1"] == MAGIC
    assert source.shown(Span("x", 2, 1, 2, 5)).line == 1


@pytest.mark.parametrize(
    ("line", "becomes"),
    [
        ("%matplotlib inline", "pass"),
        ("    !ls -l | head", "    pass"),
        ("%time x = f(3)", "x = f(3)"),
        ("%timeit -n 3 f(3)", "f(3)"),
        ("files = !ls", "files = []"),
        ("here = %pwd", "here = []"),
        ("?np.dot", "pass"),
        ("np.dot??", "pass"),
        ("y = 7 %2", "y = 7 %2"),
        ("text = '''\n%d\n'''", "text = '''\n%d\n'''"),
        ("y = (7\n%2)", "y = (7\n%2)"),
        ("%%html\n<b>", "\n"),
        ("%%time\ny = 2", "pass\ny = 2"),
    ],
)
def test_magics(line: str, becomes: str, tmp_path: Path) -> None:
    body = "if 1:\n" + line if line.startswith(" ") else line
    source = load(str(notebook(tmp_path, body)))
    assert isinstance(source, Source), source
    assert source.text.split("\n", 1)[1].removeprefix("if 1:\n") == becomes + "\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [("{", "cannot be read"), ("[]", "not a notebook"), ("{}", "no cells")],
)
def test_no_notebook(text: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "net.ipynb").write_text(text, encoding="utf-8")
    found = load(str(tmp_path / "net.ipynb"))
    assert isinstance(found, Unreadable) and says in found.reason


def test_only_what_is_not_python(tmp_path: Path) -> None:
    found = load(str(notebook(tmp_path, "x = = 1")))
    assert isinstance(found, Unreadable)
    assert found.reason == "cell 1: syntax error on line 1: invalid syntax"
    assert found.span is not None and (found.span.cell, found.span.line) == (1, 1)
