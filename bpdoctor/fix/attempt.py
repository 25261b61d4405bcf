"""The search for a repair in the frame of the user's own program, stopped where the wrong value is made.

Every change is tried by evaluating the changed expression there. What gives the wanted values each time the
place is reached is still only a proposal until the edited program has been examined again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from bpdoctor.fix.called import Called, Change, called_by
from bpdoctor.fix.frames import frames_of, inside, scope_of, waiting_call
from bpdoctor.fix.guard import guarded
from bpdoctor.fix.moment import Candidate, Moment, close, plain, right_apart, weight
from bpdoctor.fix.proposing import Proposing
from bpdoctor.fix.scope import is_numeric, terms_in_scope
from bpdoctor.fix.stored import replaces, stored_calls
from bpdoctor.fix.stretch import Stretch, stretch_of
from bpdoctor.fix.writing import Place, Text
from bpdoctor.model.frame import Stopped

_LONGEST = 140
_MOST_FOUND = 8
_OUTWARD = 2
_NEAR = 0.5
# By how much less likely than the first that fits a change may be that is still tried.
_FARTHER = 0.9
_MOST_NEAR = 5
# Where every trial takes long, only the nearest names are tried.
_FEW_CHANGES = 1500
_FEW_TERMS = 12


@dataclass(slots=True, eq=False)
class Attempt:
    """What a re-run is to do at each moment; `at` is called in the program, `answer` at the end.

    Attributes
    ----------
    path, place, region
        The file and the expression whose value is wrong, and lines before it that may be.
    moments : sequence of Moment
    formulas : sequence of str
        The derivatives of the network's activations, in ``z`` and ``a``.
    texts : mapping of str to str
        The program's files.
    most : int
        How many changes are tried.
    loop : tuple of str and range
        File and lines of the training loop: what is called from outside it is never run again.
    found : list of Candidate or None
        What was found before, to be tried at these moments too.
    lenient : bool
        Whether a change may miss at other moments than the first.
    """

    path: str
    place: Place
    region: frozenset[int]
    moments: Sequence[Moment]
    formulas: Sequence[str]
    texts: dict[str, str]
    tolerance: float
    most: int
    loop: tuple[str, range] = ("", range(0))
    found: list[Candidate] | None = None
    lenient: bool = False
    known: dict[Any, Any] = field(default_factory=dict)
    seen: int = 0

    def at(self, i: int, frames: Sequence[Stopped]) -> list[Candidate] | None:
        """Search at the first telling moment, then hold what was found against the others."""
        moment = self.moments[i]
        if self.found is None:
            return self.searched(moment, frames) if moment.telling else None
        return [c if self.holds(c, moment, frames) else replace(c, missed=c.missed + 1) for c in self.found]

    def take(self, learned: list[Candidate] | None) -> bool:
        """Hear what is left; without anything the search is over.

        At a corner (a tie of two maxima) a right change may give the other derivative, so one miss is forgiven.
        """
        self.seen += learned is not None
        kept = (
            learned if learned is None or self.lenient else [c for c in learned if c.missed - c.near <= self.seen // 3]
        )
        self.found = kept
        return self.found != []

    def answer(self) -> list[Candidate] | None:
        """What was found; None where no moment told wrong from right."""
        return self.found

    def searched(self, moment: Moment, frames: Sequence[Stopped]) -> list[Candidate]:
        found: list[Candidate] = []
        stretch = self.stretch(self.path, self.place)
        within = frames_of(frames, stretch, self.path) if stretch is not None else []
        if stretch is None or not within:
            return []
        inner = inside(frames, *self.loop)
        here = list(frames).index(within[0])
        found += self.tried(stretch, within, moment, self.path, self.place)
        if not found and stretch.root is not None:
            with guarded(stretch, scope_of(within)):
                found += self.in_called(stretch, within, moment)
        for outer in inner[here + 1 : here + 1 + _OUTWARD] if stretch.root is not None and not plain(found) else ():
            path = outer.f_code.co_filename
            place = waiting_call(outer, self.text(path))
            if place is not None:
                beyond = self.stretch(path, place)
                found += self.tried(beyond, [outer], moment, path, place) if beyond is not None else []
        return sorted(found)

    def tried(
        self, stretch: Stretch, within: Sequence[Stopped], moment: Moment, path: str, place: Place
    ) -> list[Candidate]:
        """Every change at one place that gives the wanted value, the likeliest first."""
        scope = scope_of(within)
        try:
            own = stretch.run(scope)
        except Exception:  # what a change that makes no sense may raise
            return []
        if not is_numeric(own) or np.shape(own) != np.shape(moment.own):
            return []  # this is not what gives the value
        # What draws at random gives another value each time: a change must take the place of that.
        drawn = [] if close(own, moment.own, 1e-6) else stretch.calls()
        stored = stored_calls(stretch, scope)
        out: list[Candidate] = []
        near: list[Candidate] = []
        spent = 0
        seen: set[tuple[int, int, str]] = set()
        terms = terms_in_scope(stretch, scope)
        few = terms[: _FEW_TERMS if self.most <= _FEW_CHANGES else None]
        here = Proposing(stretch, scope, few, self.formulas, scope_of(within))
        with guarded(stretch, scope_of(within)):
            for cost, start, end, text in here.offers(own, moment.wanted):
                if (start, end, text) in seen or len(text) > _LONGEST:
                    continue
                seen.add((start, end, text))
                if any(call in stretch.written((start, end, text)) for call in drawn):
                    continue
                if replaces(stored, stretch, (start, end, text)):
                    continue
                spent += 1
                if spent > self.most or len(out) >= _MOST_FOUND or (out and cost > out[0].cost + _FARTHER):
                    break
                share = self.gives(stretch, within, (start, end, text), moment)
                if share == 1.0:
                    out.append(Candidate(0, weight(cost, text), start, end, text, place, path))
                elif share:
                    near.append(Candidate(1, weight(cost, text), start, end, text, place, path, near=True))
        return out or sorted(near)[:_MOST_NEAR]

    def in_called(self, stretch: Stretch, within: Sequence[Stopped], moment: Moment) -> list[Candidate]:
        """Changes of the functions that make the value."""
        out: list[Candidate] = []
        for called in self.called(stretch, within):
            offered = [
                o
                for inner in called.stretches()
                for o in Proposing(inner, called.scope, terms_in_scope(inner, called.scope), self.formulas).inside()
            ]
            for cost, start, end, text in sorted(offered, key=lambda o: o[0])[: self.most // 4]:
                if len(text) > _LONGEST or len(out) >= _MOST_FOUND:
                    continue
                change = (start, end, text)
                share = self.gives_called(change, called, stretch, within, moment)
                if share:
                    name, near = called.definition.name, share < 1.0
                    cost = weight(cost + 0.5, text)
                    out.append(Candidate(near, cost, *change, self.place, self.path, name, called.path, near))
        return out

    def called(self, stretch: Stretch, within: Sequence[Stopped]) -> list[Called]:
        try:
            return called_by(lambda: stretch.run(scope_of(within)), self.text)
        except Exception:  # what a change that makes no sense may raise
            return []

    def gives_called(
        self, change: Change, called: Called, stretch: Stretch, within: Sequence[Stopped], moment: Moment
    ) -> float:
        """What `gives` tells, for a change of a function that is called."""
        try:
            value = called.with_change(change, lambda: stretch.run(scope_of(within)))
        except Exception:  # what a change that makes no sense may raise
            return 0.0
        return self.share(value, moment)

    def gives(self, stretch: Stretch, within: Sequence[Stopped], change: Change, moment: Moment) -> float:
        """1 where a change gives the wanted value, less where only at all entries apart, else 0."""
        try:
            value = stretch.run(scope_of(within), change)
        except Exception:  # what a change that makes no sense may raise
            return 0.0
        return self.share(value, moment)

    def share(self, value: Any, moment: Moment) -> float:
        if close(value, moment.wanted, self.tolerance):
            return 1.0
        return _NEAR if right_apart(value, moment, self.tolerance) else 0.0

    def holds(self, candidate: Candidate, moment: Moment, frames: Sequence[Stopped]) -> bool:
        stretch = self.stretch(candidate.path, candidate.place)
        within = frames_of(frames, stretch, candidate.path) if stretch is not None else []
        if stretch is None or not within:
            return False
        change = candidate.start, candidate.end, candidate.text
        with guarded(stretch, scope_of(within)):
            if candidate.called:
                functions = [c for c in self.called(stretch, within) if c.definition.name == candidate.called]
                share = self.gives_called(change, functions[0], stretch, within, moment) if functions else 0.0
            else:
                share = self.gives(stretch, within, change, moment)
        return share >= (_NEAR if candidate.near else 1.0)

    # ---- places

    def stretch(self, path: str, place: Place) -> Stretch | None:
        if (path, place) not in self.known:
            text = self.text(path)
            node = text.find(place) if text is not None else None
            made = stretch_of(text, node, self.region if path == self.path else ()) if text and node else None
            self.known[path, place] = made
        held: Stretch | None = self.known[path, place]
        return held

    def text(self, path: str) -> Text | None:
        if path not in self.known:
            self.known[path] = Text(self.texts[path]) if path in self.texts else None
        held: Text | None = self.known[path]
        return held
