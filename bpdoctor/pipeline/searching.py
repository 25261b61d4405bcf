"""Repairs found in the program itself, stopped at the place whose value is wrong."""

from __future__ import annotations

import ast
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

import numpy as np

from bpdoctor.diagnose.believed import Fault
from bpdoctor.fix.attempt import Attempt
from bpdoctor.fix.moment import Candidate, Moment
from bpdoctor.fix.stretch import Stretch, stretch_of
from bpdoctor.fix.writing import Place, Text, bare, place_of
from bpdoctor.measure.matching import AdjointIndex
from bpdoctor.model.source import Edit, Span
from bpdoctor.model.tape import CONST, Handed, Store
from bpdoctor.observe.checkpoint import Checkpoint
from bpdoctor.observe.rerun import Rerun
from bpdoctor.observe.sites import Site, Sites, SourceFile
from bpdoctor.pipeline.analysis import Analysis
from bpdoctor.pipeline.begins import begin
from bpdoctor.pipeline.hunt import Hunt, Run, Visits, in_all
from bpdoctor.pipeline.repairs import Proposal
from bpdoctor.pipeline.wrongs import Wrong, earlier, rated, strayed, taken_for, unscaled, wrong_values

_MOST_MOMENTS = 6
_MOST_REGION = 120
_MOST_ALIASES = 2
_MOST_OFFERS = 8
_MOST_EARLIER = 4
_CALLS_DEEP = 2
# How many changes are tried at a place, and how many recorded values may be computed again in all.
_MOST_CHANGES = 3000
_MOST_VALUES = 1_000_000
_MOST_EARLIER_CHANGES = 1600
_FEWEST_CHANGES = 250
_SECONDS = 25.0
_ALIAS = (ast.Name, ast.Attribute, ast.Subscript)


