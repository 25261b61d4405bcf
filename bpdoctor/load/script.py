"""Read one Python file, or say in one sentence why it cannot be examined."""

from __future__ import annotations

import ast
import re
import tokenize
import warnings
from dataclasses import dataclass
from pathlib import Path

from bpdoctor.model.source import Source, Span

_PYTHON_2 = (
    (re.compile(r"^\s*print\s+[^(=\s]", re.M), "a print statement"),
    (re.compile(r"^\s*print\s*$", re.M), "a print statement"),
    (re.compile(r"\bexcept\s+[\w.]+\s*,\s*\w+\s*:"), "an except clause with a comma"),
    (re.compile(r"^\s*raise\s+\w+\s*,", re.M), "a raise statement with a comma"),
    (re.compile(r"<>"), "the operator <>"),
    (re.compile(r"^\s*exec\s+[\"'\w]", re.M), "an exec statement"),
)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why a file cannot be examined, and where."""

    reason: str
    span: Span | None = None


def load(path: str) -> Source | Unreadable:
    """Read and parse a file."""
    file = Path(path)
    if not file.exists():
        return Unreadable(f"there is no file {path}")
    if file.is_dir():
        return Unreadable(f"{path} is a folder")
    try:
        with tokenize.open(file) as stream:
            text = stream.read()
    except (OSError, UnicodeDecodeError, SyntaxError) as error:
        return Unreadable(f"{path} cannot be read: {error}")
    return parsed(Source(path, text))


def parsed(source: Source) -> Source | Unreadable:
    """The source itself when it is valid Python 3."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(source.text, source.path)
    except SyntaxError as error:
        return _syntax(source, error)
    except ValueError as error:
        return Unreadable(f"{source.path} is not Python source: {error}")
    except RecursionError:
        return Unreadable(f"{source.path} is nested too deeply to be read")
    return source


def _syntax(source: Source, error: SyntaxError) -> Unreadable:
    line = error.lineno or 1
    lines = source.text.splitlines() or [""]
    shown = lines[line - 1] if line <= len(lines) else ""
    column = max(error.offset or 1, 1)
    span = Span(source.path, line, column, line, max(column + 1, error.end_offset or 0))
    for pattern, what in _PYTHON_2:
        if pattern.search(shown):
            return Unreadable(f"this is Python 2 ({what} on line {line}); bpdoctor reads Python 3", span)
    if isinstance(error, TabError):
        return Unreadable(f"line {line} mixes tabs and spaces in its indentation", span)
    return Unreadable(f"syntax error on line {line}: {error.msg}", span)
