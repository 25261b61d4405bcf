"""Updates: a value replaced by itself plus something. Chains of them are what persists over steps."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import replace
from itertools import count

import numpy as np

from bpdoctor.identify.entries import apart
from bpdoctor.model.record import record
from bpdoctor.model.tape import CONST, Mark, Node, Store, Tape, Write

# Operations that hand the old value on to the new one.
_SAME = frozenset(
    {"copy", "asarray", "positive", "reshape", "ravel", "squeeze", "astype", "float", "clip", "transpose", "array",
     "where", "maximum", "minimum", "round", "flatten", "expand_dims", "nan_to_num", "atleast_1d", "atleast_2d"}
)  # fmt: skip
# ``np.add.at(W, rows, g)``: entries are changed, one perhaps several times.
_SCATTERED = {"add_at": 1, "subtract_at": -1}
_MOST_VISITS = 400


@record
class Term:
    """One summand of an update: the new value is the old one plus `sign` times node `node`."""

    sign: int
    node: int
    whole: bool


@record
class Update:
    """At `position` and `site`, version `before` of a chain became `after`."""

    position: int
    site: int
    before: int
    after: int
    chain: int
    terms: tuple[Term, ...]


def find_updates(tape: Tape) -> list[Update]:
    """Every self-update on the tape, in order, with the chain of versions it belongs to.

    Notes
    -----
    In-place writes name their old version; such a chain follows the array. A rebinding
    (``W = W - g``) is an update of its slot when the new value carries the slot's previous value; such
    a chain follows the slot until something else is stored there (``total = bias; total += …`` starts
    from the bias and is not an update of it).
    """
    held: dict[tuple[object, ...], tuple[int, int]] = {}
    arrays: dict[int, int] = {}
    added: dict[int, int] = {}
    out: list[Update] = []
    fresh = count(len(tape))
    for event in tape.events:
        if isinstance(event, Write):
            chain = arrays.setdefault(event.before, event.before)
            arrays[event.after] = chain
            before, after = event.before, event.after
        elif isinstance(event, Store):
            known, chain = held.get(event.slot, (CONST, CONST))
            before, after = known if known != CONST else event.before, event.node
            if before == after:
                continue
            if after in arrays:
                held[event.slot] = (after, CONST)
                continue
            if chain == CONST:
                chain = next(fresh)
            held[event.slot] = (after, chain)
        else:
            continue
        own = arrays.get(before)
        terms = carried(tape, after, before, _Others(arrays, own, added, chain)) if before != CONST else None
        if terms is not None:
            out.append(Update(event.position, event.site, before, after, chain, tuple(terms)))
            added.update((t.node, chain) for t in terms)
        elif isinstance(event, Store):
            held[event.slot] = (after, next(fresh))
    return out


@record(eq=False)
class _Others:
    """Versions of other arrays than the one of a chain, and what is added to something else that is updated.

    An error goes into the bias that the next error is computed with: no sum that is carried on.
    """

    arrays: Mapping[int, int]
    own: int | None
    added: Mapping[int, int]
    chain: int

    def __contains__(self, node: object) -> bool:
        array, taken = self.arrays.get(node), self.added.get(node)  # type: ignore[call-overload]
        return (array is not None and array != self.own) or (taken is not None and taken != self.chain)


def carried(tape: Tape, after: int, before: int, others: Container[int] = ()) -> list[Term] | None:
    """Summands by which `after` differs from `before`; None when `before` is not carried over.

    `others` are versions of other arrays: what passes through them is no update of this one.
    """
    if after <= before:
        return None
    walk = _Carry(tape, before, others)
    return walk.terms(after, True)


class _Carry:
    """Depth-first walk from a new version back to the old one along sums and copies."""

    def __init__(self, tape: Tape, before: int, others: Container[int]) -> None:
        self.others = others
        self.tape = tape
        self.before = before
        self.visits = 0
        self.failed: set[int] = set()
        self.written: Node | None = None

    def terms(self, n: int, whole: bool) -> list[Term] | None:
        self.visits += 1
        if n == self.before:
            return []
        if n < self.before or n in self.failed or n in self.others or self.visits > _MOST_VISITS:
            return None
        found = self.step(n, whole)
        if found is None:
            self.failed.add(n)
        return found

    def step(self, n: int, whole: bool) -> list[Term] | None:
        node = self.tape.nodes[n]
        if node.prim in ("add", "subtract"):
            for i in (0, 1):
                rest = self.terms(node.inputs[i], whole) if node.inputs[i] != CONST else None
                if rest is not None:
                    sign = -1 if node.prim == "subtract" and i == 0 else 1
                    other = node.inputs[1 - i]
                    return rest if other == CONST else [*rest, Term(sign, other, whole)]
            return None
        if node.prim == "negative" and node.inputs[0] != CONST:
            rest = self.terms(node.inputs[0], whole)
            return None if rest is None else [replace(term, sign=-term.sign) for term in rest]
        if node.prim in ("setitem", "overlay"):
            self.written = node if node.prim == "setitem" else self.written
            return self.terms(node.inputs[1], False) if node.inputs[1] != CONST else None
        # ``x[t + 1] = x[t] + …`` fills.
        if node.prim == "getitem" and self.written is not None and apart(self.tape, node, self.written):
            return None
        if node.prim in ("getitem", "view"):
            return self.terms(node.inputs[0], False)
        if node.prim in _SCATTERED:
            rest = self.terms(node.inputs[0], False)
            added = [] if node.inputs[1] == CONST else [Term(_SCATTERED[node.prim], node.inputs[1], False)]
            return None if rest is None else [*rest, *added]
        if node.prim in ("multiply", "divide") or node.prim in _SAME:
            for i, source in enumerate(node.inputs if node.prim != "divide" else node.inputs[:1]):
                rest = self.terms(source, whole) if source != CONST else None
                if rest is not None and not (node.prim == "multiply" and self.nonlinear(n, i)):
                    return rest
        return None

    def nonlinear(self, n: int, i: int) -> bool:
        """Whether the old value is multiplied by something made of it, entry by entry: ``z * (1 - z)``.

        A single number is a norm by which an array is rescaled.
        """
        other = self.tape.nodes[n].inputs[1 - i]
        if other == CONST or other <= self.before:
            return other == self.before
        if np.size(self.tape.values[other]) == 1 and np.size(self.tape.values[n]) > 1:
            return False
        pending, seen = [other], {other}
        while pending:
            for source in self.tape.nodes[pending.pop()].inputs:
                if source == self.before:
                    return True
                if source > self.before and source not in seen:
                    seen.add(source)
                    pending.append(source)
        return False


@record
class Iteration:
    """One recorded iteration of one activation of a loop: positions ``start`` to ``stop``."""

    loop: int
    activation: int
    number: int
    start: int
    stop: int
    depth: int


def find_iterations(tape: Tape) -> list[Iteration]:
    """Every complete iteration on the tape; an iteration cut off by the end of the tape counts too."""
    open_: dict[int, Mark] = {}
    out: list[Iteration] = []

    def finish(mark: Mark, stop: int) -> None:
        out.append(Iteration(mark.loop, mark.activation, mark.iteration, mark.position, stop, mark.depth))

    for event in tape.events:
        if isinstance(event, Mark):
            previous = open_.pop(event.activation, None)
            if previous is not None:
                finish(previous, event.position)
            if event.iteration >= 0:
                open_[event.activation] = event
    for mark in open_.values():
        finish(mark, len(tape))
    return sorted(out, key=lambda i: (i.start, -i.stop))