@dataclass(slots=True, eq=False)
class Searching:
    """Searches one program's frames; `started` are the parameters that each probe began with.

    After `seconds` nothing is searched for any more: a report without a repair is better than none.
    """

    checkpoint: Checkpoint
    analysis: Analysis
    sites: Sites
    files: Mapping[str, SourceFile]
    started: Mapping[int, dict[int, Any]]
    seconds: float = _SECONDS
    texts: dict[str, Text] = field(default_factory=dict)
    until: float = 0.0

    def of_fault(self, fault: Fault) -> list[Proposal]:
        """Changes after which the wrong values of a fault are the true adjoints."""
        trials = fault.assessment.trials
        for told in (*unscaled(fault, self.sites), *rated(fault), fault, *taken_for(fault)):
            wrong = {id(t): list(wrong_values(t, told)) for t in trials}
            found = self.repaired(trials, wrong)
            if found:
                return found
        for backwards in (False, True):
            strays = {id(t): list(strayed(t, fault, self.sites, backwards=backwards)) for t in trials}
            if found := self.repaired(trials, strays):
                return found
            if all(len(terms) < 2 for terms in strays.values()):
                break
        wrong = {id(t): list(wrong_values(t, fault)) for t in trials}
        return self.offered(self.before(trials, wrong))

    def before(self, trials: Sequence[Any], wrong: Mapping[int, list[Wrong]]) -> list[Candidate]:
        """What cures values that the wrong ones are made from: at all moments, or at most of them and at the first.

        What a value makes wrong may reach the later ones on more ways than the one that is believed.
        """
        most: list[Candidate] = []
        for made in islice(earlier(trials, wrong, self.sites), _MOST_EARLIER):
            found = self.candidates(trials, made, lenient=True)
            if any(not c.missed for c in found):
                return [c for c in found if not c.missed]
            most += found
        return most

    def of_factor(self, trials: Sequence[Any], site: int, scale: float) -> list[Proposal]:
        """Changes after which the values of an expression are no longer `scale` times what they should be."""
        wrong: dict[int, list[Wrong]] = {}
        for t in trials:
            step, values = t.view.step, t.view.tape.values
            nodes = [t.view.by_key[k] for k in t.view.by_site.get(site, ())]
            nodes = nodes or [e.node for e in t.view.tape.events if isinstance(e, Store | Handed) and e.site == site]
            wrong[id(t)] = [
                Wrong(n, np.asarray(values[n], dtype=np.float64) / scale) for n in nodes if step.start <= n < step.stop
            ]
        return self.repaired(trials, wrong)

    def repaired(self, trials: Sequence[Any], wrong: Mapping[int, list[Wrong]]) -> list[Proposal]:
        """What cures wrong values, where they are handed on and where they are made."""
        return self.offered(self.candidates(trials, wrong))

    def offered(self, found: Sequence[Candidate]) -> list[Proposal]:
        offers = [self.proposal(c) for c in sorted(found)]
        return list(dict.fromkeys(o for o in offers if o is not None))[:_MOST_OFFERS]

    def candidates(
        self, trials: Sequence[Any], wrong: Mapping[int, list[Wrong]], *, lenient: bool = False
    ) -> list[Candidate]:
        told = ((t, w) for t in trials for w in wrong.get(id(t), ()) if _moment(t.view, w).telling)
        first, w = next(told, (None, None))
        if first is None or w is None:
            return []
        places = self.places(first, w.node)
        looked = [self.hunt(site, handed, first, w.node, trials, wrong, lenient) for site, handed in places]
        hunts = [h for h in looked if h is not None]
        while begun := [h for h in hunts if h.found is None and h.left]:
            for h, found in zip(begun, self.run([(h.attempt, h.left.pop(0)) for h in begun]), strict=True):
                h.found = found
        held = [h for h in hunts if h.found]
        others = iter(self.run([(replace(h.attempt, found=h.found), left) for h in held for left in h.left]))
        return [c for h in held for c in in_all(h.found or [], [next(others) for _ in h.left])]

    def places(self, trial: Any, node: int) -> Iterator[tuple[Site, bool]]:
        """Expressions to change: where a value is handed on as it is, and where it is made."""
        aliases = dict.fromkeys(e.site for _, e in _handed(trial.view, node, self.sites))
        for site in list(aliases)[:_MOST_ALIASES]:
            yield self.sites[site], True
        yield self.sites[trial.view.tape.nodes[node].site], False

    def hunt(
        self,
        site: Site,
        handed: bool,
        first: Any,
        at: int,
        trials: Sequence[Any],
        wrong: Mapping[int, list[Wrong]],
        lenient: bool,
    ) -> Hunt | None:
        """How to look for what makes the wrong values right that come about at one expression; `at` is one of them."""
        text = self.text(site.source.path)
        target = _value_of(site) if handed else site.node
        node = text.find(place_of(target)) if text is not None and target is not None else None
        if text is None or node is None:
            return None
        region = frozenset() if handed or lenient else self.region(first, at, site)
        stretch = stretch_of(text, node, region)
        if stretch is None:
            return None
        attempt = self.attempt(site.source.path, place_of(node), region, trials)
        attempt.lenient = lenient
        most = _MOST_EARLIER_CHANGES if lenient or stretch.before else _MOST_CHANGES
        values = self.values(first.view, stretch, site) + 1
        attempt.most = max(_FEWEST_CHANGES, min(most, _MOST_VALUES // values))
        # Steps of the recorded run lie one behind the other: one re-run passes them all.
        runs: dict[int, Visits] = {}
        for t in trials:
            visits = runs.setdefault(0 if t.view.tape is self.analysis.tape else id(t.view), [])
            for w in wrong.get(id(t), ())[:_MOST_MOMENTS]:
                visits += self.visits(t.view, w, site, stretch, handed)
        order = sorted(runs.items(), key=lambda item: item[0] != 0)
        left = [(self.started.get(which, {}), v) for which, v in order if v and (not which or which in self.started)]
        return Hunt(attempt, left)

    def run(self, runs: Sequence[tuple[Attempt, Run]]) -> list[list[Candidate] | None]:
        """Attempts in runs of the program, each with its changes of the parameters; what is left of each."""
        self.until = self.until or time.monotonic() + self.seconds
        left = self.until - time.monotonic()
        if left <= 0:
            return [attempt.found for attempt, _ in runs]
        reruns: list[Rerun] = []
        for attempt, (changes, visits) in runs:
            passed = sorted(visits, key=_when)[: 2 * _MOST_MOMENTS]
            task = replace(attempt, moments=[m for _, m in passed], known={})
            stop = len(self.analysis.tape) + 100_000
            moments = tuple(when for when, _ in passed)
            reruns.append(Rerun(changes, stop, replace=True, moments=moments, task=task, seconds=left))
        return self.checkpoint.ask_all(reruns)

    def attempt(self, path: str, place: Place, region: frozenset[int], trials: Sequence[Any]) -> Attempt:
        formulas = [bare(f) for u in self.analysis.units for f in (u.activation.post, u.activation.pre) if f]
        texts = {p: f.text for p, f in self.files.items()}
        single = any(getattr(v, "dtype", None) == np.float32 for v in trials[0].view.tape.values[:400])
        unique = list(dict.fromkeys(formulas))
        loop = _loop(self.analysis, self.sites)
        return Attempt(path, place, region, [], unique, texts, 2e-4 if single else 1e-8, _MOST_CHANGES, loop)

    def text(self, path: str) -> Text | None:
        if path not in self.texts and path in self.files:
            self.texts[path] = Text(self.files[path].text)
        return self.texts.get(path)

    # ---- when

    def visits(
        self, view: Any, w: Wrong, site: Site, stretch: Stretch, handed: bool
    ) -> Iterator[tuple[tuple[int, int], Moment]]:
        moment = _moment(view, w)
        if handed:
            for i, event in _handed(view, w.node, self.sites):
                if event.site == site.index:
                    yield (event.position, i), moment
                    return
        elif view.tape.nodes[w.node].site == site.index:
            yield (begin(view, w.node, site, stretch, self.sites), -1), moment

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
            if n == CONST or n in seen or n not in view.masks or n in trial.adjoints.values:
                continue
            seen.add(n)
            if n in view.keys and index.matches(view.keys[n]):
                continue
            here = self.caller(view, n, site)
            if here.scope == site.scope and here.statement is not None and here.statement is not site.statement:
                lines.add(here.statement.lineno)
            pending.extend(view.tape.nodes[n].inputs)
        return frozenset(lines)

    def caller(self, view: Any, node: int, site: Site) -> Site:
        """The expression that makes a value, or the call in the function of another one that it is made in."""
        here = self.sites[view.tape.nodes[node].site]
        for _ in range(_CALLS_DEEP):
            entered = None if here.scope == site.scope else view.tape.call(node, here.scope)
            if entered is None:
                break
            here = self.sites[entered.site]
        return here

    def proposal(self, c: Candidate) -> Proposal | None:
        path = c.file or c.path
        text = self.text(path)
        if text is None:
            return None
        (line, column), (end_line, end_column) = text.position(c.start), text.position(c.end)
        edit = Edit(Span(path, line, column, end_line, end_column), c.text)
        return Proposal(f"write `{text.line_with(c.start, c.end, c.text)}`", (edit,))


def _moment(view: Any, w: Wrong) -> Moment:
    return Moment(np.asarray(view.tape.values[w.node]), w.wanted, w.apart)


def _loop(analysis: Analysis, sites: Sites) -> tuple[str, range]:
    """File and lines of the training loop."""
    if analysis.loop is None:
        return "", range(0)
    site = sites[analysis.loop]
    return site.source.path, range(site.line, (getattr(site.node, "end_lineno", None) or site.line) + 1)


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
