"""A grade as a student may see it: lines grouped by check, texts cut to the hint level, hidden checks closed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from bpdoctor.grade.marks import Grade, Hints, Line, rounded
from bpdoctor.model.record import record


@record
class Shown:
    """One line as it is shown."""

    name: str
    points: float
    most: float
    status: str
    text: str


@record
class Section:
    """One check as it is shown."""

    name: str
    points: float
    most: float
    hidden: bool
    lines: tuple[Shown, ...]


def sections(grade: Grade, hints: Hints, *, everything: bool = False) -> list[Section]:
    """Return the checks; a hidden one has neither lines nor points, unless everything is asked for."""
    found = []
    for name, group in groupby(grade.lines, key=lambda line: line.check):
        lines = tuple(group)
        closed = lines[0].hidden and not everything
        points = 0.0 if closed else rounded(sum(x.points for x in lines))
        shown = () if closed else tuple(_shown(x, hints) for x in _merged(lines))
        most = rounded(sum(x.most for x in lines))
        found.append(Section(name, points, most, closed, shown))
    return found


def total(grade: Grade) -> tuple[float, float]:
    """Return the points and the possible points of what is not hidden."""
    open_lines = [line for line in grade.lines if not line.hidden]
    return rounded(sum(x.points for x in open_lines)), rounded(sum(x.most for x in open_lines))


def merged(grade: Grade) -> list[Line]:
    """Return the lines, those of a check that failed for one reason as one."""
    return [x for _, group in groupby(grade.lines, key=lambda line: line.check) for x in _merged(tuple(group))]


def _merged(lines: Sequence[Line]) -> Sequence[Line]:
    """One reason is told once: lines that failed alike become one."""
    first = lines[0]
    alike = all((x.slug, x.symptom, x.place, x.points) == (first.slug, first.symptom, first.place, 0.0) for x in lines)
    if len(lines) < 2 or not first.slug or not alike:
        return lines
    most = rounded(sum(x.most for x in lines))
    return [Line(first.check, "", 0.0, most, first.slug, first.symptom, first.place, first.cause, first.hidden)]


def _shown(line: Line, hints: Hints) -> Shown:
    return Shown(line.part, line.points, line.most, line.status, line.told(hints))


def points(number: float) -> str:
    """Write points without needless zeros."""
    return f"{number:.2f}".rstrip("0").rstrip(".") or "0"
