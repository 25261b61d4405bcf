"""Edits of text by spans: the user's own formatting stays as it is."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from bpdoctor.model.source import LINE_END, Edit, Span, lines_of


def apply(text: str, edits: Iterable[Edit]) -> str:
    """Text, its line ends plain, with every edit made; edits must not overlap.

    Raises
    ------
    ValueError
        If two edits overlap.
    """
    starts = _line_starts(text)
    placed = sorted((_offset(starts, e.span.line, e.span.column), _end(starts, e.span), e.replacement) for e in edits)
    out, last = [], 0
    for start, end, replacement in placed:
        if start < last:
            raise ValueError("edits overlap")
        out += [text[last:start], replacement]
        last = end
    return "".join(out) + text[last:]


def _line_starts(text: str) -> list[int]:
    return [0, *(end.end() for end in LINE_END.finditer(text)), len(text)]


def _offset(starts: list[int], line: int, column: int) -> int:
    return starts[line - 1] + column - 1


def _end(starts: list[int], span: Span) -> int:
    return _offset(starts, span.end_line, span.end_column)


def unified(path: str, old: str, new: str) -> str:
    """The change as a unified diff with three lines of context, as `patch` wants it."""
    lines = difflib.unified_diff(_ended(old), _ended(new), f"a/{path}", f"b/{path}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _ended(text: str) -> list[str]:
    """The lines, each with its end; only the last may lack one."""
    *lines, last = lines_of(text)
    return [line + "\n" for line in lines] + [last] * bool(last)
