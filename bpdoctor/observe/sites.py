"""The places in the user's text that report themselves, by number."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from bpdoctor.model.record import record
from bpdoctor.model.source import Span, lines_of


@dataclass(slots=True)
class SourceFile:
    """One instrumented file: its text by lines, for turning byte columns into characters."""

    path: str
    text: str
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.lines = lines_of(self.text)

    def column(self, line: int, offset: int) -> int:
        """Turn a 0-based UTF-8 byte offset into a 1-based character column."""
        if not 1 <= line <= len(self.lines):
            return offset + 1
        text = self.lines[line - 1]
        if text.isascii():
            return offset + 1
        return len(text.encode("utf-8")[:offset].decode("utf-8", "ignore")) + 1

    def segment(self, node: ast.AST) -> str:
        """The text of a node, as written."""
        if not hasattr(node, "lineno"):
            return ""
        span = span_of(self, node)
        lines = self.lines[span.line - 1 : span.end_line]
        if not lines:
            return ""
        lines[-1] = lines[-1][: span.end_column - 1]
        lines[0] = lines[0][span.column - 1 :]
        return "\n".join(lines)


@record(eq=False)
class Site:
    """An expression or statement of the user's program, with the function that contains it."""

    index: int
    source: SourceFile
    node: ast.AST
    scope: str
    statement: ast.stmt | None

    @property
    def span(self) -> Span:
        """The exact stretch of text of this expression."""
        return span_of(self.source, self.node)

    @property
    def line(self) -> int:
        """First line of the expression, 1-based."""
        return int(getattr(self.node, "lineno", 0))

    @property
    def text(self) -> str:
        """The user's own text of the expression."""
        return self.source.segment(self.node)


def span_of(source: SourceFile, node: ast.AST) -> Span:
    """Span of any node that carries a position; of a loop, its head."""
    line = int(getattr(node, "lineno", 1))
    start_offset = int(getattr(node, "col_offset", 0))
    last = node.iter if isinstance(node, ast.For) else node.test if isinstance(node, ast.While) else node
    end = int(getattr(last, "end_lineno", 1) or 1)
    end_offset = int(getattr(last, "end_col_offset", 0) or 0)
    return Span(source.path, line, source.column(line, start_offset), end, source.column(end, end_offset))


class Sites:
    """Append-only table of sites; the index is what instrumented code passes to the recorder."""

    def __init__(self) -> None:
        self._all: list[Site] = []
        self._loops: dict[tuple[str, int, int], int] = {}

    def add(self, source: SourceFile, node: ast.AST, scope: str, statement: ast.stmt | None) -> int:
        """Register `node` and return its number; a loop has one number in all variants of its code."""
        index = len(self._all)
        if isinstance(node, ast.For | ast.While):
            index = self._loops.setdefault((source.path, node.lineno, node.col_offset), index)
            if index < len(self._all):
                return index
        self._all.append(Site(index, source, node, scope, statement))
        return index

    def __getitem__(self, index: int) -> Site:
        return self._all[index]

    def __len__(self) -> int:
        return len(self._all)
