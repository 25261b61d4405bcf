"""One round of localising: which of the user's values, believed, explains most of what is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np

from bpdoctor.diagnose.believed import Fault, Key, Pair, believe, moved
from bpdoctor.diagnose.entrywise import claimed
from bpdoctor.diagnose.nearest import LastRight
from bpdoctor.diagnose.pairing import Pairings
from bpdoctor.diagnose.reach import ancestors
from bpdoctor.diagnose.region import Regions
from bpdoctor.diagnose.sizes import distinct, fixed_size, rescaled, stated_rates, steady, steps, whole_statement
from bpdoctor.identify.clipped import bare, misshapen
from bpdoctor.model.record import record

Hypothesis = tuple[tuple[Pair, ...], float, Key | None, bool]
_EXPLAINED = ("ok", "scaled", "vacuous")
_MOST_SOURCES = 14
_FIRST_SOURCES = 5
_MOST_NAMED = 6
# Work of one search, in visited nodes and families compared; a count, not a time, so that results repeat.
_MOST_VISITS = 40_000
_PER_FAMILY = 3
# Beyond it, this much again is for so many values nearest to the claim.
_MOST_LATE, _LATE = 15_000, 3
# Steps that are looked at first.
_SCREENS = 2
# Once all that is wrong is explained, so many hypotheses more may do so too and have a name.
_MOST_AFTER = 40


@record(eq=False)
class Tools:
    """What localising needs from the measuring stage, handed in by the pipeline."""

    assess: Any
    index: Any
    units: Any
    explains: Any
    factor: Any
    sites: Any


class Search:
    """One round: every way to believe one of the user's values, judged by the families it explains."""

    def __init__(self, assessment: Any, overrides: list[dict[int, Any]], wrong: list[int], tools: Tools) -> None:
        self.assessment = assessment
        self.overrides = overrides
        self.wrong = wrong
        self.tools = tools
        self.index = tools.index(assessment.trials)
        self.before = {u.before for u in tools.units}
        self.inner = frozenset().union(*(u.inside for u in tools.units))
        self.view = assessment.trials[0].view
        self.pairings = Pairings(self.view, assessment.trials[0].adjoints.values)
        self.outputs = [o for o, _ in assessment.trials[0].candidate.pairs]
        self.last = LastRight(self.view, self.inner, self.outputs)
        self.regions = Regions(assessment.trials[0], self.index, tools.units)
        self.fixed = fixed_size(self.view, assessment.trials[0].adjoints.values)
        self.spent = 0
        self.promising = False

    def best(self) -> Fault | None:
        """The hypothesis that explains most; among equals a named one, then the nearest to the loss."""
        order = sorted(self.wrong, key=lambda k: len(self.view.backward(self.view.families[k])))
        for k in order:
            if any(misshapen(self.view, c) for c in self.view.families[k].claims) and self.claim_pairs(k):
                return self.misshapen(k)
            tried = []
            last: float = np.inf
            for rank, hypothesis in enumerate(self.hypotheses(k)):
                if rank > last:
                    break
                outcome = self.attempt(hypothesis)
                if outcome is not None and k in outcome.families:
                    tried.append(((len(outcome.families), outcome.right), -rank, outcome))
                    if self.settles(outcome):
                        if (rule := self.tools.explains(outcome)) and rule.unit:
                            return outcome
                        last = min(last, rank + _MOST_AFTER)
            if tried:
                most = max(t[0] for t in tried)
                equal = [f for _, _, f in sorted((t for t in tried if t[0] == most), key=lambda t: -t[1])]
                return self.placed(self.chosen(equal), equal)
        return None

    def misshapen(self, k: int) -> Fault:
        """A claim that has not its parameter's shape, at the size at which it has a name."""
        pairs = tuple((bare(self.view, c), start) for c, start in self.claim_pairs(k))
        sizes = distinct([1.0, *self.claim_scales(k)])
        found = [Fault(pairs, s, None, (k,), self.assessment, False, misshapen=True) for s in sizes]
        return next((f for f in found if self.tools.explains(f)), found[0])

    def chosen(self, equal: list[Fault]) -> Fault:
        """Of hypotheses that explain as much, in their order, the one to go by: the first that has a name."""
        faults = [self.whole(f) for f in equal[:_MOST_NAMED]]
        sizes = [[f, *self.sizes(f)] if f.upstream is None else [f] for f in faults]
        several = len(faults) > 1 or len(sizes[0]) > 1
        named = ((f, rule) for same in sizes for f in same if several and (rule := self.tools.explains(f)))
        chosen, rule = next(named, (None, None))
        if chosen is None or rule is None:
            return self.unnamed(equal)
        return chosen if rule.unit else self.sooner(chosen, rule, equal)

    def unnamed(self, equal: list[Fault]) -> Fault:
        """Without a name it is the first wrong value, as seen from the loss."""
        first = min(equal, key=self.position)
        fault = self.whole(first)
        return [fault, *(self.sizes(fault) if fault.upstream is None else [])][-1]

    def sooner(self, chosen: Fault, rule: Any, equal: list[Fault]) -> Fault:
        """The value nearest to the loss that deserves the name as well; a loss's derivative is one at an output."""
        ends = rule.place == "output"
        before = [f for f in equal if (self.ends(f) if ends else f.upstream is not None and steps(f, self.index))]
        before = before if ends else sorted(before, key=self.position)
        for fault in map(self.whole, before[:_MOST_NAMED]):
            if self.position(fault) >= self.position(chosen) and not ends:
                break
            if self.tools.explains(fault) is rule:
                return fault
        return chosen

    def placed(self, fault: Fault, equal: list[Fault]) -> Fault:
        """The fault with the earliest value that, believed, explains as much: all that is made of it is right."""
        first = min((f for f in equal if f.upstream is not None), key=self.position, default=fault)
        bounded = fault.upstream is not None and not fault.missing_step
        return replace(fault, first=first) if bounded and self.position(first) < self.position(fault) else fault

    def position(self, fault: Fault) -> int:
        return int(self.view.by_key[fault.pairs[0][0]])

    def settles(self, fault: Fault) -> bool:
        """Whether nothing nearer to the loss could explain more: a right value above, and no gradient left wrong."""
        all_right = fault.right == len(self.view.families) or any(o.status == "ok" for o in self.assessment.outcomes)
        return fault.upstream is not None and all_right and len(fault.families) == len(self.wrong)

    def ends(self, fault: Fault) -> bool:
        return self.view.by_key[fault.pairs[0][1]] in self.outputs

    def whole(self, fault: Fault) -> Fault:
        return whole_statement(fault, self.tools.sites) if fault.upstream is None else fault

    def sizes(self, fault: Fault) -> list[Fault]:
        """The fault at the sizes and the sign that its value may have, where nothing above it is right."""
        trials = self.assessment.trials
        known = [self.changed(i, believe(t, fault.pairs, fault.scale) or {}) for i, t in enumerate(trials)]
        again = self.tools.assess([t.view for t in trials], [t.candidate for t in trials], known=known)
        rates = [t.rate[True] for t in again.trials]
        return [replace(fault, scale=fault.scale * p / rates[0]) for p in stated_rates(self.view, rates)]

    def hypotheses(self, k: int) -> Iterable[Hypothesis]:
        """(pairs, scale, upstream, whether a step is missing), nearest to the loss first."""
        region, right = self.regions.region(k)
        view = self.view
        match = self.last.match(right[self.last.of(right)]) if right else None
        scale, upstream = (match.scale, match.forward) if match else (1.0, None)
        near = self.ends_of(region)
        sources = [(n, False) for n in near] + [(n, True) for n in sorted(right)[-4:]]
        stated = list(self.claim_scales(k))
        targets = self.targets(k, right)
        done: set[tuple[Pair, ...]] = set()
        # A line that runs often is mostly wrong each time: a single one of hundreds of executions comes last.
        turns = list(self.in_turn(sources, targets, bool(right)))
        for alone, ((source, missing), chosen) in product((False, True), turns):
            own = {view.by_key[m.forward] for m in right.get(source, ())}
            direct = [self.last.match(right[s]).scale for s in view.tape.nodes[source].inputs if s in right]
            here = self.last.match(right[source]).scale if missing else scale
            factors = distinct([here, *direct, *stated, *self.fixed])
            most = _MOST_VISITS + (_MOST_LATE if source in near[-_LATE:] else 0)
            for pairs in self.pairings.fresh(source, [t for t in chosen if t not in own], done, alone=alone):
                for factor in factors if self.spent <= most else ():
                    yield pairs, factor, upstream, missing
                    if not (self.promising or self.fixed):
                        break
        if not any(o.status == "ok" for o in self.assessment.outcomes):
            yield from self.first_factors(k, done)
        for pairs in self.before_claim(k, near):
            yield pairs, scale, upstream, False
        claim = self.claim_pairs(k)
        for factor in distinct([*stated, scale, 1.0]) if claim else ():
            yield claim, factor, upstream, False

    def ends_of(self, region: list[int]) -> list[int]:
        """The first and the last value of every expression, of as many as are looked at."""
        sites: dict[int, list[int]] = {}
        for n in region:
            sites.setdefault(self.view.tape.nodes[n].site, []).append(n)
        ends = sorted({n for members in sites.values() for n in (members[0], members[-1])})
        return ends[:_MOST_SOURCES] + ends[_MOST_SOURCES:][-2:]

    def targets(self, k: int, right: dict[int, Any]) -> list[int]:
        """Forward values whose derivative a wrong one may stand for, from the loss on."""
        view = self.view
        starts = {view.step.parameters[c.parameter].start for c in view.families[k].claims}
        reached = self.assessment.trials[0].adjoints.values
        found = [n for n in sorted(reached, reverse=True) if n not in self.inner and n not in starts]
        # Of a parameter's gradient a part may be right, a penalty's: that tells nothing of what the rest stands for.
        seen = {view.by_key[m.forward] for matches in right.values() for m in matches} - view.starts
        if not seen:
            return found
        # What is right may be spoiled afterwards, so that it is wrong for the same place.
        below = seen.union(*(ancestors(view, n) for n in seen))
        return [n for n in found if n in below]

    def in_turn(
        self, sources: list[tuple[int, bool]], targets: list[int], below_right: bool
    ) -> Iterable[tuple[tuple[int, bool], list[int]]]:
        """Below a right value most faults are those of an activation, so these are looked at first."""
        units = [n for n in targets if below_right and self.view.keys.get(n) in self.before]
        yield from ((s, units) for i, s in enumerate(sources) if i < _FIRST_SOURCES or s[1])
        yield from ((s, targets) for s in sources)

    def first_factors(self, k: int, done: set[tuple[Pair, ...]]) -> Iterable[Hypothesis]:
        """Values that may be meant as the derivative of the loss, though what is made of them looks right."""
        candidates = sorted(self.regions.after_loss(self.view.backward(self.view.families[k])))[:_MOST_SOURCES]
        for source, target, alone in product(candidates, self.outputs, (False, True)):
            for pairs in self.pairings.of(source, target, alone=alone):
                if pairs not in done:
                    yield pairs, 1.0, None, False

    def before_claim(self, k: int, near: list[int]) -> Iterable[tuple[Pair, ...]]:
        """A gradient as it was before all gradients were rescaled: by another factor at every step."""
        view, claims = self.view, self.view.families[k].claims
        start = view.step.parameters[claims[0].parameter].start
        if len(claims) > 1 or start not in view.keys:
            return
        for n in near:
            if n != claims[0].node and n in view.keys and rescaled(view.tape.values[n], claims[0].value):
                yield ((view.keys[n], view.keys[start]),)

    def claim_scales(self, k: int) -> Iterable[float]:
        """What a right claim of this family would be a multiple by: the common rate without its own factor."""
        family = self.view.families[k]
        rate = self.assessment.trials[0].rate[all(c.plain for c in family.claims)]
        factors = {c.factor for c in family.claims}
        if rate and len(factors) == 1 and (factor := factors.pop()):
            yield rate / factor

    def claim_pairs(self, k: int) -> tuple[Pair, ...]:
        reached = self.assessment.trials[0].adjoints.values
        each = [claimed(self.view, c, reached) for c in self.view.families[k].claims]
        return tuple(pair for pairs in each for pair in pairs) if all(each) else ()

    def attempt(self, hypothesis: Hypothesis) -> Fault | None:
        """Believe the user's values and compare again.

        Notes
        -----
        The sweep is linear in its cotangents: only the change of the believed adjoints is swept, from
        where they stand down to the parameters. The first steps alone reject most hypotheses.
        """
        pairs, scale, upstream, missing = hypothesis
        trials = self.assessment.trials
        self.promising = False
        known: list[Any] = []
        factors: dict[int, float] | None = None
        for i, trial in enumerate(trials):
            believed = believe(trial, pairs, scale)
            adjoints = None if believed is None else self.changed(i, believed)
            if adjoints is None:
                return None
            known.append(adjoints)
            if i < _SCREENS < len(trials):
                here = {k: self.tools.factor(trial, k, adjoints) for k in factors or self.wrong}
                factors = {k: f for k, f in here.items() if f is not None and steady(f, (factors or here)[k])}
                self.promising = bool(factors)
                if not factors:
                    return None
        again = self.tools.assess([t.view for t in trials], [t.candidate for t in trials], known=known)
        before = self.assessment.outcomes
        fixed = [k for k in self.wrong if again.outcomes[k].status in _EXPLAINED]
        broken = [k for k, o in enumerate(again.outcomes) if o.status == "wrong" and before[k].status != "wrong"]
        if not fixed or broken:
            return None
        right = sum(o.status in ("ok", "vacuous") for o in again.outcomes)
        return Fault(pairs, scale, upstream, tuple(fixed), self.assessment, missing, right=right)

    def changed(self, i: int, believed: dict[int, Any]) -> Any:
        """Adjoints of the parameters once these values are believed."""
        trial, old = self.assessment.trials[i], self.overrides[i]
        changes: dict[int, Any] = {n: np.zeros(np.shape(v)) for n, v in old.items()}
        for n, value in believed.items():
            held = trial.adjoints.get(n)
            if held is None or np.shape(held) != np.shape(value):
                return None
            changes[n] = value - held
        swept = trial.view.sweep({}, changes, bare=trial.candidate.bare, given=trial.candidate.given)
        self.spent += len(swept.values) + _PER_FAMILY * len(trial.view.families)
        return moved(trial, swept)
