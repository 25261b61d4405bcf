"""Repairs of what was found in one program. What looks for them is imported when there is something to repair."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bpdoctor.model.record import record
from bpdoctor.model.report import Finding
from bpdoctor.observe.checkpoint import Checkpoint
from bpdoctor.observe.program import Session
from bpdoctor.pipeline.analysis import Analysis
from bpdoctor.pipeline.repairs import Proposal

if TYPE_CHECKING:
    from bpdoctor.diagnose.believed import Fault
    from bpdoctor.pipeline.searching import Searching


class Search:
    """The search for repairs of one analysis: it begins with the first question."""

    def __init__(self, begin: Callable[[], Searching]) -> None:
        self.begin = begin
        self.begun: Searching | None = None

    def of_fault(self, fault: Fault) -> list[Proposal]:
        """What cures a fault."""
        return self.searching().of_fault(fault)

    def of_factor(self, trials: Sequence[Any], site: int, scale: float) -> list[Proposal]:
        """What takes a factor out of the values of an expression."""
        return self.searching().of_factor(trials, site, scale)

    def searching(self) -> Searching:
        self.begun = self.begun or self.begin()
        return self.begun


@record(eq=False)
class Repairing:
    """How one program is repaired, but for what is only worth knowing.

    `started` are the parameters that each probe began with; a search takes `seconds` at most.
    """

    session: Session
    checkpoint: Checkpoint
    started: Mapping[int, dict[int, Any]]
    seconds: float

    def search(self, a: Analysis) -> Search:
        """What looks for repairs in the program itself."""

        def begin() -> Searching:
            from bpdoctor.pipeline.searching import Searching

            return Searching(self.checkpoint, a, self.session.sites, self.session.files, self.started, self.seconds)

        return Search(begin)

    def remedied(
        self, a: Analysis | None, findings: Sequence[Finding], names: Sequence[str] = ()
    ) -> dict[int, list[Proposal]]:
        """What the text offers for each finding."""
        if all(f.severity == "note" for f in findings):
            return {}
        from bpdoctor.pipeline.remedied import Remedies

        remedies = Remedies(a, names, self.session.sites, self.session.files.values())
        return {i: remedies.of(finding, findings) for i, finding in enumerate(findings)}

    def graded(
        self, a: Analysis, findings: Sequence[Finding], found: Sequence[Sequence[Proposal]], names: Sequence[str]
    ) -> dict[int, list[Proposal]]:
        """What the text offers with what was found for each finding, the likeliest first."""
        remedies = self.remedied(a, findings, names)
        if not remedies and not any(found):
            return {}
        from bpdoctor.pipeline.sharing import Sharing

        sharing = Sharing(a.tape, self.session.sites, self.session.files)
        pairs = zip(findings, found, strict=True)
        return {i: sharing.graded(f, remedies.get(i, ()), edits) for i, (f, edits) in enumerate(pairs)}
