"""The source excerpt: lines with numbers, carets under the primary span, dashes under related ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bpdoctor.model.record import record
from bpdoctor.model.report import Mark
from bpdoctor.model.source import lines_of
from bpdoctor.report.cells import clean
from bpdoctor.report.format import Options
from bpdoctor.report.paint import Row
from bpdoctor.report.underline import Stroke, underlined

LINES_OF_A_SPAN = 6
"""A span over more lines than this is shown by its first and last ones."""


@record
class Excerpt:
    """The rows, and the width of the line numbers, so that what follows can stand under them."""

    rows: tuple[Row, ...]
    gutter: int


def excerpt(primary: Mark | None, related: Sequence[Mark] = (), *, options: Options, tone: str = "error") -> Excerpt:
    """Show the marked places: the primary one first, then the others by line, file after file.

    A mark whose text is not in `options.sources` is told in words.
    """
    marks = ([] if primary is None else [primary]) + list(related)
    by_file: dict[str, list[Mark]] = {}
    for mark in marks:
        by_file.setdefault(mark.span.place, []).append(mark)
    gutter = max((len(str(mark.span.end_line)) for mark in marks), default=1)
    rows: list[Row] = []
    for file, here in by_file.items():
        first = here[0].span
        arrow = "-->" if not rows else ":::"
        rows.append(
            ((" " * gutter + arrow + " ", "gutter"), (f"{file}:{first.line}:{first.column}", "")),
        )
        source = options.sources.get(file)
        lines = [] if source is None else lines_of(source)
        shown = [mark for mark in here if max(mark.span.line, mark.span.end_line) <= len(lines)]
        rows += _code(shown, _strokes(shown, primary, lines, tone), lines, gutter, options)
        rows += [_in_words(mark, gutter) for mark in here if mark not in shown and mark.label]
    return Excerpt(tuple(rows), gutter)


def _strokes(marks: Iterable[Mark], primary: Mark | None, lines: list[str], tone: str) -> dict[int, list[Stroke]]:
    """Cut each span into one stroke a line; the label stands at the last line."""
    found: dict[int, list[Stroke]] = {}
    for mark in marks:
        span = mark.span
        style, char = (tone, "^") if mark is primary else ("related", "-")
        last = _last_line(mark)
        for number in _visible(mark):
            text = lines[number - 1].rstrip()
            start = span.column - 1 if number == span.line else len(text) - len(text.lstrip())
            end = span.end_column - 1 if number == span.end_line else len(text)
            label = " ".join(mark.label.split()) if number == last else ""
            here = found.setdefault(number, [])
            if text or number == last:
                here.append(Stroke(start, max(end, start + 1), char, style, label))
    return found


def _last_line(mark: Mark) -> int:
    """A span that ends before the first column of a line does not reach that line."""
    span = mark.span
    return span.end_line if span.end_column > 1 else max(span.line, span.end_line - 1)


def _visible(mark: Mark) -> list[int]:
    """The lines of a span that are shown: of a long one the first three and the last two."""
    first, last = mark.span.line, _last_line(mark)
    if last - first < LINES_OF_A_SPAN:
        return list(range(first, last + 1))
    return [first, first + 1, first + 2, last - 1, last]


def _code(
    marks: Sequence[Mark],
    strokes: Mapping[int, list[Stroke]],
    lines: Sequence[str],
    gutter: int,
    options: Options,
) -> list[Row]:
    """The lines of the first mark, then the others in order; dots where a long span was shortened."""
    main = {number for mark in marks[:1] for number in _visible(mark)}
    holes = {_visible(mark)[-3] for mark in marks if _last_line(mark) - mark.span.line >= LINES_OF_A_SPAN}
    rows: list[Row] = []
    for run in (sorted(main), sorted(set(strokes) - main)):
        for number in run:
            rows += _numbered(number, lines[number - 1], strokes[number], gutter, options)
            if number in holes and number + 1 not in run:
                rows.append((("...", "gutter"),))
    return rows


def _numbered(number: int, text: str, strokes: list[Stroke], gutter: int, options: Options) -> list[Row]:
    room = max(options.width - gutter - 3, 20)
    code, *under = underlined(text, strokes, room, ascii=options.ascii)
    first: Row = ((f"{number:>{gutter}} | ", "gutter"), *code)
    return [first, *(((" " * gutter + " | ", "gutter"), *row) for row in under)]


def _in_words(mark: Mark, gutter: int) -> Row:
    label = clean(" ".join(mark.label.split()))
    return ((" " * gutter + " = ", "gutter"), (f"line {mark.span.line}: {label}", ""))
