"""Which of the user's values stands for which forward value, where expressions are executed repeatedly."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from functools import cached_property
from itertools import groupby, pairwise, product
from typing import Any

import numpy as np

from bpdoctor.diagnose.believed import Key, Pair
from bpdoctor.model.tape import CONST, Store

MOST_TARGETS = 24


class Pairings:
    """Ways to pair executions of one expression with those of another, each worked out once.

    `reached` are the nodes that have an adjoint.
    """

    def __init__(self, view: Any, reached: Collection[int]) -> None:
        self.view = view
        self.reached = reached
        self.known: dict[tuple[Any, ...], list[tuple[Pair, ...]]] = {}
        self.sums: dict[int, bool] = {}

    def of(self, source: int, target: int, *, alone: bool) -> Iterable[tuple[Pair, ...]]:
        """Pairs for one of the user's values and a forward value of as many entries.

        Notes
        -----
        One array stands for one adjoint; numbers of one expression stand together for those of another.
        Either all executions are paired or, with `alone`, this one of several.
        """
        view = self.view
        if source not in view.keys or target not in view.keys:
            return
        shape, other_shape = shape_of(view.tape.values[source]), shape_of(view.tape.values[target])
        if shape != other_shape and math.prod(shape) != math.prod(other_shape):
            return
        one, other = view.keys[source], view.keys[target]
        which = (one[0], other[0], shape, other_shape)
        if which not in self.known:
            self.known[which] = list(self.together(*which))
        if not alone:
            yield from self.known[which]
            yield from self.in_turns(source, target)
            if self.gathered(source) and self.count(other[0], other_shape) == 1:
                yield ((one, other),)
        elif (shape or self.count(one[0], shape) == 1) and sum(len(p) for p in self.known[which][:1]) != 1:
            yield ((one, other),)

    def gathered(self, source: int) -> bool:
        """Whether a value is what an expression made in the end, each time of what it made before: a sum of parts."""
        if source not in self.sums:
            self.sums[source] = self._gathered(source)
        return self.sums[source]

    def _gathered(self, source: int) -> bool:
        nodes, view = self.view.tape.nodes, self.view
        keys = (k for k in view.by_site.get(view.keys[source][0], ()) if _in_step(view, k))
        made = [n for n in (view.by_key[k] for k in keys) if nodes[n].prim == nodes[source].prim]
        return len(made) > 1 and made[-1] == source and made[-2] in nodes[source].inputs

    def in_turns(self, source: int, target: int) -> Iterable[tuple[Pair, ...]]:
        """All that one statement keeps in a loop, with what another had before each of its turns, the last first.

        Notes
        -----
        ``for layer in layers: x = layer.forward(x)`` and ``for layer in reversed(layers): d = layer.backward(d)``:
        what is passed on comes from different expressions, and stands for the inputs of the layers. What this one
        expression gives, in layers of any width, is tried before all of them.
        """
        site = self.view.tape.nodes[source].site
        for ours in self.keeping.get(source, ()):
            at = [i for i, n in enumerate(ours) if n == source]
            for _, before in self.turns:
                if len(ours) != len(before) or all(before[-1 - i] != target for i in at):
                    continue
                pairs = [p for p in zip(ours, reversed(before), strict=True) if p[1] != CONST]
                if all(map(self.fits, pairs)):
                    own = [p for p in pairs if self.view.tape.nodes[p[0]].site == site]
                    for chosen in [own] * (1 < len(own) < len(pairs)) + [pairs]:
                        yield tuple((self.view.keys[n], self.view.keys[m]) for n, m in chosen)

    def fits(self, pair: tuple[int, int]) -> bool:
        view = self.view
        shapes = [shape_of(view.tape.values[n]) for n in pair if n in view.keys]
        return len(shapes) == 2 and shapes[0] == shapes[1] and pair[1] in self.reached

    @cached_property
    def turns(self) -> list[tuple[list[int], list[int]]]:
        """What each statement that is executed several times keeps, and what its name held before."""
        view = self.view
        found: dict[int, list[tuple[int, int]]] = {}
        held: dict[tuple[Any, ...], int] = {}
        for event in view.tape.events:
            if isinstance(event, Store) and view.step.lo <= event.position <= view.step.stop:
                found.setdefault(event.site, []).append((event.node, held.get(event.slot, CONST)))
                held[event.slot] = event.node
        several = [stores for stores in found.values() if len(stores) > 1]
        return [([n for n, _ in stores], [before for _, before in stores]) for stores in several]

    @cached_property
    def keeping(self) -> dict[int, list[list[int]]]:
        """Of each value, the turns in which it is kept."""
        out: dict[int, list[list[int]]] = {}
        for kept, _ in self.turns:
            for n in dict.fromkeys(kept):
                out.setdefault(n, []).append(kept)
        return out

    def fresh(
        self, source: int, targets: Iterable[int], done: set[tuple[Pair, ...]], *, alone: bool
    ) -> Iterable[tuple[Pair, ...]]:
        """Pairs of a value with the first of the targets that it was not paired with before."""
        tried = 0
        for target in targets:
            if tried >= MOST_TARGETS:
                break
            fresh = [p for p in self.of(source, target, alone=alone) if p not in done]
            tried += bool(fresh)
            done.update(fresh)
            yield from fresh

    def together(
        self, ours_at: int, theirs_at: int, shape: tuple[int, ...], other_shape: tuple[int, ...]
    ) -> Iterable[tuple[Pair, ...]]:
        """All executions of one expression with those of the other."""
        view = self.view
        ours = [k for k in view.by_site.get(ours_at, ()) if _in_step(view, k) and _shape(view, k) == shape]
        theirs = [k for k in view.by_site.get(theirs_at, ()) if view.by_key[k] in self.reached]
        theirs = [k for k in theirs if _shape(view, k) == other_shape]
        if len(ours) == len(theirs):
            yield tuple(zip(ours, theirs, strict=True))
        if len(ours) > 1:
            yield from nested(view, ours, theirs)
        if len(ours) > 1 and shape == other_shape == ():
            yield from layered(view, finished(view, ours), finished(view, theirs))

    def count(self, site: int, shape: tuple[int, ...]) -> int:
        """How often an expression gave a value of this shape in the step."""
        return self.counted[site, shape]

    @cached_property
    def counted(self) -> Counter[tuple[int, tuple[int, ...]]]:
        view = self.view
        return Counter(
            (site, _shape(view, k)) for site, keys in view.by_site.items() for k in keys if _in_step(view, k)
        )


def nested(view: Any, ours: list[Key], theirs: list[Key]) -> Iterable[tuple[Pair, ...]]:
    """Last in, first out: going back, each value stands for the latest forward value that is still open.

    Notes
    -----
    That is the order of layers, of time steps, and of either within each sample. The units of one layer, where
    they are numbers, are mostly gone through in the same order both ways. Of more forward than backward values
    in a stretch, the outermost (an output layer of its own) or the innermost is left out.
    """
    forward = [(view.by_key[k], False, k) for k in theirs]
    places = sorted([*forward, *((view.by_key[k], True, k) for k in ours)])
    numbers = bool(ours) and _shape(view, ours[0]) == ()
    for outermost, turned in product((True, False), (True, False) if numbers else (True,)):
        out: list[Pair] = []
        waiting: list[Key] = []
        for back, run in groupby(places, key=lambda p: p[1]):
            keys = [k for _, _, k in run]
            if not back:
                waiting = keys
                continue
            spare = max(len(waiting) - len(keys), 0)
            waiting = waiting[: len(waiting) - spare] if outermost else waiting[spare:]
            out.extend(zip(keys, reversed(waiting) if turned else waiting, strict=False))
        if len(out) == len(ours):
            yield tuple(out)
        if len(ours) == len(theirs):
            return  # all of them in their order is another pairing


def layered(view: Any, ours: list[Key], theirs: list[Key]) -> Iterable[tuple[Pair, ...]]:
    """Layer by layer, the last first, and the units of a layer in the same order both ways.

    Notes
    -----
    Where more layers are passed forward than backward, the outermost or the innermost are left out.
    """
    forward = [(view.by_key[k], False, k) for k in theirs]
    places = sorted([*forward, *((view.by_key[k], True, k) for k in ours)])
    for outermost in (True, False):
        out: list[Pair] = []
        waiting: list[list[Key]] = []
        for back, run in groupby(places, key=lambda p: p[1]):
            groups = layers(view, [k for _, _, k in run])
            if not back:
                waiting = groups[::-1]
                continue
            start = 0 if outermost else len(waiting) - len(groups)
            for one, other in zip(groups, waiting[start:] if start >= 0 else (), strict=False):
                out.extend(zip(one, other, strict=False) if len(one) == len(other) else ())
        if len(out) == len(ours):
            yield tuple(out)
        if len(ours) == len(theirs):
            return


def finished(view: Any, keys: list[Key]) -> list[Key]:
    """Executions of an expression without those that the next one goes on from: sums in the making."""
    nodes = view.tape.nodes
    passed = {k for k, after in pairwise(keys) if view.by_key[k] in nodes[view.by_key[after]].inputs}
    return [k for k in keys if k not in passed]


def layers(view: Any, keys: list[Key]) -> list[list[Key]]:
    """Executions in their order, parted where one is computed from another of its part."""
    out: list[list[Key]] = []
    part: set[int] = set()
    first = 0
    # What is known to be computed from nothing of the part need not be looked at again.
    apart: set[int] = set()
    for key in keys:
        n = view.by_key[key]
        if not out or _computed_from(view.tape.nodes, n, part, first, apart):
            out.append([])
            part, first, apart = set(), n, set()
        out[-1].append(key)
        part.add(n)
        first = min(first, n)
    return out


def _computed_from(nodes: Sequence[Any], n: int, part: set[int], first: int, apart: set[int]) -> bool:
    """Whether a value is made of one of `part`, the first of which is `first`; if not, all it is made of is `apart`."""
    pending, seen = [n], set()
    while pending:
        for s in nodes[pending.pop()].inputs:
            if s in part:
                return True
            if s >= first and s not in seen and s not in apart:
                seen.add(s)
                pending.append(s)
    apart |= seen
    return False


def _in_step(view: Any, key: Key) -> bool:
    node: int = view.by_key[key]
    return bool(view.step.start <= node < view.step.stop)


def _shape(view: Any, key: Key) -> tuple[int, ...]:
    return shape_of(view.tape.values[view.by_key[key]])


def shape_of(value: Any) -> tuple[int, ...]:
    """The shape of a recorded value; of numbers there may be very many."""
    return value.shape if isinstance(value, np.ndarray) else ()
