"""One source line with strokes under it and their labels, cropped to the room there is."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from bpdoctor.model.record import record
from bpdoctor.report.cells import ELLIPSIS, glyph, width, wrap
from bpdoctor.report.paint import Row

MARGIN = 4
"""Cells kept free on both sides of the strokes when a line is cropped; more than an ellipsis takes."""
NARROW = 32
"""A hanging label with less room than this moves to the left of its stroke."""


@record
class Stroke:
    """A stretch of one line, in characters from 0 and end exclusive; in cells once it is placed."""

    start: int
    end: int
    char: str
    style: str
    label: str


def underlined(text: str, strokes: Sequence[Stroke], room: int, *, ascii: bool = False) -> list[Row]:
    """Return the code row and the rows under it. Strokes that overlap get rows of their own."""
    glyphs = [glyph(char, ascii=ascii) for char in text.rstrip()]
    edges = [0, *accumulate(cells for _, cells in glyphs)]
    placed = [_in_cells(stroke, edges) for stroke in strokes]
    low = _window(edges[-1], placed, room)
    high = low + room
    before = ELLIPSIS[ascii] if low else ""
    after = ELLIPSIS[ascii] if high < edges[-1] else ""
    code = before + _cut(glyphs, edges, low + len(before), high - len(after)) + after
    rows: list[Row] = [((code, ""),)]
    for block in _blocks([_clipped(stroke, low, high) for stroke in placed]):
        rows += _block(block, room, ascii)
    return rows


def _in_cells(stroke: Stroke, edges: list[int]) -> Stroke:
    """Characters → cells; a stroke may stand behind the end of the line (an unclosed bracket)."""

    def cell(index: int) -> int:
        return edges[index] if index < len(edges) else edges[-1] + index - len(edges) + 1

    return Stroke(cell(stroke.start), cell(stroke.end), stroke.char, stroke.style, stroke.label)


def _window(total: int, strokes: Sequence[Stroke], room: int) -> int:
    """Choose the first cell of the line to show: 0 if that will do, else so that the strokes are seen."""
    start = min((stroke.start for stroke in strokes), default=0)
    end = max((stroke.end for stroke in strokes), default=0)
    if total <= room or end <= room - MARGIN:
        return 0
    if end - start > room - 2 * MARGIN:
        start, end = strokes[0].start, min(strokes[0].end, strokes[0].start + room - 2 * MARGIN)
    return max(0, min(start - (room - (end - start)) // 2, total - room))


def _cut(glyphs: list[tuple[str, int]], edges: list[int], low: int, high: int) -> str:
    """Return what is seen of the glyphs in the cells [low, high): blanks for one that a border halves."""
    seen = []
    for (text, cells), at in zip(glyphs, edges, strict=False):
        if at >= low and at + cells <= high:
            seen.append(text)
        else:
            seen.append(" " * max(0, min(at + cells, high) - max(at, low)))
    return "".join(seen)


def _clipped(stroke: Stroke, low: int, high: int) -> Stroke:
    """Move the stroke into the window; at least one cell of it stays."""
    start = min(max(stroke.start, low), high - 1)
    end = min(max(stroke.end, start + 1), high)
    return Stroke(start - low, end - low, stroke.char, stroke.style, stroke.label)


def _blocks(strokes: Sequence[Stroke]) -> list[list[Stroke]]:
    """Share the strokes out so that none overlaps another of its block."""
    blocks: list[list[Stroke]] = []
    for stroke in strokes:
        for block in blocks:
            if all(stroke.end <= other.start or other.end <= stroke.start for other in block):
                block.append(stroke)
                break
        else:
            blocks.append([stroke])
    return blocks


def _block(block: list[Stroke], room: int, ascii: bool) -> list[Row]:
    """Underline; the rightmost label stands beside its stroke if it fits, the others hang below."""
    block = sorted(block, key=lambda stroke: stroke.start)
    marks = [(stroke.start, stroke.char * (stroke.end - stroke.start), stroke.style) for stroke in block]
    last = block[-1]
    hanging = [stroke for stroke in block if stroke.label]
    if last.label and last.end + 1 + width(last.label, ascii=ascii) <= room:
        marks.append((last.end + 1, last.label, last.style))
        hanging.remove(last)
    rows = [_row(marks)]
    if hanging:
        rows.append(_row([(stroke.start, "|", stroke.style) for stroke in hanging]))
    while hanging:
        stroke = hanging.pop()
        needed = min(NARROW, width(stroke.label, ascii=ascii))
        at = max(0, min(stroke.start, room - needed))
        bars = [(other.start, "|", other.style) for other in hanging if other.start < at]
        for line in wrap(stroke.label, max(room - at, 1), ascii=ascii):
            rows.append(_row([*bars, (at, line, stroke.style)]))
    return rows


def _row(pieces: Sequence[tuple[int, str, str]]) -> Row:
    """Place texts at cells; all but the last are ASCII, so their length is their width."""
    row: list[tuple[str, str]] = []
    at = 0
    for start, text, style in pieces:
        if start > at:
            row.append((" " * (start - at), ""))
        row.append((text, style))
        at = max(at, start) + len(text)
    return tuple(row)
