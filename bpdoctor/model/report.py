"""What a check tells: findings, the state of each gradient, the verdict. Survives JSON both ways."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any, Literal

from bpdoctor.model.picture import Pictures
from bpdoctor.model.record import record
from bpdoctor.model.source import Edit, Span

Severity = Literal["error", "warning", "note"]
Verdict = Literal["healthy", "sick", "inconclusive"]
Status = Literal["ok", "scaled", "wrong", "vacuous", "not-finite", "not-examined"]
Applicability = Literal["safe", "unsafe", "display-only"]


@record
class Mark:
    """A span with the words that stand beside its carets."""

    span: Span
    label: str


@record
class Fix:
    """A change to the source; `verified` says that the changed program was examined again and came out better.

    `trained` is the loss that training ends with, as the program is and with the change: where that is the proof.
    """

    title: str
    applicability: Applicability
    verified: bool
    edits: tuple[Edit, ...]
    diff: str
    trained: tuple[float, float] | None = None

    @property
    def proof(self) -> str:
        """What the trial showed, in a few words."""
        if not self.verified:
            return "not verified"
        told = "re-run passes"
        return told if self.trained is None else f"{told}: loss {self.trained[0]:.2g} becomes {self.trained[1]:.2g}"


@record
class Finding:
    """One cause, at one place. `follows` names the parameters that it alone makes wrong."""

    code: str
    rule: str
    severity: Severity
    message: str
    primary: Mark | None
    related: tuple[Mark, ...] = ()
    evidence: tuple[str, ...] = ()
    why: str = ""
    residual: float | None = None
    follows: tuple[str, ...] = ()
    fix: Fix | None = None

    @property
    def others(self) -> tuple[str, ...]:
        """What else it makes wrong: the parameters that the message does not name."""
        return tuple(name for name in self.follows if f"`{name}`" not in self.message)


@record
class GradientResult:
    """One parameter's claimed gradient against the reference."""

    parameter: str
    status: Status
    relative_error: float | None
    error_estimate: float | None
    scale: float | None
    line: int | None
    cell: int = 0


@record
class Parameter:
    """A trained array (or a family of trained numbers) as the user names it."""

    name: str
    shape: tuple[int, ...]
    line: int | None
    cell: int = 0


@record
class Loss:
    """The loss that was differentiated: computed by the user's code, or inferred from the gradient.

    `slopes` are its derivatives along a few directions at the first recorded step, and `others` the names of losses
    that have the same; they are no part of the JSON.
    """

    name: str
    line: int | None
    form: str
    inferred: bool
    cell: int = 0
    slopes: tuple[float, ...] = field(default=(), compare=False, repr=False)
    others: tuple[str, ...] = field(default=(), compare=False, repr=False)


@record
class Subject:
    """What in the program was examined."""

    parameters: tuple[Parameter, ...] = ()
    loss: Loss | None = None
    optimizer: str = ""
    steps_seen: int = 0


@record
class Report:
    """The outcome of one check. `reason` is set when the file could not be examined (exit code 2).

    `pictures` is there only when they were asked for; they are no part of the JSON.
    """

    path: str
    kind: str
    verdict: Verdict
    subject: Subject = field(default_factory=Subject)
    gradients: tuple[GradientResult, ...] = ()
    findings: tuple[Finding, ...] = ()
    health: Mapping[str, Any] = field(default_factory=dict)
    progress: dict[str, float] = field(default_factory=dict)
    assumptions: tuple[str, ...] = ()
    not_examined: tuple[str, ...] = ()
    cost: Mapping[str, float] = field(default_factory=dict)
    environment: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    reason_at: Mark | None = None
    pictures: Pictures | None = None

    def __bool__(self) -> bool:
        """True when the program was examined and nothing wrong was found."""
        return self.verdict == "healthy"

    def __str__(self) -> str:
        """The report as text, with the user's lines."""
        from bpdoctor.report.shown import text_of

        return text_of(self)

    def _repr_html_(self) -> str:
        from bpdoctor.report.shown import html_of

        return html_of(self)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(str(self))

    def to_json(self) -> str:
        """Return the report as one JSON object of the schema ``bpdoctor.report/1``."""
        from bpdoctor.report.shown import json_of

        return json_of(self)

    def to_html(self) -> str:
        """Return the report as one page of HTML; with pictures where the check was asked to take them."""
        from bpdoctor.report.shown import page_of

        return page_of(self)

    def raise_if_sick(self) -> None:
        """Raise when something is wrong; a report that could not tell is no fault of the program.

        Raises
        ------
        Sick
            An `AssertionError` with the whole report as its text.
        """
        if self.verdict == "sick":
            raise Sick(self)


class Sick(AssertionError):
    """Something is wrong; `report` says what."""

    def __init__(self, report: Report) -> None:
        super().__init__(f"\n{report}")
        self.report = report

    def __reduce__(self) -> tuple[type[Sick], tuple[Report]]:
        return Sick, (self.report,)
