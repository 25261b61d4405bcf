"""Whether a change stays where the fault is: what other callers of the changed function do was not looked at."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from bpdoctor.fix.text import Function, Text
from bpdoctor.model.report import Finding
from bpdoctor.model.source import Span
from bpdoctor.model.tape import Entered, Tape
from bpdoctor.observe.sites import Sites, SourceFile
from bpdoctor.pipeline.repairs import Proposal, unique


class Sharing:
    """One program's functions, and the calls of them that were recorded."""

    def __init__(self, tape: Tape, sites: Sites, files: Mapping[str, SourceFile]) -> None:
        self.files = files
        self.made = {sites[e.site].span for e in tape.events if isinstance(e, Entered)}
        self.texts: dict[str, Text] = {}
        self.functions: dict[str, list[Function]] = {}

    def graded(self, finding: Finding, remedies: Sequence[Proposal], found: Sequence[Proposal]) -> list[Proposal]:
        """Remedies, then what was found, at the finding's place first; what may reach further is marked, and last.

        What a measurement proposes for a finding of its own knows more than what the text offers.
        """
        near = sorted(found, key=lambda p: not _there(finding, p))
        offered = unique([*near, *remedies] if finding.residual is None else [*remedies, *near])
        return sorted((replace(p, confined=self.confined(finding, p)) for p in offered), key=lambda p: not p.confined)

    def confined(self, finding: Finding, proposal: Proposal) -> bool:
        """Whether a change is made in the function at fault, or in one that is called by the recorded steps only."""
        if finding.primary is None:
            return True
        own = self.home(finding.primary.span)
        homes = (self.home(edit.span) for edit in proposal.edits)
        return all(home is own or home is None or self.recorded(home) for home in homes)

    def home(self, span: Span) -> Function | None:
        """The function that a place belongs to."""
        if span.file not in self.functions:
            text = self.text(span.file)
            known = () if text is None else ast.walk(text.tree)
            self.functions[span.file] = [n for n in known if isinstance(n, Function)]
        inside = [n for n in self.functions[span.file] if n.lineno <= span.line <= (n.end_lineno or n.lineno)]
        return max(inside, key=lambda n: n.lineno, default=None)

    def recorded(self, home: Function) -> bool:
        """Whether all calls of what bears this name were made in the recorded steps."""
        return all(span in self.made for span in self.calls(home.name))

    def calls(self, name: str) -> Iterable[Span]:
        for text in filter(None, map(self.text, self.files)):
            for node in ast.walk(text.tree):
                if isinstance(node, ast.Call) and name == getattr(node.func, "id", getattr(node.func, "attr", "")):
                    yield text.span(node)

    def text(self, path: str) -> Text | None:
        if path not in self.texts and path in self.files:
            self.texts[path] = Text(path, self.files[path].text)
        return self.texts.get(path)


def _there(finding: Finding, proposal: Proposal) -> bool:
    """Whether a change is made on the lines that a finding shows."""
    if finding.primary is None:
        return False
    at = finding.primary.span
    return any(
        e.span.file == at.file and e.span.line <= at.end_line and at.line <= e.span.end_line for e in proposal.edits
    )
