"""A wrong sum taken apart: which of its terms is wrong, or from which sum one is missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from bpdoctor.autodiff.registry import vjp
from bpdoctor.diagnose.reach import descendants
from bpdoctor.diagnose.reads import gathers
from bpdoctor.diagnose.structures import MOVES
from bpdoctor.model.tape import CONST

Array = Any
_SAME = 1e-7
_DEEPEST = 6
_MOST_TARGETS = 24
_MOST_COMPARED = 400
_MOST_PULLS = 4000


@dataclass(slots=True)
class _Split:
    """Terms of the sum `of`: those that fit (place of the contribution, sum of its statement), and the others."""

    fitting: list[tuple[int, int]]
    strange: list[int]
    of: int = CONST


class Terms:
    """The sums of one step's backward code against the contributions that make up true adjoints.

    Notes
    -----
    The adjoint of a value is the sum of what comes back from each place that reads it. A program that adds
    these up writes them as terms, often in several statements and from one time step to the next; so each
    term can be held against a contribution, and the one that fits none is where the sum goes wrong.
    """

    def __init__(self, trial: Any, scale: float, sites: Any) -> None:
        self.trial, self.scale, self.sites = trial, scale, sites
        self.view, self.tape = trial.view, trial.view.tape
        self.seen: set[int] = set()
        self.known: dict[int, list[tuple[int, Array]]] = {}
        self.readers: dict[int, list[tuple[int, int]]] = {}
        for m in sorted(trial.adjoints.values):
            for i, s in enumerate(self.tape.nodes[m].inputs):
                self.readers.setdefault(s, []).append((m, i))
        self.left, self.pulls = _MOST_COMPARED, _MOST_PULLS

    def guilty(self, user: int, forward: int, depth: int = 0) -> int | None:
        """The node of the wrong term, or of the sum that lacks one; None where `user` is made of no such sum."""
        told = self._taken_apart(user, forward)
        if told is not None or depth > _DEEPEST:
            return told
        for operand in self._above(user):
            for other in self._meant(operand, forward):
                told = self.guilty(operand, other, depth + 1)
                if told is not None:
                    return told
        return None

    def _above(self, user: int) -> Iterator[int]:
        """Backward values that a value is made of."""
        for s in self.tape.nodes[user].inputs:
            if self._backward(s) and s not in self.seen:
                self.seen.add(s)
                yield s

    def _backward(self, node: int) -> bool:
        return node >= self.view.step.start and node not in self.trial.adjoints.values

    def _meant(self, user: int, forward: int) -> list[int]:
        """Forward values nearer to the loss that a backward value may be meant for."""
        shape = np.shape(self.tape.values[user])
        later = {n for n in self.trial.adjoints.values if n > forward}
        ahead = sorted(descendants(self.tape, [forward], later) - {forward})
        fitting = (n for n in ahead if np.shape(self.tape.values[n]) == shape and len(self._contributions(n)) > 1)
        return list(islice(fitting, _MOST_TARGETS))

    def strays(self, user: int, forward: int, *, backwards: bool) -> list[tuple[int, Array]]:
        """The wrong terms of a sum, each with the contribution that it stands for.

        Several are those of one expression that is run for each of them, from the last use to the first or `backwards`
        to that.
        """
        missing = dict(enumerate(self._contributions(forward)))
        found = self._parts(user, forward, missing)
        sites = {self.tape.nodes[n].site for n in found.strange}
        if not missing or len(missing) != len(found.strange) or len(sites) > 1:
            return []
        wanted = [g * self.scale for _, g in sorted(missing.values(), key=lambda part: -part[0])]
        return list(zip(sorted(found.strange, reverse=backwards), wanted, strict=True))

    def _parts(self, user: int, forward: int, missing: dict[int, tuple[int, Array]]) -> _Split:
        """The sum in terms; what fits is no longer missing, zeros that begin a sum are no terms."""
        found = _Split([], [], user)
        self._split(user, user, forward, missing, found)
        found.strange = [n for n in found.strange if np.any(self.tape.values[n]) or self._again(n)]
        return found

    def _taken_apart(self, user: int, forward: int) -> int | None:
        self.left -= 1
        missing = dict(enumerate(self._contributions(forward)))
        if len(missing) < 2 or self.left < 0:
            return None
        found = self._parts(user, forward, missing)
        if not found.fitting or not missing:
            return None
        if found.strange:
            return found.strange[0] if len(found.strange) == 1 else None
        used = sum(user in self.tape.nodes[n].inputs for n in range(user + 1, self.view.step.stop))
        if self.tape.nodes[user].prim != "add" and used > 1:
            return None  # right by itself: what lacks a term is what is made of it here
        lost = min(place for place, _ in missing.values())
        return min(found.fitting, key=lambda f: abs(f[0] - lost))[1]

    def _split(self, node: int, total: int, forward: int, missing: dict[int, tuple[int, Array]], found: _Split) -> None:
        """Match a value with what is still missing of an adjoint, or else the terms it is the sum of."""
        match = self._found(node, forward, missing)
        entry = self.tape.nodes[node]
        if match is not None:
            found.fitting.append((missing.pop(match)[0], total))
        elif entry.prim == "add" and all(self._backward(s) for s in entry.inputs):
            inner = _Split([], [])
            for s in entry.inputs:
                own = self.statement(s) is self.statement(node)
                self._split(s, total if own else s, forward, missing, inner)
            # A right derivative of something else, handed on as it is, is one term however it was made.
            whole = not inner.fitting and node != found.of and self.right(node)
            found.fitting += inner.fitting
            found.strange += [node] if whole else inner.strange
        else:
            found.strange.append(node)

    def _contributions(self, forward: int) -> list[tuple[int, Array]]:
        """What comes back to a forward value from each of its readers, through mere moves of it."""
        if forward in self.known:
            return self.known[forward]
        out: list[tuple[int, Array]] = []
        for m, i in self.readers.get(forward, ()):
            entry = self.tape.nodes[m]
            moved = entry.prim in MOVES - {"overlay", "setitem"} and not gathers(entry)
            parts = self._contributions(m) if moved else []
            if entry.prim == "setitem" and i == 1:
                parts = self._of_slot(m)
            for place, g in parts if len(parts) > 1 else [(m, self.trial.adjoints.get(m))]:
                value = self._pulled(m, i, g)
                if value is not None and np.any(value):
                    out.append((place, value))
        self.known[forward] = out
        return out

    def _of_slot(self, written: int) -> list[tuple[int, Array]]:
        """What comes back to an array, from each reader of it and of later versions, that tells of the part written."""
        out: list[tuple[int, Array]] = []
        version: int | None = written
        while version is not None:
            later = None
            for m, i in self.readers.get(version, ()):
                if i == 0 and self.tape.nodes[m].prim in ("setitem", "overlay"):
                    later = m
                    continue
                self.pulls -= 1
                whole = self._pulled(m, i, self.trial.adjoints.get(m)) if self.pulls >= 0 else None
                part = None if whole is None else self._pulled(written, 1, whole)
                if part is None:
                    return []
                if np.any(part):
                    out.append((m, whole))
            version = later
        if not out:
            return []
        true = self._pulled(written, 1, self.trial.adjoints.get(written))
        total = self._pulled(written, 1, sum(g for _, g in out))
        # What was written over counts no more.
        return out if true is not None and total is not None and np.allclose(total, true) else []

    def _pulled(self, m: int, i: int, g: Array) -> Array | None:
        node = self.tape.nodes[m]
        operands = tuple(
            c if s == CONST else self.tape.values[s] for s, c in zip(node.inputs, node.consts, strict=True)
        )
        try:
            return vjp(node.prim, i, g, self.tape.values[m], operands, node.static)
        except Exception:  # no derivative is known here
            return None

    def _found(self, node: int, forward: int, missing: dict[int, tuple[int, Array]]) -> int | None:
        value = np.asarray(self.tape.values[node], dtype=np.float64) / self.scale
        shape = np.shape(self.tape.values[forward])
        if value.size != int(np.prod(shape)):
            return None
        value, size = value.reshape(shape), np.abs(value).max(initial=0)
        for k, (_, wanted) in missing.items():
            if size and np.abs(value - wanted).max() <= _SAME * size:
                return k
        return None

    def right(self, node: int) -> bool:
        """Whether a value is the true adjoint of some forward value."""
        value = np.asarray(self.tape.values[node], dtype=np.float64) / self.scale
        size = np.abs(value).max(initial=0)
        alike = (g for g in self.trial.adjoints.values.values() if np.shape(g) == value.shape)
        return bool(size) and any(np.abs(value - g).max() <= _SAME * size for g in alike)

    def _again(self, node: int) -> bool:
        """Whether a zero is made anew in each round: then it is no beginning of a sum."""
        return len(self.view.by_site.get(self.tape.nodes[node].site, ())) > 1

    def statement(self, node: int) -> Any:
        """The statement of the user's program that made a value."""
        return self.sites[self.tape.nodes[node].site].statement
