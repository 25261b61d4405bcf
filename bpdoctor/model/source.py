"""A place in the user's text and a change to it."""

from __future__ import annotations

import re
from dataclasses import dataclass

LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of source text: 1-based lines and columns, columns in characters, end exclusive."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the text of `span` by `replacement`."""

    span: Span
    replacement: str


@dataclass(frozen=True, slots=True)
class Source:
    """One file of the user's program, as text."""

    path: str
    text: str


def lines_of(text: str) -> list[str]:
    """Lines as Python counts them; form feeds and their like stand within one."""
    return LINE_END.split(text)
