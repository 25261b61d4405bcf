"""Jupyter notebooks: the code cells in order; what IPython understands and Python does not is made inert."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

from bpdoctor.load.loader import Loader
from bpdoctor.load.python3 import Reading, in_python3, unreadable
from bpdoctor.load.script import source_of
from bpdoctor.load.unreadable import Unreadable
from bpdoctor.model.source import Source, cells_of, joined, lines_of

# Cell magics whose cell is still Python that runs.
_RUNS = re.compile(r"%%(time|timeit|capture|prun|python|python3|pypy|mprun|memit|debug|snakeviz)\b")
# Line magics that run a statement.
_STATEMENT = re.compile(r"^(\s*)%(?:time|timeit|prun|memit)(?:\s+-\S+(?:\s+\d+)?)*\s+(?=\S)")
_PYLAB = re.compile(r"^%pylab\b")
_MAGIC = re.compile(r"^\s*(%|!|\?|\w[\w.]*\?\??\s*$|.*\?\s*$)")
_ASSIGNED = re.compile(r"^(\s*[\w\s,]+=\s*)[%!].*$")
_MOST, _SHOWN = 4, 40  # magics that are named, and how much of a line
_FUTURE = re.compile(r"^from __future__ import .*$", re.M)


def opened(data: bytes) -> tuple[str, tuple[str, ...]]:
    """The code cells, one below the other.

    Raises
    ------
    ValueError
        When the file is no notebook.
    """
    return joined({number: _text(cell) for number, cell in enumerate(_code(json.loads(data)), 1)}), ()


def _code(notebook: Any) -> list[dict[str, Any]]:
    """The code cells of a notebook of format 3 or 4."""
    if not isinstance(notebook, dict):
        raise ValueError("it is not a notebook")
    sheets = notebook.get("worksheets") or [notebook]
    cells = [cell for sheet in sheets for cell in sheet.get("cells") or ()]
    if not cells and "cells" not in sheets[0]:
        raise ValueError("it is not a notebook: it has no cells")
    return [cell for cell in cells if cell.get("cell_type") == "code"]


def _field(cell: dict[str, Any]) -> str:
    return "source" if "source" in cell else "input"


def _text(cell: dict[str, Any]) -> str:
    held = cell.get(_field(cell)) or ""
    return "\n".join(lines_of(held if isinstance(held, str) else "".join(held)))


def translated(path: str, written: str) -> Source | Unreadable:
    """One program of all cells; a cell that is not Python is left out, unless no other is left."""
    texts: dict[int, str] = {}
    readings: list[Reading] = []
    notes: list[str] = []
    magics: list[str] = []
    failed: Unreadable | None = None
    for number, text in cells_of(written).items():
        try:
            reading = _cell(text, magics)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            failed = failed or _in_cell(unreadable(path, text, error), number)
            texts[number] = "\n" * text.count("\n")
            notes.append(f"cell {number} is not Python and was left out")
        else:
            texts[number] = reading.text
            readings.append(reading)
            notes += [note for note in reading.notes if note not in notes]
    if failed is not None and not any(reading.text.strip() for reading in readings):
        return failed
    notes += _left_out(magics)
    whole = Reading(joined(texts), tuple(notes), any(reading.python2 for reading in readings))
    return source_of(path, written, whole, "notebook")


def _left_out(magics: list[str]) -> list[str]:
    """What is said of the lines that only IPython understands."""
    found = list(dict.fromkeys(f"`{' '.join(line.split())[:_SHOWN]}`" for line in magics))
    if not found:
        return []
    more = f" and {len(found) - _MOST} more" if len(found) > _MOST else ""
    return [f"notebook magics were left out: {', '.join(found[:_MOST])}{more}"]


def _in_cell(found: Unreadable, number: int) -> Unreadable:
    span = None if found.span is None else replace(found.span, cell=number)
    return Unreadable(f"cell {number}: {found.reason}", span)


def _cell(text: str, magics: list[str]) -> Reading:
    """A cell without magics, in Python 3; the magics are added to those of other cells."""
    first = next((line.strip() for line in lines_of(text) if line.strip()), "")
    if first.startswith("%%") and not _RUNS.match(first):
        magics.append(first)
        return Reading("\n" * text.count("\n"))
    notes: list[str] = []
    lines = lines_of(_FUTURE.sub("", text))
    while True:
        try:
            reading = in_python3("\n".join(lines))
        except SyntaxError as error:
            at = (error.lineno or 1) - 1
            changed = _inert(lines[at], notes, magics) if at < len(lines) else None
            if changed is None:
                raise
            lines[at] = changed
        else:
            return replace(reading, notes=(*reading.notes, *notes))


def _inert(line: str, notes: list[str], magics: list[str]) -> str | None:
    """A line of IPython as one of Python that does no harm; None if it is not one."""
    indent = line[: len(line) - len(line.lstrip())]
    if _PYLAB.match(line):
        notes.append("`%pylab` was read as the imports of NumPy")
        return "import numpy as np; from numpy import *; import matplotlib.pyplot as plt; from pylab import *"
    if (statement := _STATEMENT.match(line)) and not line.lstrip().startswith("%%"):
        magics.append(statement[0])
        return _STATEMENT.sub(r"\1", line)
    if not (_ASSIGNED.match(line) or _MAGIC.match(line)):
        return None
    magics.append(line)
    return _ASSIGNED.sub(r"\1[]", line) if _ASSIGNED.match(line) else f"{indent}pass"


def saved(data: bytes, written: str) -> bytes:
    """The notebook with the changed cells, its outputs and the rest as they were."""
    notebook = json.loads(data)
    texts = cells_of(written)
    for number, cell in enumerate(_code(notebook), 1):
        if texts[number] == _text(cell):
            continue
        field = _field(cell)
        as_lines = isinstance(cell[field], list)
        cell[field] = texts[number].splitlines(keepends=True) if as_lines else texts[number]
    indent = re.match(rb"\{\r?\n( *)", data)
    ascii = not re.search(rb"[\x80-\xff]", data) and rb"\u" in data
    out = json.dumps(notebook, indent=len(indent[1]) if indent else None, ensure_ascii=ascii)
    return (out + ("\n" if data.endswith(b"\n") else "")).encode()


LOADER = Loader(".ipynb", opened, translated, saved)
