"""What every check is: a line or several of the rubric, and a way to fill them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from bpdoctor.grade.marks import Line, legible, lost, shares
from bpdoctor.grade.remote import Failure, Remote
from bpdoctor.grade.schema import Field

if TYPE_CHECKING:
    from bpdoctor.grade.subject import Subject

Fields = Mapping[str, Field]

SYMPTOMS = {
    "time": "it did not finish in time",
    "memory": "it ran out of memory",
    "recursion": "it calls itself without end",
    "output": "it printed more than is allowed",
    "disk": "it wrote more to the disk than is allowed",
    "ended": "the program ended before it answered",
    "malformed": "the program disturbed the exchange with the grader",
    "undefined": "it is missing",
    "raised": "it raised an exception",
}


class Check:
    """One [[check]] of the assignment."""

    KIND: ClassVar[str] = ""
    FIELDS: ClassVar[Fields] = {}
    needs_reference = False
    excusable: ClassVar[bool] = True
    """Whether it can be made again with the reference's functions in the place of wrong ones."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = dict(values)
        self.name: str = values["name"]
        self.points = float(values["points"])
        self.hidden: bool = values["hidden"]
        self.tolerance: float = values["tolerance"]

    def problems(self) -> list[str]:
        """Return what is wrong with the check as it stands in the file."""
        return []

    def files(self) -> list[Path]:
        """Return the files beside the assignment that the check needs."""
        return []

    def parts(self) -> list[tuple[str, float]]:
        """Return the lines of the rubric with their points."""
        return list(zip(self.names(), shares(self.points, len(self.names())), strict=True))

    def names(self) -> Sequence[str]:
        """Return the names of the lines."""
        return [""]

    def observe(self, remote: Remote, seed: int) -> Any:
        """Return what the reference does, once for the whole class."""
        return None

    def grade(self, subject: Subject) -> list[Line]:
        """Return the lines with what was earned."""
        raise NotImplementedError

    def line(self, part: str, most: float, earned: float, slug: str = "", *texts: str) -> Line:
        """Return one line."""
        symptom, place, cause = (*map(legible, texts), "", "", "")[:3]
        return Line(self.name, part, round(earned, 4), most, slug, symptom, place, cause, self.hidden)

    def failed(self, failure: Failure, parts: Sequence[tuple[str, float]] | None = None) -> list[Line]:
        """Return lines that earn nothing because the submission did not answer."""
        where = f"line {failure.line}" if failure.line else ""
        where = f"in `{failure.function}`, {where}" if where and failure.function.isidentifier() else where
        lines = lost(self.name, self.parts() if parts is None else parts, failure.slug, SYMPTOMS[failure.slug])
        place = "; ".join(t for t in (where, failure.text) if t)
        return [self.line(x.part, x.most, 0.0, x.slug, x.symptom, place) for x in lines]

    def functions(self) -> list[str]:
        """Return the functions that the check calls, without their class."""
        keys = ("forward", "backward", "function", "derivative", "call", "predict")
        return [self.values[k].rpartition(".")[2] for k in keys if self.values.get(k)]
