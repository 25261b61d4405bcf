"""A place in the user's text and a change to it."""

from __future__ import annotations

from dataclasses import dataclass


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
class Driver:
    """Statements of our own, run in a module's namespace after it: they call what it only defines.

    `setup` makes the inputs and is not recorded; `steps` is the training loop that is examined.
    """

    setup: str
    steps: str


@dataclass(frozen=True, slots=True)
class Source:
    """One file of the user's program, as text, with what is to be run after it."""

    path: str
    text: str
    driver: Driver | None = None
