"""Wrong arrays in right formulas: a backward value that becomes right once one array it reads is exchanged.

What is tried in its place: the array as it was before it was overwritten, what the same expression gave in the
pass that the loss belongs to, and what stands beside it in the forward formula, where a cache holds another.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from typing import Any

import numpy as np

from bpdoctor.autodiff.replay import NotReplayed, recompute
from bpdoctor.diagnose.believed import Fault, Key, believing, shaped
from bpdoctor.diagnose.masks import is_mask
from bpdoctor.diagnose.passes import Pass, factor
from bpdoctor.model.record import record
from bpdoctor.model.tape import Write

_MOST_CELLS = 12
_DEEPEST = 60
_SAME = 1e-6


@record
class Cause:
    """A wrong value comes from an array that was read for another.

    `slug` names the fault; at `site` the wrong array came to be where it is read, and `read` reads it. `origin` is
    the same for wrong values that come from one event: a write, a call that left its arrays behind.
    """

    slug: str
    site: int
    read: int
    note: str
    should: str
    origin: tuple[Any, ...]


@record(eq=False)
class Exchange:
    """Arrays to be put in the place of others, with what that would mean; the same label in every step."""

    label: tuple[Any, ...]
    values: Mapping[int, Any]
    cause: Cause


def cause_of(fault: Fault, sites: Any, known: Container[Any] = ()) -> Cause | None:
    """The exchange of arrays that makes all the fault's values right, in all steps in which they are wrong.

    `known` are the origins of other faults: what is proved of a call for one value goes for all that it left.
    """
    alive: dict[tuple[Any, ...], tuple[Cause, float]] | None = None
    for trial in fault.assessment.trials:
        if trial.view.tape is not fault.assessment.trials[0].view.tape:
            continue  # a probe: what an earlier step left behind is not on its tape
        seen = believing(trial, fault)
        run = Pass(seen, sites)
        for pair in fault.pairs[:_MOST_CELLS]:
            cell = _Cell.of(seen, run, pair, fault.scale, known)
            if cell is None or cell.scale({}) is not None:
                continue
            alive = _surviving(cell, alive)
            if not alive:
                return None
    return next(cause for cause, _ in alive.values()) if alive else None


def _surviving(
    cell: _Cell, alive: dict[tuple[Any, ...], tuple[Cause, float]] | None
) -> dict[tuple[Any, ...], tuple[Cause, float]]:
    """The exchanges that make this value right too, by the factor by which they made the others right."""
    out: dict[tuple[Any, ...], tuple[Cause, float]] = {}
    for x in cell.exchanges():
        cause, before = (alive or {}).get(x.label, (x.cause, None))
        if x.label in out or (alive is not None and before is None):
            continue
        k = cell.scale(x.values)
        if k is not None and (not before or not k or abs(k / before - 1) < _SAME):
            out[x.label] = (cause, before or k)
    return out


class _Cell:
    """One wrong value in one step, and how it was computed."""

    def __init__(self, run: Pass, user: int, forward: int, wanted: Any, known: Container[Any]) -> None:
        self.run, self.user, self.forward, self.wanted, self.known = run, user, forward, wanted, known
        self.inner, self.leaves = _made_of(run, user)

    @classmethod
    def of(cls, trial: Any, run: Pass, pair: tuple[Key, Key], scale: float, known: Container[Any]) -> _Cell | None:
        user, forward = (trial.view.by_key.get(k) for k in pair)
        if user is None or forward is None or trial.adjoints.get(forward) is None:
            return None
        true = trial.adjoints.replaced.get(forward, trial.adjoints.get(forward))
        return cls(run, user, forward, np.asarray(true) * scale, known)

    def scale(self, values: Mapping[int, Any]) -> float | None:
        """The factor by which the value is right once these arrays stand in the place of others; None if it is not."""
        held = dict(values)
        try:
            with np.errstate(all="ignore"):
                for n in self.inner:
                    if n not in values and any(s in held for s in self.run.tape.nodes[n].inputs):
                        held[n] = recompute(self.run.tape, n, held)
        except NotReplayed:
            return None
        found = shaped(held.get(self.user, self.run.tape.values[self.user]), np.shape(self.wanted))
        return None if found is None else factor(found, self.wanted)

    def exchanges(self) -> Iterator[Exchange]:
        """What may have been read for what."""
        yield from self.overwritten()
        yield from self.other_calls()
        yield from self.cached()

    def overwritten(self) -> Iterator[Exchange]:
        """An array of the forward pass, as it was before something was written into it."""
        for s in self.leaves:
            for write in self.run.writes_before(s):
                old = write.before
                if (
                    old in self.run.computed
                    and self.differ(s, old)
                    and (self.handed_over(s, write) or not self.run.second_name(old))
                ):
                    note = "the same with an array that was overwritten in between"
                    slug, label = "cache-mutated-before-backward", ("written", write.site)
                    cause = Cause(slug, write.site, self.reader(s), note, self.words(old), label)
                    yield Exchange(label, {s: self.value(old)}, cause)

    def handed_over(self, s: int, write: Write) -> bool:
        """Whether the array is read in another function than the one that writes into it."""
        return bool(self.run.sites[self.reader(s)].scope != self.run.sites[write.site].scope)

    def other_calls(self) -> Iterator[Exchange]:
        """What the same expressions gave in the pass that the loss belongs to."""
        groups: dict[Any, dict[int, int]] = {}
        for s in self.leaves:
            for shift, t in self.run.counterparts(s):
                if self.differ(s, t):
                    groups.setdefault((shift, None), {})[s] = t
                    groups.setdefault((shift, self.run.tape.nodes[s].site), {})[s] = t
        for (shift, only), pairs in groups.items():
            origin = ("call", shift)
            if origin in self.known or self.run.foreign(pairs):
                s, t = next(iter(pairs.items()))
                read, kept = self.reader(s), self.run.kept_at(s, self.user)
                drawn = kept is None and all(n not in self.run.masks and is_mask(self.value(n)) for n in (s, t))
                note = "the same with " + ("a mask that was drawn anew" if drawn else "what another call left behind")
                slug = "dropout-mask" if drawn else "stale-cache"
                cause = Cause(slug, read if kept is None else kept, read, note, self.words(t), origin)
                yield Exchange((*origin, only), {a: self.value(b) for a, b in pairs.items()}, cause)

    def cached(self) -> Iterator[Exchange]:
        """What the forward formula has in that place, where it is not what was put away for the backward pass."""
        near = self.run.beside(self.forward)
        for s in self.leaves:
            read = self.reader(s)
            put = self.run.put_away(s) if self.run.taken_out(read) else None
            if put is None:
                continue
            for (site, operand), t in near.items():
                if t not in put[1] and self.differ(s, t):
                    note = "the same with another array, which was put away for the backward pass"
                    cause = Cause("stale-cache", put[0], read, note, self.words(t), ("cached", put[0]))
                    yield Exchange(("cached", site, operand, read), {s: self.value(t)}, cause)

    def value(self, n: int) -> Any:
        return self.run.tape.values[n]

    def differ(self, s: int, t: int) -> bool:
        """Whether one can stand for the other and changes something."""
        a, b = self.value(s), self.value(t)
        return s != t and np.shape(a) == np.shape(b) and not np.array_equal(np.asarray(a), np.asarray(b))

    def reader(self, s: int) -> int:
        """The expression that takes the wrong array in."""
        nodes = self.run.tape.nodes
        return int(next((nodes[n].site for n in self.inner if s in nodes[n].inputs), nodes[self.user].site))

    def words(self, t: int) -> str:
        text = " ".join(self.run.sites[self.run.tape.nodes[t].site].text.split())
        line = self.run.sites[self.run.tape.nodes[t].site].line
        return f"the same with `{text[:50]}` of line {line} as the loss saw it"


def _made_of(run: Pass, user: int) -> tuple[list[int], list[int]]:
    """(operations on the way, arrays they start from) of a backward value, up to values that are right."""
    written = {e.after for e in run.writes}
    inner, leaves, pending = {user}, set(), [user]
    while pending and len(inner) < _DEEPEST:
        for s in run.tape.nodes[pending.pop(0)].inputs:
            if s < 0 or s in inner or s in leaves:
                continue
            own = s in run.masks and s not in run.forward
            if own and s not in written and run.right(s):
                continue
            if not own or s in written or s < run.end or run.elsewhere(s):
                leaves.add(s)
            if s >= run.start and s not in run.forward and s not in written:
                inner.add(s)
                pending.append(s)
    return sorted(inner), sorted(leaves, reverse=True)
