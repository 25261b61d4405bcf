"""Rows of styled pieces, written plain or, on a terminal, in colours."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from bpdoctor.report.cells import clean
from bpdoctor.report.format import Options

Piece = tuple[str, str]
"""A text and the name of its style."""
Row = tuple[Piece, ...]

STYLES = {
    "": "",
    "error": "bold red",
    "warning": "bold yellow",
    "note": "bold green",
    "healthy": "bold green",
    "gutter": "bold blue",
    "related": "bold blue",
    "help": "bold cyan",
    "strong": "bold",
    "faint": "dim",
    "added": "green",
    "removed": "red",
}


DIFF_STYLES = {"+": "added", "-": "removed", "@": "faint"}


def diff_row(line: str, indent: str = "") -> Row:
    """One line of a unified diff."""
    return ((indent + line, DIFF_STYLES.get(line[:1], "")),)


def write(rows: Iterable[Row], stream: TextIO, *, options: Options) -> None:
    """Write the rows, one a line."""
    if options.color:
        _write_colored(rows, stream, options)
        return
    for row in rows:
        line = "".join(clean(text, ascii=options.ascii) for text, _ in row)
        stream.write(line.rstrip() + "\n")


def _write_colored(rows: Iterable[Row], stream: TextIO, options: Options) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(
        file=stream,
        force_terminal=True,
        color_system="standard",
        no_color=False,
        width=options.width,
        legacy_windows=False,
        highlight=False,
        markup=False,
        emoji=False,
    )
    for row in rows:
        text = Text(no_wrap=True, overflow="ignore", end="")
        for piece, style in row:
            text.append(clean(piece, ascii=options.ascii), STYLES[style] or None)
        text.rstrip()
        console.print(text, soft_wrap=True)
