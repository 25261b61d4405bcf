"""The loss: scalars the program computes, or standard losses of output and target that it implies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from bpdoctor.identify.counts import is_rate
from bpdoctor.identify.dependence import PARAMETERS, POST, ancestors, handed_on
from bpdoctor.identify.residuals import Residual
from bpdoctor.identify.step import Step
from bpdoctor.model.record import record
from bpdoctor.model.tape import CONST, Tape

_MOST_COMPUTED = 12
_MOST_OF_A_SITE = 2
_MOST_TERMS = 4
# What a loss may take from the backward pass: the error, its scaling.
_ERROR_NODES = 3
_STEPS = frozenset({"round", "rint", "floor", "ceil", "sign", "argmax", "greater", "less", "equal"})


@record(eq=False)
class Candidate:
    """A loss to differentiate.

    `seeds` are the cotangents that start the sweep: 1 at a computed scalar, or the derivative of an
    implied loss at the network's outputs. `pairs` are (output node, target) of an implied loss. `others` are
    further scalars that together with `node` make the loss, each times its own seed: -1 for a likelihood. A `bare` one
    is meant without the numbers that keep a logarithm finite; `given` are values that are not differentiated.
    """

    form: str
    inferred: bool
    seeds: dict[int, Any]
    node: int | None
    pairs: tuple[tuple[int, Any], ...] = ()
    others: tuple[int, ...] = ()
    bare: bool = False
    given: frozenset[int] = frozenset()

    @property
    def negated(self) -> Candidate:
        """The same number to be climbed."""
        return replace(self, seeds={n: -seed for n, seed in self.seeds.items()})

    @property
    def factors(self) -> tuple[float, ...]:
        """By what each of the computed numbers is multiplied."""
        return tuple(float(np.ravel(self.seeds[n])[0]) for n in self.scalars)

    @property
    def scalars(self) -> tuple[int, ...]:
        """The computed numbers whose sum is the loss; none of an implied loss."""
        return () if self.node is None else (self.node, *self.others)


def computed_losses(tape: Tape, step: Step, masks: dict[int, int]) -> list[Candidate]:
    """Scalars that depend on the parameters and are not part of the backward pass, likeliest first."""
    used = ancestors(tape, [c.end for c in step.parameters], masks)
    scalars = _scalars(tape, step, masks, used)
    consumers = {s for n in range(step.lo, step.hi) if _before_update(masks, n, used) for s in tape.nodes[n].inputs}
    widest = max((_width(masks[n]) for n in scalars), default=0)
    wide = [n for n in reversed(scalars) if _width(masks[n]) == widest and tape.nodes[n].prim not in _STEPS]
    ends, inner = [], []
    for n in wide:
        if n not in consumers:
            ends.append(n)
        elif not is_difference(tape, masks, n):
            inner.append(n)
    wide = _last_of_sites(tape, [*ends, *inner])
    ends = _before_backward(tape, masks, used, [n for n in wide if n not in consumers])
    ends = [*ends, *(n for n in wide if n in consumers)][:_MOST_COMPUTED]
    return [Candidate("computed", False, {n: np.ones(np.shape(tape.values[n]))}, n) for n in ends]


def summed_losses(tape: Tape, step: Step, masks: dict[int, int], stated: Callable[[int], bool]) -> list[Candidate]:
    """Sums of scalars that the program computes one by one and adds, if ever, only to print them.

    `stated` tells of a site whether it is what a whole statement computes.
    """
    used = ancestors(tape, [c.end for c in step.parameters], masks)
    found = [n for n in _scalars(tape, step, masks, used) if stated(tape.nodes[n].site)]
    terms = [n for n in _last_of_sites(tape, found[::-1]) if tape.nodes[n].prim not in _STEPS][:_MOST_TERMS]
    above = {n: ancestors(tape, [n], masks) for n in terms}
    apart = {n: [m for m in terms if m not in above[n] and n not in above[m]] for n in terms}
    sums: list[tuple[int, ...]] = [(n, m) for n in terms for m in apart[n] if m < n]
    if len(terms) > 2 and all(len(apart[n]) == len(terms) - 1 for n in terms):
        sums.insert(0, tuple(terms))
    # The widest is the loss proper, what is added to it a penalty.
    ordered = (sorted(nodes, key=lambda n: -_width(masks[n])) for nodes in sums)
    return [
        Candidate("computed", False, {n: np.ones(np.shape(tape.values[n])) for n in nodes}, nodes[0], (), (*nodes[1:],))
        for nodes in ordered
    ]


def _scalars(tape: Tape, step: Step, masks: dict[int, int], used: Container[int]) -> list[int]:
    """Single numbers of a step that depend on the parameters and that no update is made of."""
    starts = {c.start for c in step.parameters}
    found = (n for n in range(step.lo, step.hi) if _before_update(masks, n, used) and np.size(tape.values[n]) == 1)
    return [n for n in found if np.asarray(tape.values[n]).dtype.kind == "f" and not handed_on(tape, n, starts)]


def _before_update(masks: dict[int, int], n: int, used: Container[int]) -> bool:
    mask = masks.get(n, 0)
    return bool(mask & PARAMETERS) and not mask & POST and n not in used


def _last_of_sites(tape: Tape, ends: Iterable[int]) -> list[int]:
    """The last executions of each expression: an engine of scalars runs one expression for all its sums."""
    seen: dict[int, int] = defaultdict(int)
    kept = []
    for n in ends:
        site = tape.nodes[n].site
        seen[site] += 1
        if seen[site] <= _MOST_OF_A_SITE:
            kept.append(n)
    return kept


def _before_backward(tape: Tape, masks: dict[int, int], used: set[int], ends: list[int]) -> list[int]:
    """Losses before values of the backward pass that no update uses (gradients of inputs and constants).

    Notes
    -----
    A loss shares with the updates what the forward pass computed; an unused gradient shares all that, and
    a part of the backward pass.
    """
    shared = {n: ancestors(tape, [n], masks) & used for n in ends}
    behind = {n for n in ends for m in ends if shared[m] < shared[n] and len(shared[n]) > len(shared[m]) + _ERROR_NODES}
    return sorted(ends, key=lambda n: n in behind)


def is_difference(tape: Tape, masks: dict[int, int], n: int) -> bool:
    """Whether a number is an output minus its target: what a loss is made of, not a loss."""
    node = tape.nodes[n]
    return node.prim == "subtract" and any(s == CONST or not masks.get(s, 0) for s in node.inputs)


def _width(mask: int) -> int:
    return (mask & PARAMETERS).bit_count()


def implied_losses(tape: Tape, residual: Residual) -> list[Candidate]:
    """Standard losses of the outputs and targets of one residual."""
    out = []
    for form, derivative in _FORMS:
        seeds: dict[int, Any] = {}
        for o, t in residual.pairs:
            value = np.asarray(tape.values[o], dtype=np.float64)
            with np.errstate(all="ignore"):
                g = derivative(value, t) if value.size else None
            g = None if form in _OF_RATES and not is_rate(tape, o, t) else g
            if g is None or not np.isfinite(g).all():
                break
            seeds[o] = seeds[o] + g if o in seeds else g
        else:
            out.append(Candidate(form, True, seeds, None, residual.pairs))
    return out


def _squared(o: Any, t: Any) -> Any:
    return o - t


def _binary(o: Any, t: Any) -> Any:
    if not ((o > 0) & (o < 1)).all() or t.min() < 0 or t.max() > 1:
        return None
    return (o - t) / (o * (1 - o))


def _categorical(o: Any, t: Any) -> Any:
    if o.ndim == 0 or not (o > 0).all() or o.size < 2:
        return None
    sums = [np.abs(o.sum(axis=a) - 1).max() for a in range(o.ndim)]
    # In ``-t / o`` the minus may stand before the targets.
    return -np.abs(t) / o if min(sums) < 1e-6 else None


def _absolute(o: Any, t: Any) -> Any:
    return np.sign(o - t)


def _counted(o: Any, t: Any) -> Any:
    return (o - t) / o if (o > 0).all() and (t >= 0).all() else None


def _scaled(o: Any, t: Any) -> Any:
    return (o - t) / o**2 if (o > 0).all() and (t > 0).all() else None


_POISSON, _GAMMA = "Poisson likelihood", "gamma likelihood"
_OF_RATES = frozenset({_POISSON, _GAMMA})
_FORMS: tuple[tuple[str, Callable[[Any, Any], Any]], ...] = (
    ("squared error", _squared),
    ("categorical cross-entropy", _categorical),
    ("binary cross-entropy", _binary),
    ("absolute error", _absolute),
    (_POISSON, _counted),
    (_GAMMA, _scaled),
)

FORMS = frozenset(form for form, _ in _FORMS)


def implied_value(form: str, o: Any, t: Any) -> float:
    """Value of an implied loss, for confirming its sweep by differences."""
    if form == "squared error":
        return float(0.5 * np.sum((o - t) ** 2))
    if form == "categorical cross-entropy":
        return _logarithms(t, o)
    if form == "binary cross-entropy":
        return _logarithms(t, o) + _logarithms(1 - t, 1 - o)
    if form == _POISSON:
        return float(np.sum(o - t * np.log(o)))
    if form == _GAMMA:
        return float(np.sum(np.log(o) + t / o))
    return float(np.sum(np.abs(o - t)))


def _logarithms(t: Any, o: Any) -> float:
    """``-sum(t * log(o))``, to which what has no weight adds nothing, be it the logarithm of 0."""
    t, o = np.broadcast_arrays(t, o)
    with np.errstate(divide="ignore"):
        return float(-np.sum(t[t != 0] * np.log(o[t != 0])))
