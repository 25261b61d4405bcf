"""Where the first lie may be: the user's values between the last right ones and a wrong gradient."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from bpdoctor.diagnose.reach import descendants, repeated
from bpdoctor.model.tape import CONST


def _within(view: Any, unit: Any) -> Iterator[tuple[int, int]]:
    """The values between an activation's input and its output."""
    keys = (view.keys[n] for n in unit.inside if n in view.keys)
    yield from (key for key in keys if key not in (unit.before, unit.after))


class Regions:
    """The stretch of backward code behind each family, on the first step."""

    def __init__(self, trial: Any, index: Any, units: Sequence[Any] = ()) -> None:
        self.view = trial.view
        self.inside = {key: i for i, unit in enumerate(units) for key in _within(trial.view, unit)}
        self.seeds = trial.candidate.seeds
        self.index = index

    def region(self, k: int) -> tuple[list[int], dict[int, Any]]:
        """Unmatched nodes between the last right ones and the claim, and those right ones."""
        view = self.view
        within = view.backward(view.families[k])
        roots = self.roots(k)
        right: dict[int, Any] = {}
        seen: set[int] = set()
        pending = list(roots)
        while pending:
            n = pending.pop()
            if n in seen or n not in within:
                continue
            seen.add(n)
            matches = self.index.matches(view.keys[n]) if n in view.keys else []
            if matches and n not in roots and not self.by_chance(n, matches):
                right[n] = matches
                continue
            pending.extend(s for s in view.tape.nodes[n].inputs if s != CONST)
        flow = descendants(view.tape, right, seen) if right else self.after_loss(seen)
        return sorted(n for n in seen - view.tape.unwritten if n in flow and n not in right), right

    def by_chance(self, n: int, matches: Sequence[Any]) -> bool:
        """Whether a value is the derivative for a part of an activation's formula, and none that leads there is.

        Who goes back through a formula part by part has the parts before as well. Of others it is chance: an error
        times ``a ** 2`` is the derivative for the denominator of a logistic function.
        """
        own = {self.inside.get(m.forward) for m in matches}
        if None in own:
            return False
        before = (self.view.keys[s] for s in self.view.tape.nodes[n].inputs if s in self.view.keys)
        parts = {m.forward for m in matches}
        # The same value times a rate is the same part.
        others = [{m.forward for m in found} for key in before if (found := self.index.matches(key))]
        return not any(other != parts and {self.inside.get(key) for key in other} & own for other in others)

    def roots(self, k: int) -> list[int]:
        family = self.view.families[k]
        roots = [c.node for c in family.claims if c.node is not None]
        for c in family.claims:
            if c.node is None:
                updates = self.view.step.parameters[c.parameter].updates
                roots.extend(t.node for u in updates for t in u.terms)
        return roots

    def after_loss(self, nodes: Iterable[int]) -> set[int]:
        """Nodes that are no part of the computation of the loss or of the outputs, nor of the same once more.

        A loss that is computed to be printed has a forward pass of its own, beside that of the gradients.
        """
        seeds = self.seeds
        view = self.view
        before: set[int] = set()
        pending = list(seeds)
        while pending:
            n = pending.pop()
            if n not in before and n in view.masks:
                before.add(n)
                pending.extend(s for s in view.tape.nodes[n].inputs if s != CONST)
        return set(nodes) - before - repeated(view.tape.nodes, before, nodes)
