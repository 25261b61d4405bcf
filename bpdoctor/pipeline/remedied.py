"""Remedies from the text for a finding: what `bpdoctor.fix` wants to know of it, and its answers as proposals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bpdoctor.fix.remedies import Place, Trouble, Update, changes
from bpdoctor.fix.text import Text
from bpdoctor.model.report import Finding, Mark
from bpdoctor.observe.sites import Sites, SourceFile
from bpdoctor.pipeline.analysis import Analysis
from bpdoctor.pipeline.repairs import Proposal


class Remedies:
    """Proposals for one program's findings; its files are read when the first is asked for."""

    def __init__(self, a: Analysis | None, names: Sequence[str], sites: Sites, files: Iterable[SourceFile]) -> None:
        self.families = a.views[0].families if a is not None and a.views else []
        self.names, self.sites, self.files = names, sites, list(files)
        self.texts: dict[str, Text | None] = {}

    def of(self, finding: Finding, among: Sequence[Finding]) -> list[Proposal]:
        """What may cure a finding, the likeliest first."""
        place = self._place(finding.primary)
        if place is None or finding.severity == "note":
            return []
        updates = self._updates()
        trouble = Trouble(
            finding.rule,
            finding.message,
            place.text,
            place.node,
            tuple(p for mark in finding.related if (p := self._place(mark)) is not None),
            tuple(updates),
            tuple(u for u in updates if u.name in finding.follows),
            self._factors(),
            (finding.primary.label if finding.primary else "", *finding.evidence),
            tuple(other.rule for other in among if other is not finding),
        )
        return [Proposal(change.title, change.edits) for change in changes(trouble)]

    def _text(self, path: str) -> Text | None:
        if path not in self.texts:
            file = next((f for f in self.files if f.path == path), None)
            try:
                self.texts[path] = None if file is None else Text(path, file.text)
            except SyntaxError:
                self.texts[path] = None
        return self.texts[path]

    def _place(self, mark: Mark | None) -> Place | None:
        text = None if mark is None else self._text(mark.span.file)
        node = None if text is None or mark is None else text.at(mark.span)
        return None if text is None or node is None else Place(text, node)

    def _updates(self) -> list[Update]:
        out = []
        for name, family in zip(self.names, self.families, strict=False):
            site = self.sites[family.site]
            text = self._text(site.source.path)
            node = None if text is None else text.at(site.span)
            statement = None if text is None or node is None else text.statement(node)
            if text is not None and statement is not None:
                out.append(Update(name, text, statement))
        return out

    def _factors(self) -> tuple[float, ...]:
        claims = [c for f in self.families for c in f.claims]
        return tuple(dict.fromkeys(abs(float(s)) for c in claims for s in (*c.scalars, c.factor) if s))
