"""A notebook as a program: the code cells one after the other, magics left out."""

from __future__ import annotations

import json
import re
from typing import Any

_MAGIC = re.compile(r"[%!?]|[\w.]+\?{1,2}\s*$")
# What a magic gives may be looked at later on; it is nothing here.
_KEPT = re.compile(r"([A-Za-z_]\w*\s*=\s*)[%!].*")


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
        sources = _readable([_source(c) for c in cells if c.get("cell_type") == "code"])
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
        raise ValueError("a notebook that cannot be read") from None
    return "\n\n".join(sources).encode("utf-8", "replace")


def _readable(sources: list[str]) -> list[str]:
    """The cells, those that Python cannot read left out, as they are when they are run; it is said in the end."""
    out, wrong = [], []
    for number, text in enumerate(sources, 1):
        try:
            compile(text, "cell", "exec", dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as problem:
            told = problem.msg if isinstance(problem, SyntaxError) else str(problem)
            wrong.append(f"code cell {number}: {told}")
            out.append("\n".join("" for _ in text.splitlines()))
        else:
            out.append(text)
    return [*out, f"raise SyntaxError({'; '.join(wrong)!r})"] if wrong else out


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
    margin = line[: len(line) - len(stripped)]
    kept = _KEPT.fullmatch(stripped)
    if kept is not None:
        return f"{margin}{kept[1]}None"
    return margin + "pass" if _MAGIC.match(stripped) else line
