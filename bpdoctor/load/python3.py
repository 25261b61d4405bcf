"""Any dialect to Python 3, line by line, changing as little as can be."""

from __future__ import annotations

import ast
import re
import sys
import warnings

from bpdoctor.load import python2
from bpdoctor.load.unreadable import Unreadable
from bpdoctor.model.record import record
from bpdoctor.model.source import Span, lines_of

_TAB = 8
"""The width of a tab in Python 2, where tabs and spaces could be mixed."""


@record
class Reading:
    """Python 3 with the lines of what was written, and what was done to get it."""

    text: str
    notes: tuple[str, ...] = ()
    python2: bool = False


def in_python3(written: str) -> Reading:
    """Translate what is not Python 3.

    Raises
    ------
    SyntaxError
        The error of Python 3 on the text as it was written.
    """
    try:
        tree = parse(written)
    except (SyntaxError, ValueError) as error:
        return _translated(written, error)
    return _spoken(tree, Reading(written))


def _spoken(tree: ast.Module, read: Reading) -> Reading:
    """What parses as it is, with the names of Python 2 where it uses them."""
    if not python2.spoken(tree):
        return read
    changed = python2.translated(read.text)
    if changed is None or not _parses(changed):
        return Reading(read.text, (*read.notes, python2.NAMES), python2=True)
    return Reading(changed, (*read.notes, python2.TRANSLATED), python2=True)


def parse(text: str) -> ast.Module:
    """The tree, without the warnings."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)


def _translated(written: str, error: SyntaxError | ValueError) -> Reading:
    text, notes = written, []
    if isinstance(error, TabError):
        text = _spaces(written)
        notes.append(f"line {error.lineno} mixes tabs and spaces; a tab was read as {_TAB} columns, as in Python 2")
    if not _parses(text):
        changed = python2.translated(_spaces(written)) if python2.seen(written, error) else None
        if changed is None or not _parses(changed):
            raise error
        notes.append(python2.TRANSLATED)
        return Reading(changed, tuple(notes), python2=True)
    return _spoken(parse(text), Reading(text, tuple(notes)))


def _parses(text: str) -> bool:
    try:
        parse(text)
    except (SyntaxError, ValueError):
        return False
    return True


def _spaces(text: str) -> str:
    """Tabs at the beginning of lines as spaces."""
    return re.sub(r"^[ \t\f]+", lambda found: found[0].expandtabs(_TAB), text, flags=re.M)


def unreadable(path: str, written: str, error: BaseException) -> Unreadable:
    """Say in one sentence why a text is not Python."""
    if isinstance(error, RecursionError | MemoryError):
        return Unreadable(f"{path} is nested too deeply to be read")
    if not isinstance(error, SyntaxError):
        return Unreadable(f"{path} is not Python source: {error}")
    line, column = error.lineno or 1, max(error.offset or 1, 1)
    span = Span(path, line, column, line, max(column + 1, error.end_offset or 0))
    shown = lines_of(written)[line - 1 : line] or [""]
    what = python2.sign(shown[0]) if python2.seen(written, error) else ""
    if what:
        return Unreadable(f"this is Python 2 ({what} on line {line}), {python2.why_not()}", span)
    if isinstance(error, TabError):
        return Unreadable(f"line {line} mixes tabs and spaces in its indentation", span)
    newer = "f-string" in error.msg and sys.version_info < (3, 12)
    hint = " (Python 3.12 allows more inside of f-strings; this is an older one)" if newer else ""
    return Unreadable(f"syntax error on line {line}: {error.msg}{hint}", span)
