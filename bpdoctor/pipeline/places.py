"""The map of the computation: the forward values that have a name or a part, each with both derivatives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from bpdoctor.diagnose.believed import Fault, shaped
from bpdoctor.measure.assess import Trial
from bpdoctor.measure.layers import parameter_views
from bpdoctor.measure.matching import AdjointIndex, Key, Match
from bpdoctor.model.picture import Derivative, Grid, Place, Standing
from bpdoctor.model.tape import CONST, Store
from bpdoctor.observe.sites import Sites
from bpdoctor.pipeline.analysis import Analysis

MOST_PLACES = 24
MOST_LOOKED_UP = 600
MOST_NUMBERS = (3, 4)
_LONGEST = 90
_SAME = 1e-6
# Functions that are recognised like activations, but in a loss are no places of the network.
_PARTS_OF_LOSSES = frozenset({"square", "exp"})


def places_of(a: Analysis, i: int, names: Sequence[str], sites: Sites) -> tuple[Place, ...]:
    """The places of step `i` in the order of execution, the loss last."""
    assert a.assessment is not None and a.rest is not None
    return _Map(a, i, names, sites).places()


class _Map:
    """One step: its true adjoints, and the program's own values that stand for them."""

    def __init__(self, a: Analysis, i: int, names: Sequence[str], sites: Sites) -> None:
        assert a.assessment is not None and a.rest is not None
        self.analysis, self.names, self.sites = a, names, sites
        self.trial: Trial = a.assessment.trials[i]
        self.view, self.tape = self.trial.view, self.trial.view.tape
        self.labels = {event.node: event.name for event in reversed(self.tape.events) if isinstance(event, Store)}
        self.parameters = self._parameters()
        self.mine = self._claimed(AdjointIndex(a.rest.trials))
        self.faults = self._faults([fault for fault, _ in a.faults])

    def places(self) -> tuple[Place, ...]:
        chosen = self._chosen()
        position = {n: at for at, n in enumerate(chosen)}
        out = []
        for n in chosen:
            sources, weights = self._above(n, position)
            out.append(self._place(n, tuple(sorted(position[s] for s in sources)), weights))
        return (*out, *self._implied(len(out), position))

    # ---- what is shown

    def _chosen(self) -> list[int]:
        """Named values and activations, one for each expression; the end and the faults in any case."""
        truth = self.trial.adjoints
        must = {n for n in [self.trial.candidate.node] if n is not None} | set(self.faults)
        must |= {o for o, _ in self.trial.candidate.pairs}
        units = {
            self.view.by_key.get(key)
            for u in self.analysis.units
            if u.activation.name not in _PARTS_OF_LOSSES
            for key in (u.before, u.after)
        }
        wanted: dict[int, int] = {}
        for n in sorted(truth.values):
            if n in self.parameters or n in truth.tainted or n not in self.view.keys:
                continue
            if n in must or n in units or n in self.labels:
                site = self.view.keys[n][0]
                if n in must or site not in wanted:
                    wanted[site] = n
        wanted.update({-1 - n: n for n in must if n in truth.values and n not in self.parameters})
        chosen = sorted(set(wanted.values()))
        spare = [n for n in chosen if n not in must]
        return sorted({*must & set(chosen), *spare[-max(MOST_PLACES - len(must), 0) :]})

    def _parameters(self) -> dict[int, str]:
        """Nodes that show a parameter, with its name."""
        by_start = {
            self.view.step.parameters[c.parameter].start: name
            for family, name in zip(self.view.families, self.names, strict=False)
            for c in family.claims
        }
        shown = parameter_views(self.view)
        return {n: by_start.get(start, "") for n, start in shown.items()}

    def _above(self, n: int, position: Mapping[int, int]) -> tuple[set[int], tuple[str, ...]]:
        """The nearest shown values that a value is computed from, and the parameters that enter on the way."""
        sources: set[int] = set()
        weights: dict[str, None] = {}
        pending, seen = [s for s in self.tape.nodes[n].inputs if s != CONST], set[int]()
        while pending:
            s = pending.pop(0)
            if s in seen or (s not in self.view.forward and s not in self.parameters):
                continue
            seen.add(s)
            if s in self.parameters:
                weights.setdefault(self.parameters[s])
            elif s in position:
                sources.add(s)
            else:
                pending.extend(x for x in self.tape.nodes[s].inputs if x != CONST)
        return sources, tuple(w for w in weights if w)

    # ---- the program's derivatives

    def _claimed(self, index: AdjointIndex) -> dict[Key, tuple[int, Match]]:
        """For each forward value, the user's value that stands for its derivative: one with a name, if there is.

        A value that the loss is computed from may be one too, where there is no other: `out - y`.
        """
        nodes: set[int] = set()
        for family in self.view.families:
            nodes |= self.view.backward(family)
        forward = self.trial.adjoints.values
        out: dict[Key, tuple[tuple[Any, ...], int, Match]] = {}
        for n in sorted(nodes - self.parameters.keys())[-MOST_LOOKED_UP:]:
            key, named = self.view.keys.get(n), n in self.labels
            for match in index.matches(key) if key is not None else ():
                rank = (n not in forward, named, abs(match.scale - 1) < _SAME, -n if named else n)
                if match.forward not in out or rank > out[match.forward][0]:
                    out[match.forward] = (rank, n, match)
        return {forward: (n, match) for forward, (_, n, match) in out.items()}

    def _faults(self, faults: Iterable[Fault]) -> dict[int, tuple[Standing, int, float]]:
        """Forward values whose derivative goes wrong there, with the user's value and its factor."""
        out: dict[int, tuple[Standing, int, float]] = {}
        for number, fault in enumerate(faults):
            for user, forward in fault.pairs:
                n, u = self.view.by_key.get(forward), self.view.by_key.get(user)
                if n is not None and u is not None and n not in out:
                    out[n] = ("first" if number == 0 else "diverges", u, fault.scale)
        return out

    # ---- one place

    def _place(self, n: int, sources: tuple[int, ...], weights: tuple[str, ...]) -> Place:
        site = self.sites[self.tape.nodes[n].site]
        true = self.trial.adjoints.get(n)
        standing, user, factor = self._standing(n)
        mine = None if user is None else shaped(self.tape.values[user], np.shape(self.tape.values[n]))
        error = None
        if mine is not None and factor and true is not None:
            error = _difference(mine / factor, true)
            if standing == "agrees" and error > _SAME:
                standing = "follows"
        loss = n == self.trial.candidate.node
        return Place(
            self.labels.get(n, ""), _short(site.text), site.span, loss, sources, weights,
            corner(self.tape.values[n]),
            None if user is None else self._derivative(user, mine),
            None if true is None else corner(np.asarray(true) * (factor or 1.0)),
            factor or 1.0, "unseen" if loss else standing, error,
        )  # fmt: skip

    def _standing(self, n: int) -> tuple[Standing, int | None, float]:
        if n in self.faults:
            return self.faults[n]
        found = self.mine.get(self.view.keys[n])
        return ("unseen", None, 1.0) if found is None else ("agrees", found[0], found[1].scale)

    def _derivative(self, user: int, value: Any) -> Derivative:
        site = self.sites[self.tape.nodes[user].site]
        label = self.labels.get(user, "")
        text = _short(site.text)
        shown = self.tape.values[user] if value is None else value
        return Derivative(f"{label} = {text}" if label and label != text else text, site.span, corner(shown))

    def _implied(self, count: int, position: Mapping[int, int]) -> tuple[Place, ...]:
        """The loss that no line computes."""
        candidate = self.trial.candidate
        if candidate.node is not None:
            return ()
        sources = tuple(sorted(position[o] for o, _ in candidate.pairs if o in position))
        nothing = Grid((), ())
        return (
            Place(
                "", candidate.form, None, True, sources or (count - 1,), (), nothing, None, None, 1.0, "unseen", None
            ),
        )


def corner(value: Any) -> Grid:
    """The first rows and columns of an array, as numbers."""
    array = np.asarray(value)
    if array.dtype.kind not in "fiub":
        array = np.real(array)
    table = array.reshape(1, -1) if array.ndim < 2 else array.reshape(-1, array.shape[-1])
    part = table[: MOST_NUMBERS[0], : MOST_NUMBERS[1]]
    return Grid(tuple(tuple(float(x) for x in row) for row in part), tuple(map(int, array.shape)))


def _difference(mine: Any, true: Any) -> float:
    top = max(float(np.abs(mine).max()), float(np.abs(true).max())) if np.size(true) else 0.0
    return float(np.abs(mine - true).max() / top) if top and np.isfinite(top) else 0.0


def _short(text: str) -> str:
    joined = " ".join(text.split())
    return joined if len(joined) <= _LONGEST else joined[: _LONGEST - 1] + "…"
