"""One recorded training step with everything that is compared on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bpdoctor.autodiff.sweep import Adjoints, reverse
from bpdoctor.identify.claims import Claim, find_claims
from bpdoctor.identify.dependence import POST, ancestors
from bpdoctor.identify.families import Family, find_families
from bpdoctor.identify.loss import Candidate
from bpdoctor.identify.step import Step, step_masks
from bpdoctor.identify.twice import share
from bpdoctor.measure.complements import exact
from bpdoctor.measure.softened import Altered, softening, unguarded
from bpdoctor.model.tape import Tape

_KEPT = 100_000


class Changes(Sequence[Any]):
    """Minus the step taken, family by family; what is large is made anew each time and not kept."""

    def __init__(self, families: Sequence[Family]) -> None:
        self.families = families
        self.kept: dict[int, Any] = {}

    def __len__(self) -> int:
        return len(self.families)

    def __getitem__(self, k: Any) -> Any:
        if k in self.kept:
            return self.kept[k]
        change = self.families[k].change
        if np.size(change) <= _KEPT:
            self.kept[k] = change
        return change


@dataclass(slots=True, eq=False)
class View:
    """A step of a tape. Nodes are named across steps by `key`: (site, how often it ran before in the step).

    `changes` are the changes of the families, in their order: minus the step taken. `single` is true where
    the network gives one number for one sample; `softened` how far guards against 0 move what they guard, `altered`
    how a sweep takes them for 0, `exact` how it keeps the digits of saturated outputs. `starts` are the versions of
    the parameters that the step begins with, `elsewhere` the families with a gradient of several passes, once that
    was looked for, `lost` the relative error of saturated ``1 - a``; `order` is its number among the recorded steps.
    """

    tape: Tape
    step: Step
    masks: dict[int, int]
    claims: list[Claim]
    families: list[Family]
    forward: set[int]
    keys: dict[int, tuple[int, int]] = field(default_factory=dict)
    by_key: dict[tuple[int, int], int] = field(default_factory=dict)
    by_site: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    tolerances: dict[int, float] = field(default_factory=dict)
    changes: Sequence[Any] = ()
    single: bool = False
    order: int = 0
    softened: float = 0.0
    elsewhere: frozenset[int] | None = None
    lost: float | None = None
    altered: Altered | None = None
    exact: Altered | None = None
    starts: frozenset[int] = field(init=False)

    def __post_init__(self) -> None:
        self.starts = frozenset(c.start for c in self.step.parameters)

    def sweep(
        self,
        seeds: dict[int, Any],
        overrides: dict[int, Any] | None = None,
        *,
        bare: bool = False,
        given: frozenset[int] = frozenset(),
    ) -> Adjoints:
        """True adjoints of the values computed from this step's start versions.

        A `bare` sweep takes the numbers for 0 that keep a logarithm or a quotient finite; it ends at what is `given`.
        """
        altered = self.altered if bare else self.exact
        with np.errstate(all="ignore"):
            return reverse(
                self.tape, seeds, self.forward, leaves=self.starts | given, overrides=overrides, altered=altered
            )

    def under(self, candidate: Candidate, overrides: dict[int, Any] | None = None) -> Adjoints:
        """The sweep from a loss, as it is meant."""
        return self.sweep(candidate.seeds, overrides, bare=candidate.bare, given=candidate.given)

    def backward(self, family: Family, beyond: Set[int] = frozenset()) -> set[int]:
        """What the claims of a family were computed from, updated versions included, but nothing `beyond` some."""
        roots = [c.node for c in family.claims if c.node is not None]
        for c in family.claims:
            if c.node is None:
                roots.extend(t.node for u in self.step.parameters[c.parameter].updates for t in u.terms)
        return ancestors(self.tape, roots, self.masks.keys() - beyond if beyond else self.masks)


def view_of(tape: Tape, step: Step) -> View:
    """Prepare one recorded step for comparison."""
    share(tape, step.lo, step.hi)
    masks = step_masks(tape, step)
    claims = find_claims(tape, step, masks)
    forward = {n for n, m in masks.items() if not m & POST and m >> 2}
    view = View(tape, step, masks, claims, find_families(tape, step, claims), forward)
    view.changes = Changes(view.families)
    view.softened, view.altered, view.exact = softening(tape, masks), unguarded(tape, masks), exact(tape, masks)
    _name_nodes(view)
    return view


def settle(view: View) -> None:
    """Keep what the step left behind: the program goes on to overwrite it, unrecorded."""
    for chain in (*view.step.parameters, *view.step.state):
        value = view.tape.values[chain.end]
        if isinstance(value, np.ndarray):
            view.tape.values[chain.end] = value.copy()


def _name_nodes(view: View) -> None:
    """Key the nodes of a step; what ran before its start is counted backwards from there.

    A sum that goes on from step to step is first seen, on some tapes, at the place that adds to it: what is only
    read comes last, so that it shifts nothing.
    """
    step, tape = view.step, view.tape
    # On a tape that begins with the step, a parameter is first seen at the place that reads it.
    starts = {c.start for c in step.parameters}
    seen: dict[int, int] = defaultdict(int)
    for n in _leaves_last(view, range(step.start, step.hi), starts):
        site = tape.nodes[n].site
        view.keys[n] = (site, seen[site])
        seen[site] += 1
    seen.clear()
    for n in _leaves_last(view, range(step.start - 1, step.lo - 1, -1), starts):
        site = tape.nodes[n].site
        seen[site] -= 1
        view.keys[n] = (site, seen[site])
    for c in step.parameters:
        site = -1 - c.updates[0].site
        view.keys[c.start] = (site, seen[site])
        seen[site] += 1
    view.by_key.update({key: n for n, key in view.keys.items()})
    for key in sorted(view.by_key):
        view.by_site.setdefault(key[0], []).append(key)


def _leaves_last(view: View, nodes: Iterable[int], starts: Container[int]) -> list[int]:
    found = [n for n in nodes if n in view.masks and n not in starts]
    return sorted(found, key=lambda n: view.tape.nodes[n].prim == "leaf")
