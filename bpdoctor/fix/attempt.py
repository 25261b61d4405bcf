"""The search for a repair in the frame of the user's own program, stopped where the wrong value is made.

Every change is tried by evaluating the changed expression there. What gives the wanted values each time the
place is reached is still only a proposal until the edited program has been examined again.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

import numpy as np

from bpdoctor.fix.called import Called, called_by
from bpdoctor.fix.changes import changes_of, parts_of, statement_changes
from bpdoctor.fix.composed import composed, instead, missing, slopes
from bpdoctor.fix.scope import Term, evaluated, is_numeric, terms_in_scope
from bpdoctor.fix.stretch import Scope, Stretch, stretch_of
from bpdoctor.fix.writing import Place, Text, factor, held

_LONGEST = 140
_OUTWARD = 2
_MOST_PARTS = 6
_SIMPLE = 1.55
_COMPREHENSIONS = frozenset({"<listcomp>", "<dictcomp>", "<setcomp>", "<genexpr>"})
_FAILS = (Exception,)


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """The wrong value of one execution: what it is and what it should be."""

    own: Any
    wanted: Any

    @property
    def telling(self) -> bool:
        """Whether wrong and right can be told apart here."""
        own, wanted = np.asarray(self.own), np.asarray(self.wanted)
        return bool(np.abs(wanted).max(initial=0.0)) and not close(own, wanted, 1e-6)


@dataclass(frozen=True, slots=True, order=True)
class Candidate:
    """A change of text that gives the wanted value: bytes `start` to `end` of a file written as `text`.

    `place` in the file `path` is where the value is made; the change is there too, or in the function
    `called` there.
    """

    cost: float
    start: int
    end: int
    text: str
    place: Place
    path: str
    called: str = ""
    file: str = ""


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
    found : list of Candidate or None
        What was found before, to be tried at these moments too.
    """

    path: str
    place: Place
    region: frozenset[int]
    moments: Sequence[Moment]
    formulas: Sequence[str]
    texts: dict[str, str]
    tolerance: float
    most: int
    found: list[Candidate] | None = None
    known: dict[Any, Any] = field(default_factory=dict)

    def at(self, i: int, frames: Sequence[FrameType]) -> list[Candidate] | None:
        """Search at the first telling moment, then hold what was found against the others."""
        moment = self.moments[i]
        if self.found is None:
            return self.searched(moment, frames) if moment.telling else None
        return [c for c in self.found if self.holds(c, moment, frames)]

    def take(self, learned: list[Candidate] | None) -> bool:
        """Hear what is left; without anything the search is over."""
        self.found = learned
        return learned != []

    def answer(self) -> list[Candidate]:
        return self.found or []

    def searched(self, moment: Moment, frames: Sequence[FrameType]) -> list[Candidate]:
        found: list[Candidate] = []
        stretch = self.stretch(self.path, self.place)
        within = frames_of(frames, stretch, self.path) if stretch is not None else []
        if stretch is None or not within:
            return []
        here = list(frames).index(within[0])
        found += self.tried(stretch, within, moment, self.path, self.place)
        if not found and stretch.root is not None:
            found += self.in_called(stretch, within, moment)
        for outer in frames[here + 1 : here + 1 + _OUTWARD] if stretch.root is not None and not _plain(found) else ():
            called = self.call_in(outer)
            if called is not None:
                path, place = called
                beyond = self.stretch(path, place)
                found += self.tried(beyond, [outer], moment, path, place) if beyond is not None else []
        return sorted(found)

    def tried(
        self, stretch: Stretch, within: Sequence[FrameType], moment: Moment, path: str, place: Place
    ) -> list[Candidate]:
        """Every change at one place that gives the wanted value, the likeliest first."""
        scope = scope_of(within)
        try:
            own = stretch.run(scope)
        except _FAILS:
            return []
        if not is_numeric(own) or not close(own, moment.own, 1e-6):
            return []  # run again, it gives another value: nothing can be learned here
        out: list[Candidate] = []
        spent = 0
        seen: set[tuple[int, int, str]] = set()
        for cost, start, end, text in self.proposed(stretch, scope, own, moment):
            if (start, end, text) in seen or len(text) > _LONGEST:
                continue
            seen.add((start, end, text))
            spent += 1
            if spent > self.most or len(out) >= 8:
                break
            if self.gives(stretch, within, (start, end, text), moment):
                out.append(Candidate(_weight(cost, text), start, end, text, place, path))
        return out

    def in_called(self, stretch: Stretch, within: Sequence[FrameType], moment: Moment) -> list[Candidate]:
        """Changes of the functions that make the value."""
        out: list[Candidate] = []
        for called in self.called(stretch, within):
            offered = [o for inner in called.stretches() for o in self.inside(inner, called.scope)]
            for cost, start, end, text in sorted(offered, key=lambda o: o[0])[: self.most // 4]:
                found = Candidate(
                    _weight(cost + 0.5, text),
                    start,
                    end,
                    text,
                    self.place,
                    self.path,
                    called.definition.name,
                    called.path,
                )
                if len(text) <= _LONGEST and len(out) < 8 and self.gives_called(found, called, stretch, within, moment):
                    out.append(found)
        return out

    def called(self, stretch: Stretch, within: Sequence[FrameType]) -> list[Called]:
        try:
            return called_by(lambda: stretch.run(scope_of(within)), self.text)
        except _FAILS:
            return []

    def inside(self, stretch: Stretch, scope: Scope) -> Iterator[tuple[float, int, int, str]]:
        """Changes of one expression of a called function; what it should give there is not known."""
        terms = terms_in_scope(stretch, scope)
        text = stretch.text
        for node in stretch.expressions():
            for cost, at, new in changes_of(node, text, terms, lambda n: _shape(stretch, scope, n)):
                yield cost, *_written(text, at, new)
        shape = _shape(stretch, scope, stretch.root) if stretch.root is not None else None
        for t in slopes(stretch, scope, self.formulas, terms, shape or ()):
            if stretch.root is not None:
                yield 1.2, *_written(text, stretch.root, t.text)
                yield 1.4, *_written(text, stretch.root, f"{held(text.of(stretch.root))} * {factor(t.text)}")

    def gives_called(
        self, found: Candidate, called: Called, stretch: Stretch, within: Sequence[FrameType], moment: Moment
    ) -> bool:
        try:
            value = called.with_change((found.start, found.end, found.text), lambda: stretch.run(scope_of(within)))
        except _FAILS:
            return False
        return close(value, moment.wanted, self.tolerance)

    def proposed(
        self, stretch: Stretch, scope: Scope, own: Any, moment: Moment
    ) -> Iterator[tuple[float, int, int, str]]:
        """Changes, the likeliest first."""
        terms = terms_in_scope(stretch, scope)
        shapes: dict[ast.expr, tuple[int, ...] | None] = {}

        def shape(node: ast.expr) -> tuple[int, ...] | None:
            if node not in shapes:
                shapes[node] = _shape(stretch, scope, node)
            return shapes[node]

        text, out = stretch.text, []
        for statement in stretch.before:
            for inner in ast.walk(statement):
                if isinstance(inner, ast.stmt):
                    out += list(statement_changes(inner, text))
        for node in stretch.expressions():
            for cost, at, new in changes_of(node, text, terms, shape):
                distance = (
                    0.3
                    if at is not stretch.root and stretch.root is not None and not _under(text, at, stretch.root)
                    else 0.0
                )
                out.append((cost + distance, *_written(text, at, new)))
        if stretch.root is not None:
            out += list(self.rebuilt(stretch, scope, own, moment, terms))
        return iter(sorted((o for o in out if o[3]), key=lambda o: o[0]))

    def rebuilt(
        self, stretch: Stretch, scope: Scope, own: Any, moment: Moment, terms: list[Term]
    ) -> Iterator[tuple[float, int, int, str]]:
        """The root, or a part of it, with something more; then something else in its place."""
        text, root = stretch.text, stretch.root
        assert root is not None
        pools = self.pools(stretch, scope, terms, np.shape(own), np.shape(moment.wanted))
        parts = [(0.0, root, own)]
        for inner in parts_of(root):
            value = evaluated(stretch, scope, text.of(inner))
            if is_numeric(value) and len(parts) <= _MOST_PARTS:
                parts.append((0.2, inner, value))
        for more, part, value in parts:
            for cost, new in missing(value, moment.wanted, text.of(part), terms, pools):
                yield cost + more, *_written(text, root, new)
        for cost, new in instead(moment.wanted, terms, pools):
            yield cost, *_written(text, root, new)

    def pools(
        self, stretch: Stretch, scope: Scope, terms: list[Term], own: tuple[int, ...], wanted: tuple[int, ...]
    ) -> list[Term]:
        derived = list(slopes(stretch, scope, self.formulas, terms, own))
        return [*derived, *composed(terms, wanted)]

    def gives(
        self, stretch: Stretch, within: Sequence[FrameType], change: tuple[int, int, str], moment: Moment
    ) -> bool:
        try:
            return close(stretch.run(scope_of(within), change), moment.wanted, self.tolerance)
        except _FAILS:
            return False

    def holds(self, candidate: Candidate, moment: Moment, frames: Sequence[FrameType]) -> bool:
        stretch = self.stretch(candidate.path, candidate.place)
        within = frames_of(frames, stretch, candidate.path) if stretch is not None else []
        if stretch is None or not within:
            return False
        if candidate.called:
            functions = [c for c in self.called(stretch, within) if c.definition.name == candidate.called]
            return bool(functions) and self.gives_called(candidate, functions[0], stretch, within, moment)
        return self.gives(stretch, within, (candidate.start, candidate.end, candidate.text), moment)

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

    def call_in(self, frame: FrameType) -> tuple[str, Place] | None:
        """The call that a frame waits for."""
        path = frame.f_code.co_filename
        text = self.text(path)
        spot = list(frame.f_code.co_positions())[frame.f_lasti // 2]
        if text is None or None in spot:
            return None
        place = (spot[0], spot[2], spot[1], spot[3], "Call")
        return (path, place) if text.find(place) is not None else None  # type: ignore[arg-type, return-value]


def scope_of(within: Sequence[FrameType]) -> Scope:
    """The names of a frame and of the comprehensions that run in it, in a dictionary of their own."""
    scope = dict(within[0].f_globals)
    for frame in within:
        scope.update(frame.f_locals)
    return scope


def close(value: Any, wanted: Any, tolerance: float) -> bool:
    """Whether two values are equal, shape and all."""
    try:
        a, b = np.asarray(value, dtype=np.float64), np.asarray(wanted, dtype=np.float64)
    except (TypeError, ValueError):
        return False
    if a.shape != b.shape or not np.isfinite(a).all():
        return False
    return bool(np.abs(a - b).max(initial=0.0) <= tolerance * max(np.abs(b).max(initial=0.0), 1e-300))


def frames_of(frames: Sequence[FrameType], stretch: Stretch, path: str) -> list[FrameType]:
    """The frame that executes a stretch, then those of the comprehensions that it is in the middle of."""
    node: ast.AST = stretch.root if stretch.root is not None else stretch.before[-1]
    around = stretch.text.scope(node)
    name = getattr(around, "name", "<lambda>" if isinstance(around, ast.Lambda) else "<module>")
    for i, frame in enumerate(frames):
        if frame.f_code.co_filename == path and frame.f_code.co_name == name:
            inner = [f for f in frames[:i] if f.f_code.co_name in _COMPREHENSIONS]
            return [frame, *inner[::-1]]
    return []


def _shape(stretch: Stretch, scope: Scope, node: ast.expr) -> tuple[int, ...] | None:
    data = stretch.text.data[stretch.text.start(node) : stretch.text.end(node)]
    if isinstance(node, ast.Slice | ast.Tuple | ast.List | ast.Starred | ast.JoinedStr | ast.FormattedValue):
        return None
    try:
        value = eval(stretch.compiled(b"(" + data + b")", "eval"), scope)
        return np.shape(value) if isinstance(value, np.ndarray | float | int | np.number) else None
    except _FAILS:
        return None


def _weight(cost: float, text: str) -> float:
    """What a change costs: among equals the shorter text is the better one."""
    return round(cost + 0.002 * len(text), 4)


def _plain(found: Sequence[Candidate]) -> bool:
    """Whether one of the changes is simple enough to look no further."""
    return any(c.cost < _SIMPLE for c in found)


def _under(text: Text, node: ast.AST, root: ast.AST) -> bool:
    return node is root or root in text.above(node)


def _written(text: Text, node: ast.expr, new: str) -> tuple[int, int, str]:
    try:
        return text.written(node, new)
    except SyntaxError:
        return 0, 0, ""
