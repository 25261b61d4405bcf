"""Repairs found in the program itself, stopped at the place whose value is wrong."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from bpdoctor.diagnose.believed import Fault
from bpdoctor.diagnose.name import Named
from bpdoctor.fix.attempt import Attempt
from bpdoctor.fix.moment import Candidate, Moment
from bpdoctor.fix.stretch import Stretch, stretch_of
from bpdoctor.fix.writing import Place, Text, bare, place_of
from bpdoctor.measure.matching import AdjointIndex
from bpdoctor.model.source import Edit, Span
from bpdoctor.model.tape import CONST, Handed, Store
from bpdoctor.observe.checkpoint import Checkpoint, Rerun
from bpdoctor.observe.sites import Site, Sites, SourceFile
from bpdoctor.pipeline.analysis import Analysis
from bpdoctor.pipeline.repairs import Proposal
from bpdoctor.pipeline.wrongs import Wrong, factor_before, taken_for, wrong_values

_MOST_MOMENTS = 6
_MOST_REGION = 120
_MOST_ALIASES = 2
_MOST_OFFERS = 8
# How many changes are tried at a place, and how many recorded values may be computed again in all.
_MOST_CHANGES = 3000
_MOST_VALUES = 1_000_000
_FEWEST_CHANGES = 250
_SECONDS = 25.0
_ALIAS = (ast.Name, ast.Attribute, ast.Subscript)
Key = tuple[int, int]


@dataclass(slots=True, eq=False)
class Searching:
    """Searches one program's frames; `started` are the parameters that each probe began with."""

    checkpoint: Checkpoint
    analysis: Analysis
    sites: Sites
    files: Mapping[str, SourceFile]
    started: Mapping[int, dict[int, Any]]
    texts: dict[str, Text] = field(default_factory=dict)

    def of_fault(self, fault: Fault) -> list[Proposal]:
        """Changes after which the wrong values of a fault are the true adjoints."""
        trials = fault.assessment.trials
        for told in (fault, *taken_for(fault)):
            wrong = {id(t): list(wrong_values(t, told)) for t in trials}
            found = self.repaired(trials, wrong)
            if found:
                return found
        wrong = {id(t): list(wrong_values(t, fault)) for t in trials}
        for i in (0, 1):
            earlier = {id(t): factor_before(t, wrong[id(t)], i) for t in trials}
            found = self.repaired(trials, earlier, made=False)
            if found:
                return found
        return []

    def of_factor(self, trials: Sequence[Any], site: int, scale: float) -> list[Proposal]:
        """Changes after which the values of an expression are no longer `scale` times what they should be."""
        wrong: dict[int, list[Wrong]] = {}
        for t in trials:
            step, values = t.view.step, t.view.tape.values
            nodes = [t.view.by_key[k] for k in t.view.by_site.get(site, ())]
            wrong[id(t)] = [
                Wrong(n, np.asarray(values[n], dtype=np.float64) / scale) for n in nodes if step.start <= n < step.stop
            ]
        return self.repaired(trials, wrong)

    def repaired(self, trials: Sequence[Any], wrong: Mapping[int, list[Wrong]], *, made: bool = True) -> list[Proposal]:
        """What cures wrong values, where they are handed on and, with `made`, where they are made."""
        first = next((t for t in trials if wrong.get(id(t))), None)
        if first is None:
            return []
        found: list[Candidate] = []
        for node, events in self.places(first, wrong[id(first)][0].node):
            if events or made:
                found += self.at_place(node, events, trials, wrong)
        offers = [self.proposal(c) for c in sorted(found)]
        return list(dict.fromkeys(o for o in offers if o is not None))[:_MOST_OFFERS]

    def places(self, trial: Any, node: int) -> Iterator[tuple[Site, bool]]:
        """Expressions to change: where a value is handed on as it is, and where it is made."""
        aliases = dict.fromkeys(e.site for _, e in _handed(trial.view, node, self.sites))
        for site in list(aliases)[:_MOST_ALIASES]:
            yield self.sites[site], True
        yield self.sites[trial.view.tape.nodes[node].site], False

    def at_place(
        self, site: Site, handed: bool, trials: Sequence[Any], wrong: Mapping[int, list[Wrong]]
    ) -> list[Candidate]:
        text = self.text(site.source.path)
        target = _value_of(site) if handed else site.node
        node = text.find(place_of(target)) if text is not None and target is not None else None
        if text is None or node is None:
            return []
        first = next(t for t in trials if wrong.get(id(t)))
        region = frozenset() if handed else self.region(first, wrong[id(first)][0].node, site)
        stretch = stretch_of(text, node, region)
        if stretch is None:
            return []
        attempt = self.attempt(site.source.path, place_of(node), region, trials)
        attempt.most = max(
            _FEWEST_CHANGES, min(_MOST_CHANGES, _MOST_VALUES // (self.values(first.view, stretch, site) + 1))
        )
        # Steps of the recorded run lie one behind the other: one re-run passes them all.
        runs: dict[int, list[tuple[tuple[int, int], Moment]]] = {}
        for t in trials:
            visits = runs.setdefault(0 if t.view.tape is self.analysis.tape else id(t.view), [])
            for w in wrong.get(id(t), ())[:_MOST_MOMENTS]:
                visits += self.visits(t.view, w, site, stretch, handed)
        found: list[Candidate] | None = None
        for which, visits in sorted(runs.items(), key=lambda item: item[0] != 0):
            if which and which not in self.started:
                continue
            found = self.run(replace(attempt, found=found), self.started.get(which, {}), sorted(visits, key=_when))
            if found == []:
                break
        return found or []

    def run(
        self, attempt: Attempt, changes: dict[int, Any], visits: list[tuple[tuple[int, int], Moment]]
    ) -> list[Candidate] | None:
        visits = visits[: 2 * _MOST_MOMENTS]
        if not visits:
            return attempt.found
        task = replace(attempt, moments=[m for _, m in visits], known={})
        stop = len(self.analysis.tape) + 100_000
        moments = tuple(when for when, _ in visits)
        rerun = Rerun(changes, stop, replace=True, moments=moments, task=task, seconds=_SECONDS)
        answer: list[Candidate] | None = self.checkpoint.ask(rerun)
        return answer

    def attempt(self, path: str, place: Place, region: frozenset[int], trials: Sequence[Any]) -> Attempt:
        formulas = [bare(f) for u in self.analysis.units for f in (u.activation.post, u.activation.pre) if f]
        texts = {p: f.text for p, f in self.files.items()}
        single = any(getattr(v, "dtype", None) == np.float32 for v in trials[0].view.tape.values[:400])
        tolerance = 2e-4 if single else 1e-8
        unique = list(dict.fromkeys(formulas))
        return Attempt(path, place, region, [], unique, texts, tolerance, _MOST_CHANGES, self.loop())

    def loop(self) -> tuple[str, range]:
        """File and lines of the training loop."""
        if self.analysis.loop is None:
            return "", range(0)
        site = self.sites[self.analysis.loop]
        return site.source.path, range(site.line, (getattr(site.node, "end_lineno", None) or site.line) + 1)

    def text(self, path: str) -> Text | None:
        if path not in self.texts and path in self.files:
            self.texts[path] = Text(self.files[path].text)
        return self.texts.get(path)

    # ---- when

    def visits(
        self, view: Any, w: Wrong, site: Site, stretch: Stretch, handed: bool
    ) -> Iterator[tuple[tuple[int, int], Moment]]:
        moment = Moment(np.asarray(view.tape.values[w.node]), w.wanted, w.apart)
        if handed:
            for i, event in _handed(view, w.node, self.sites):
                if event.site == site.index:
                    yield (event.position, i), moment
                    return
            return
        yield (self.begin(view, w.node, site, stretch), -1), moment

    def begin(self, view: Any, node: int, site: Site, stretch: Stretch) -> int:
        """The first node of a stretch, where it changes what it reads; else the node that it ends with."""
        if not (stretch.restored or stretch.reads_first()):
            return node
        last, out, seen = len(stretch.before), node, set()
        for n in range(node, view.step.lo - 1, -1):
            here = self.sites[view.tape.nodes[n].site]
            if here.scope != site.scope or here.source is not site.source:
                continue
            part = _part(stretch, here, last)
            if part is None or part > last or (n != node and here.index in seen and not _loops(stretch, part)):
                break
            last, out = part, n
            seen.add(here.index)
        return out

    def values(self, view: Any, stretch: Stretch, site: Site) -> int:
        """How many recorded values a stretch makes in a step."""
        if not stretch.before:
            return 1
        lines = range(stretch.before[0].lineno, (stretch.before[-1].end_lineno or 0) + 1)
        here = (self.sites[view.tape.nodes[n].site] for n in range(view.step.start, view.step.stop))
        return sum(s.line in lines and s.source is site.source for s in here)

    def region(self, trial: Any, node: int, site: Site) -> frozenset[int]:
        """Lines of statements that the wrong value is computed from and that match no true adjoint either."""
        view, index = trial.view, AdjointIndex([trial])
        lines: set[int] = set()
        pending, seen = list(view.tape.nodes[node].inputs), {node}
        while pending and len(seen) < _MOST_REGION:
            n = pending.pop()
            if n == CONST or n in seen or n not in view.masks or n in view.forward:
                continue
            seen.add(n)
            if n in view.keys and index.matches(view.keys[n]):
                continue
            here = self.sites[view.tape.nodes[n].site]
            if here.scope == site.scope and here.statement is not None and here.statement is not site.statement:
                lines.add(here.statement.lineno)
            pending.extend(view.tape.nodes[n].inputs)
        return frozenset(lines)

    def proposal(self, c: Candidate) -> Proposal | None:
        path = c.file or c.path
        text = self.text(path)
        if text is None:
            return None
        (line, column), (end_line, end_column) = text.position(c.start), text.position(c.end)
        edit = Edit(Span(path, line, column, end_line, end_column), c.text)
        return Proposal(f"write `{text.line_with(c.start, c.end, c.text)}`", (edit,))


def proposals(fault: Fault, named: Named, search: Searching) -> list[Proposal]:
    """Changes that may cure a fault."""
    return search.of_fault(fault)


def _when(visit: tuple[tuple[int, int], Moment]) -> tuple[int, int]:
    return visit[0]


def _handed(view: Any, node: int, sites: Sites) -> Iterator[tuple[int, Any]]:
    """Where a value is given another name, or is returned, as it is: number and event."""
    for i, event in enumerate(view.tape.events):
        here = isinstance(event, Store | Handed) and event.node == node and event.position <= view.step.stop
        if here and isinstance(_value_of(sites[event.site], isinstance(event, Handed)), _ALIAS):
            yield i, event


def _value_of(site: Site, handed: bool = False) -> Any:
    value = getattr(site.statement, "value", None)
    if handed or isinstance(site.statement, ast.Return):
        return site.node
    return value


def _part(stretch: Stretch, site: Site, last: int) -> int | None:
    """Which statement of a stretch a site belongs to; its number is that of the root's own where it is there."""
    line = site.line
    for i, statement in enumerate(stretch.before):
        if statement.lineno <= line <= (statement.end_lineno or line):
            return i
    root = stretch.root
    own = stretch.text.statement(root) if root is not None else None
    return len(stretch.before) if own is not None and own.lineno <= line <= (own.end_lineno or line) else None


def _loops(stretch: Stretch, part: int) -> bool:
    return part < len(stretch.before) and isinstance(stretch.before[part], ast.For | ast.While)
