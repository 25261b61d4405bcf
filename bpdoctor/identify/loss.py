"""The loss: scalars the program computes, or standard losses of output and target that it implies."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable, Container, Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from bpdoctor.identify.claims import Claim
from bpdoctor.identify.dependence import PARAMETERS, POST, STATE, ancestors, handed_on
from bpdoctor.identify.step import Step
from bpdoctor.model.record import record
from bpdoctor.model.tape import CONST, Tape

_MOST_COMPUTED = 12
_MOST_OF_A_SITE = 2
_MOST_TERMS = 4
# What a loss may take from the backward pass: the error, its scaling.
_ERROR_NODES = 3
_SAME = 1e-12
_STEPS = frozenset({"round", "rint", "floor", "ceil", "sign", "argmax", "greater", "less", "equal"})


@record(eq=False)
class Candidate:
    """A loss to differentiate.

    `seeds` are the cotangents that start the sweep: 1 at a computed scalar, or the derivative of an
    implied loss at the network's outputs. `pairs` are (output node, target) of an implied loss. `others` are
    further scalars that together with `node` make the loss, each times its own seed: -1 for a likelihood.
    """

    form: str
    inferred: bool
    seeds: dict[int, Any]
    node: int | None
    pairs: tuple[tuple[int, Any], ...] = ()
    others: tuple[int, ...] = ()

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


@record(eq=False)
class Residual:
    """All executions of one expression that sets an output against a target."""

    site: int
    pairs: tuple[tuple[int, Any], ...]
    nodes: tuple[int, ...]


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


def find_residuals(
    tape: Tape, masks: dict[int, int], claims: Iterable[Claim], node_of_site: Callable[[int], ast.AST]
) -> list[Residual]:
    """Expressions that set an output against a target on the way to a claim, the last one first."""
    roots = [c.node for c in claims if c.node is not None]
    reach = ancestors(tape, roots, masks) if roots else set(masks)
    groups: dict[int, list[tuple[int, int, Any]]] = defaultdict(list)
    for n in sorted(reach):
        if masks[n] & (POST | STATE):
            continue
        found = residual_pair(tape, masks, n, node_of_site)
        if found is not None:
            groups[tape.nodes[n].site].append((n, *found))
    out = [
        Residual(site, tuple((o, t) for _, o, t in members), tuple(n for n, _, _ in members))
        for site, members in groups.items()
    ]
    return sorted(out, key=lambda r: -max(o for o, _ in r.pairs))


def residual_pair(
    tape: Tape, masks: dict[int, int], n: int, node_of_site: Callable[[int], ast.AST]
) -> tuple[int, Any] | None:
    """(output node, target) when node `n` is ``output - target``, ``target - output`` or ``target / output``."""
    node = tape.nodes[n]
    if node.prim == "setitem":
        return _one_hot(tape, masks, n)
    if node.prim not in ("subtract", "divide"):
        return None
    for i in (0, 1):
        output, other = node.inputs[i], node.inputs[1 - i]
        if output == CONST or not masks.get(output, 0) & PARAMETERS:
            continue
        if other != CONST and masks.get(other, 0):
            continue
        if node.prim == "divide" and i == 0:
            continue
        if other == CONST and _literal(node_of_site(node.site), 1 - i):
            continue
        target = node.consts[1 - i] if other == CONST else tape.values[other]
        o = tape.values[output]
        if np.size(target) == np.size(o) or (np.size(tape.values[n]) == np.size(o) and np.ndim(target) > 0):
            try:
                shaped = np.broadcast_to(np.asarray(target, dtype=np.float64), np.shape(o))
            except ValueError:
                shaped = np.asarray(target, dtype=np.float64).reshape(np.shape(o))
            return output, shaped
    return None


def _literal(node: ast.AST, side: int) -> bool:
    operand = None
    if isinstance(node, ast.BinOp):
        operand = node.right if side else node.left
    elif isinstance(node, ast.AugAssign):
        operand = node.value if side else node.target
    if isinstance(operand, ast.UnaryOp):
        operand = operand.operand
    return isinstance(operand, ast.Constant)


def _one_hot(tape: Tape, masks: dict[int, int], n: int) -> tuple[int, Any] | None:
    """``delta[range(n), y] -= 1``: the output is what was overwritten, the target its one-hot rows."""
    before, new = tape.nodes[n].inputs
    if CONST in (new, before) or not masks.get(before, 0) & PARAMETERS:
        return None
    difference = tape.nodes[new]
    key = tape.nodes[n].static.get("key")
    target = np.zeros(np.shape(tape.values[before]))
    try:
        if difference.prim == "subtract" and difference.inputs[1] == CONST:
            target[key] = difference.consts[1]
        elif np.size(tape.values[new]) and np.abs(tape.values[before][key] - 1 - tape.values[new]).max() < _SAME:
            target[key] = 1.0  # ``-(1 - p[range(n), y])``, however it is spelt
        else:
            return None
    except (IndexError, TypeError, ValueError):
        return None
    return source_of(tape, before), target


def source_of(tape: Tape, node: int) -> int:
    """The node a copy was made from."""
    while tape.nodes[node].prim in ("copy", "asarray", "array") and len(tape.nodes[node].inputs) == 1:
        node = tape.nodes[node].inputs[0]
    return node


def implied_losses(tape: Tape, residual: Residual) -> list[Candidate]:
    """Standard losses of the outputs and targets of one residual."""
    out = []
    for form, derivative in _FORMS:
        seeds: dict[int, Any] = {}
        for o, t in residual.pairs:
            value = np.asarray(tape.values[o], dtype=np.float64)
            with np.errstate(all="ignore"):
                g = derivative(value, t) if value.size else None
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


_FORMS: tuple[tuple[str, Callable[[Any, Any], Any]], ...] = (
    ("squared error", _squared),
    ("categorical cross-entropy", _categorical),
    ("binary cross-entropy", _binary),
    ("absolute error", _absolute),
)


def implied_value(form: str, o: Any, t: Any) -> float:
    """Value of an implied loss, for confirming its sweep by differences."""
    if form == "squared error":
        return float(0.5 * np.sum((o - t) ** 2))
    if form == "categorical cross-entropy":
        return float(-np.sum(t * np.log(o)))
    if form == "binary cross-entropy":
        return float(-np.sum(t * np.log(o) + (1 - t) * np.log1p(-o)))
    return float(np.sum(np.abs(o - t)))
