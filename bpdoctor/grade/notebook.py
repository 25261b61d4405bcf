"""A notebook as a program: the code cells one after the other, magics left out."""

from __future__ import annotations

import json
from typing import Any

_MAGIC = ("%", "!", "?")


def program(content: bytes) -> bytes:
    """Return the code of a notebook.

    Raises
    ------
    ValueError
        When it is no notebook.
    """
    try:
        told = json.loads(content.decode("utf-8-sig"))
        cells = told["cells"] if "cells" in told else told["worksheets"][0]["cells"]
        sources = [_source(c) for c in cells if c.get("cell_type") == "code"]
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
        raise ValueError("a notebook that cannot be read") from None
    return "\n\n".join(sources).encode("utf-8", "replace")


def _source(cell: dict[str, Any]) -> str:
    written = cell.get("source", cell.get("input", ""))
    text = written if isinstance(written, str) else "".join(map(str, written))
    if text.lstrip().startswith("%%"):
        first, _, rest = text.lstrip().partition("\n")
        text = rest if first.split()[0] in ("%%time", "%%timeit", "%%capture") else ""
    return "\n".join(_plain(line) for line in text.splitlines())


def _plain(line: str) -> str:
    """A magic becomes an empty statement, in its place: the line numbers of a cell stay."""
    stripped = line.lstrip()
    return line[: len(line) - len(stripped)] + "pass" if stripped.startswith(_MAGIC) else line
