"""A place in the user's text, a change to it, and the text itself: as it was written and as it is run."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from bpdoctor.model.record import record

# Written into a notebook's text between the cells, so that they are found again after an edit.
_CELL = "# bpdoctor: code cell {}"
_CELL_LINE = re.compile(r"# bpdoctor: code cell (\d+)")

LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of source text: 1-based lines and columns, columns in characters, end exclusive.

    In a notebook `cell` counts the code cells from 1 and lines are counted in the cell; elsewhere it is 0.
    """

    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    cell: int = 0

    @property
    def place(self) -> str:
        """The file, and in a notebook the cell."""
        return f"{self.file}:cell {self.cell}" if self.cell else self.file


@record
class Edit:
    """Replace the text of `span` by `replacement`."""

    span: Span
    replacement: str


@record
class Driver:
    """Statements of our own, run in a module's namespace after it: they call what it only defines.

    `setup` makes the inputs and is not recorded; `steps` is the training loop that is examined.
    """

    setup: str
    steps: str


@record
class Source:
    """One file of the user's program.

    Attributes
    ----------
    text : str
        Python 3 that can be run. It has the lines of `written`, which may differ from it inside.
    written : str
        What the user wrote, the cells of a notebook one below the other.
    notes : tuple of str
        What was done to read it.
    python2 : bool
        Whether the names that only Python 2 has are wanted.
    floors : bool
        Whether ``/`` between integers divides with floor, as in Python 2.
    driver : Driver or None
        What is to be run after it, where it only defines.
    """

    path: str
    text: str
    written: str = ""
    kind: str = "script"
    notes: tuple[str, ...] = ()
    python2: bool = False
    floors: bool = False
    driver: Driver | None = None

    def __post_init__(self) -> None:
        if not self.written:
            object.__setattr__(self, "written", self.text)

    def shown(self, span: Span) -> Span:
        """Where in what the user wrote a span of `text` lies."""
        if self.text != self.written:
            column, end = self._column(span.line, span.column), self._column(span.end_line, span.end_column)
            span = replace(span, column=column, end_column=max(end, column + (span.line == span.end_line)))
        cell, above = self.cell_of(span.line)
        return replace(span, line=span.line - above, end_line=span.end_line - above, cell=cell)

    def on_written(self, edit: Edit) -> Edit | None:
        """The same change to what the user wrote; None where that reads differently."""
        span = edit.span
        between = slice(span.line - 1, span.end_line)
        text, written = lines_of(self.text)[between], lines_of(self.written)[between]
        if text == written:
            return edit
        if span.line != span.end_line:
            return None
        start, end = self._column(span.line, span.column), self._column(span.line, span.end_column)
        same = written[0][start - 1 : end - 1] == text[0][span.column - 1 : span.end_column - 1]
        return replace(edit, span=replace(span, column=start, end_column=end)) if same else None

    def cell_of(self, line: int) -> tuple[int, int]:
        """The number of the cell that holds a line, and how many lines stand above the cell's first."""
        if self.kind != "notebook":
            return 0, 0
        starts = [(i + 1, found) for i, text in enumerate(lines_of(self.written)) if (found := is_cell(text))]
        return next(((number, start) for start, number in reversed(starts) if start <= line), (0, 0))

    def _column(self, line: int, column: int) -> int:
        here, there = (lines_of(text)[line - 1 : line] or [""] for text in (self.text, self.written))
        return moved(here[0], there[0], column)


def moved(text: str, other: str, column: int) -> int:
    """The column of `other` that stands for a column of `text`, a line that was changed a little.

    Examples
    --------
    >>> moved("h = list(map(f, x))", "h = map(f, x)", 10)
    5
    """
    if text == other:
        return column
    offset = column - 1
    for _, start, stop, other_start, other_stop in SequenceMatcher(None, text, other, autojunk=False).get_opcodes():
        if start <= offset < stop:
            return min(other_start + offset - start, other_stop) + 1
    return len(other) + 1


def lines_of(text: str) -> list[str]:
    """Split as the Python parser does: a form feed or U+2028 ends no line, and a byte order mark is not text."""
    return LINE_END.split(text.removeprefix("\ufeff"))


def joined(cells: dict[int, str]) -> str:
    """The text of a notebook: each cell under a line that names it."""
    return "".join(f"{_CELL.format(number)}\n{text}\n" for number, text in cells.items())


def cells_of(text: str) -> dict[int, str]:
    """The cells of a notebook's text by number."""
    found: dict[int, list[str]] = {}
    number = 0
    for line in text.split("\n")[:-1]:
        begun = is_cell(line)
        if begun:
            number = begun
            found[number] = []
        elif number:
            found[number].append(line)
    return {number: "\n".join(lines) for number, lines in found.items()}


def is_cell(line: str) -> int:
    """The number of the cell that begins after a line, or 0."""
    found = _CELL_LINE.fullmatch(line)
    return int(found[1]) if found else 0
