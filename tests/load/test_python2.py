"""Python 2: translated in memory, its integers divided with floor, places those of the original."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bpdoctor.load import Unreadable, load, python2, reread
from bpdoctor.model.source import Edit, Source, Span, moved
from tests.load.programs import GUILTY, HEALTHY, SICK, examined, line_of, placed

AS_PYTHON2 = (
    ("for step in range(60):", "for step in xrange(60):"),
    ("    loss = np.mean((p - Y) ** 2)\n", "    loss = np.mean((p - Y) ** 2)\n    print 'loss %f' % loss, step\n"),
    ("/ len(X)\n", "/ float(len(X))\n"),
)


def in_python2(text: str) -> str:
    for new, old in AS_PYTHON2:
        assert new in text
        text = text.replace(new, old)
    return text


def test_a_fault_keeps_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = in_python2(SICK)
    (tmp_path / "net.py").write_text(text, encoding="utf-8")
    report = examined(tmp_path / "net.py", monkeypatch)
    assert placed(report) == [("missing-activation-derivative", "net.py", line_of(text, GUILTY))]
    assert report.assumptions[:2] == (python2.TRANSLATED, python2.FLOORS)


@pytest.mark.parametrize("tabs", [False, True])
def test_a_healthy_one(tabs: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = in_python2(HEALTHY)
    if tabs:
        text = text.replace("    h = ", "\th = ").replace("    ", "        ")
    (tmp_path / "net.py").write_text(text, encoding="utf-8")
    report = examined(tmp_path / "net.py", monkeypatch)
    assert report.verdict == "healthy", report.reason


HALF = HEALTHY.replace("d2.dot(W2.T)", "(1 / 2 * 4 + 1) * d2.dot(W2.T)")
"""1 / 2 is 0 in Python 2, so that the factor is 1 as it should be; it is 3 in Python 3."""


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        (HALF.replace("range(60)", "xrange(60)"), "healthy"),
        (HALF.replace("(1 / 2 * 4", "(step / (step + 1) * 4").replace("range(60)", "xrange(60)"), "healthy"),
        (HALF.replace("(1 / 2 * 4", "(Y.astype(int) / 2 * 4").replace("range(60)", "xrange(60)"), "healthy"),
    ],
)
def test_integers_divide_with_floor(text: str, verdict: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "net.py").write_text(text, encoding="utf-8")
    report = examined(tmp_path / "net.py", monkeypatch)
    assert report.verdict == verdict, report
    assert [g.status for g in report.gradients] == ["ok", "ok"]
    (tmp_path / "net.py").write_text("from __future__ import division\n" + text, encoding="utf-8")
    assert {g.status for g in examined(tmp_path / "net.py", monkeypatch).gradients} != {"ok"}


def test_no_translator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(python2, "_PACKAGES", ())
    (tmp_path / "net.py").write_text("x = 1\nprint 'a', x\n", encoding="utf-8")
    found = load(str(tmp_path / "net.py"))
    assert isinstance(found, Unreadable) and found.span is not None and found.span.line == 2
    assert "a print statement on line 2" in found.reason and "bpdoctor[python2]" in found.reason
    # Names alone need no translator.
    (tmp_path / "net.py").write_text(HEALTHY.replace("range(60)", "xrange(60)"), encoding="utf-8")
    report = examined(tmp_path / "net.py", monkeypatch)
    assert report.verdict == "healthy" and report.assumptions[0] == python2.NAMES


@pytest.mark.parametrize(
    "text",
    [
        "try:\n    xrange\nexcept NameError:\n    xrange = range\n",
        "import sys\nif sys.version_info[0] < 3:\n    range = xrange\n",
        "from six.moves import xrange\nfor i in xrange(3): pass\n",
        "try:\n    from itertools import izip\nexcept ImportError:\n    izip = zip\n",
        "print('xrange')\n",
    ],
)
def test_programs_for_both_are_python3(text: str, tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(text, encoding="utf-8")
    source = load(str(tmp_path / "net.py"))
    assert isinstance(source, Source) and not source.python2 and source.text == text


EVERYTHING = """\
import os, sys, cPickle
def f((a, b), c=0777):
    pass
"""
SYNTAX = """\
def f(x):
    try:
        print >>sys.stderr, `x`
        return map(lambda a: a/2, [x]) + filter(None, [x])
    except ValueError, e:
        raise KeyError, "no"
if {}.has_key(3) or 1 <> 2L: exec "x = 1"
print
print "a",
print("b"), 3
"""


def test_lines_are_kept(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(SYNTAX, encoding="utf-8")
    source = load(str(tmp_path / "net.py"))
    assert isinstance(source, Source), source
    assert source.text.count("\n") == SYNTAX.count("\n") and source.written == SYNTAX


def test_spans_and_edits_find_the_original() -> None:
    source = Source("net.py", "h = list(map(f, x)) * g(y)\n", "h = map(f, x) * g(y)\n")
    column = source.text.index("g(y)") + 1
    span = Span("net.py", 1, column, 1, column + 4)
    shown = source.shown(span)
    assert source.written[shown.column - 1 : shown.end_column - 1] == "g(y)"
    edit = source.on_written(Edit(span, "k(y)"))
    assert edit is not None and edit.span == shown
    assert source.on_written(Edit(Span("net.py", 1, 5, 1, 20), "x")) is None
    assert moved("abc", "abc", 2) == 2


def test_edits_are_read_again_as_python2(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text("print 'a'\nx = 1\n", encoding="utf-8")
    source = load(str(tmp_path / "net.py"))
    assert isinstance(source, Source)
    again = reread(source, source.written.replace("x = 1", "x = 2"))
    assert isinstance(again, Source) and again.written == "print 'a'\nx = 2\n" and "print('a')" in again.text


@pytest.mark.parametrize("translator", [True, False])
def test_names_of_itertools_are_those_of_python2(
    translator: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not translator:
        monkeypatch.setattr(python2, "_PACKAGES", ())
    text = "from itertools import izip\n" + HEALTHY.replace(
        "for step in range(60):", "for step, _ in izip(range(60), X):"
    )
    (tmp_path / "net.py").write_text(text.replace("X):", "range(60)):"), encoding="utf-8")
    report = examined(tmp_path / "net.py", monkeypatch)
    assert report.verdict == "healthy", report.reason
    assert report.assumptions[0] == (python2.TRANSLATED if translator else python2.NAMES)


def test_mixed_tabs_do_not_hide_python2(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text("for i in xrange(2):\n\tx = 1 / 2\n        y = x\n", encoding="utf-8")
    source = load(str(tmp_path / "net.py"))
    assert isinstance(source, Source) and source.python2 and source.floors
    assert "mixes tabs and spaces" in source.notes[0] and python2.TRANSLATED in source.notes


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="there it is no error")
def test_an_f_string_of_a_later_python_is_no_python2(tmp_path: Path) -> None:
    path = tmp_path / "later.py"
    path.write_text("names = {'n': 3}\nprint(f'{names['n']}')\n", encoding="utf-8")
    found = load(str(path))
    assert isinstance(found, Unreadable)
    assert "line 2" in found.reason
    assert "f-string" in found.reason
    assert "Python 2 " not in found.reason
