"""Marks: lines of the rubric with points, and what may be told about each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any, Literal

from bpdoctor.model.record import record

Hints = Literal["none", "symptom", "place", "cause"]
HINTS: tuple[Hints, ...] = ("none", "symptom", "place", "cause")


OURS = "internal error"


@record
class Line:
    """One line of the rubric. `slug` names the diagnosis, empty where nothing is wrong.

    The three texts go from what is seen, over where it is, to why; none holds an expected value.
    """

    check: str
    part: str
    points: float
    most: float
    slug: str = ""
    symptom: str = ""
    place: str = ""
    cause: str = ""
    hidden: bool = False

    @property
    def status(self) -> str:
        """Return passed, partial or failed."""
        if self.points >= self.most - 1e-9:
            return "passed"
        return "partial" if self.points > 0 else "failed"

    def told(self, hints: Hints) -> str:
        """Return what a student may read."""
        texts = (self.symptom, self.place, self.cause)[: HINTS.index(hints)]
        return "; ".join(t for t in texts if t)


@record
class Grade:
    """What one submission earned. `flags` are for the instructor's eyes."""

    lines: tuple[Line, ...]
    problem: str = ""
    flags: tuple[str, ...] = ()
    output: str = ""

    @property
    def ours(self) -> bool:
        """Say whether the grader failed, not the submission: such a grade is not kept."""
        return self.problem.startswith(OURS)

    @property
    def score(self) -> float:
        """Return the points in all."""
        return rounded(sum(line.points for line in self.lines))

    @property
    def most(self) -> float:
        """Return the points that could be had."""
        return rounded(sum(line.most for line in self.lines))

    def as_json(self) -> dict[str, Any]:
        """Return what the store keeps."""
        return {
            "lines": [asdict(line) for line in self.lines],
            "problem": self.problem,
            "flags": list(self.flags),
            "output": self.output,
        }

    @staticmethod
    def from_json(written: dict[str, Any]) -> Grade:
        """Read what `as_json` wrote."""
        lines = tuple(Line(**line) for line in written["lines"])
        return Grade(lines, written["problem"], tuple(written["flags"]), written["output"])


def rounded(points: float) -> float:
    """Points have four decimals, so that sums are the same on every machine."""
    return round(points + 0.0, 4)


def legible(text: str) -> str:
    """Return a text in one line, without what steers a terminal or turns the direction of reading."""
    return "".join(c if c.isprintable() else " " for c in text)


def shares(points: float, count: int) -> list[float]:
    """Divide points so that the parts sum to them exactly."""
    part = rounded(points / max(count, 1))
    return [part] * (count - 1) + [rounded(points - part * (count - 1))]


def lost(check: str, parts: Iterable[tuple[str, float]], slug: str, symptom: str, place: str = "") -> list[Line]:
    """Return lines that earn nothing, all for one reason."""
    return [Line(check, part, 0.0, most, slug, symptom, place) for part, most in parts]
