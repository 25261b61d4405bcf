"""What a report format is, and what every renderer may know besides the reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Literal, Protocol, TextIO, get_args

from bpdoctor.model.record import record
from bpdoctor.model.report import Report

Hints = Literal["symptom", "place", "cause", "fix"]
LEVELS: tuple[Hints, ...] = get_args(Hints)


@record
class Options:
    """How to render. Renderers read no files: `sources` holds the text by path.

    `hints` says how much to give away, each level including the one before it: *symptom* (severity
    and parameter), *place* (the line), *cause* (rule, evidence, why), *fix* (everything).
    """

    color: bool = False
    width: int = 100
    ascii: bool = False
    hints: Hints = "fix"
    sources: Mapping[str, str] = field(default_factory=dict)


class Renderer(Protocol):
    """Writes reports to a text stream."""

    def __call__(self, reports: Sequence[Report], stream: TextIO, *, options: Options) -> None: ...


@record
class Format:
    """A named renderer; a module of `bpdoctor.report` with one of these as FORMAT is found by itself.

    `needs` is a module that is not always installed, and the extra that installs it; with `pictures`, reports
    are wanted with their pictures.
    """

    name: str
    suffix: str
    render: Renderer
    needs: tuple[str, str] | None = None
    pictures: bool = False
