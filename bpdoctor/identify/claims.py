"""The gradient that the user's program claims for each parameter, and the rate it is applied with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from operator import and_
from typing import Any

import numpy as np

from bpdoctor.autodiff.replay import NotReplayed, recompute
from bpdoctor.identify.dependence import PARAMETERS, STATE, ancestors, bit, cuts, dependence, readers_of
from bpdoctor.identify.factors import Rates, deep_scalars, peel
from bpdoctor.identify.kept import Earlier
from bpdoctor.identify.rates import Rate, held_under_names, stated_rates
from bpdoctor.identify.roles import Chain
from bpdoctor.identify.step import Step
from bpdoctor.identify.updates import Term
from bpdoctor.identify.upstream import before_sign, upstream
from bpdoctor.model.record import record
from bpdoctor.model.tape import CONST, Tape


@record(eq=False)
class Claim:
    """What the program uses as gradient of one parameter.

    Attributes
    ----------
    parameter : int
        Index into the step's parameters.
    node : int or None
        The node that holds the claimed gradient, where one array holds it whole.
    value : ndarray
        Claimed gradient in the parameter's shape; ``new = old - factor * value`` for plain descent.
    factor : float
        Rate with its sign; negative when the program steps along the gradient.
    scalars : tuple of float
        Constant factors found on the way: candidates for learning rate and averaging.
    plain : bool
        Whether the update is a constant times the gradient (no optimiser state in between).
    stated : tuple of Rate
        Constant factors that the update statement itself spells out.
    others : tuple of Claim
        What the update may have been made from instead, the nearest first.
    """

    parameter: int
    node: int | None
    value: Any
    factor: float
    scalars: tuple[float, ...]
    plain: bool
    stated: tuple[Rate, ...] = ()
    others: tuple[Claim, ...] = ()


def find_claims(tape: Tape, step: Step, masks: dict[int, int]) -> list[Claim]:
    """One claim for each parameter whose update carries a gradient."""
    earlier = Earlier(tape, step)
    out = [_claim(tape, step, masks, k, chain, earlier) for k, chain in enumerate(step.parameters)]
    numbers = [c for c in out if c is not None and np.ndim(c.value) == 0]
    if len(numbers) > 1:
        # Between numbers an input looks like a rate; a rate is common to most of them.
        count = Counter(s for c in numbers for s in set(c.scalars))
        common = frozenset(s for s, n in count.items() if 2 * n >= len(numbers))
        for c in numbers:
            if not set(c.scalars) <= common:
                chain = step.parameters[c.parameter]
                out[c.parameter] = _claim(tape, step, masks, c.parameter, chain, earlier, common)
    several = any(np.size(tape.values[c.start]) > 1 for c in step.parameters) or len(numbers) > 1
    named = held_under_names(tape, step.lo, step.hi)
    readers = readers_of(tape) if several else {}
    return [_completed(tape, step, masks, c, named, readers) for c in out if c is not None]


def _completed(
    tape: Tape,
    step: Step,
    masks: dict[int, int],
    claim: Claim,
    named: Container[int],
    readers: Mapping[int, Sequence[int]],
) -> Claim:
    """The claim with the rates that its update states, and with what it may stand for instead, where `readers` tell."""
    chain = step.parameters[claim.parameter]
    terms = [t for u in chain.updates for t in u.terms]
    plain = claim.plain or claim.node is None
    roots = [t.node for t in terms] if plain else [n for n in [claim.node] if n is not None]
    rates = [Counter(stated_rates(tape, masks, root, named, inside=plain)) for root in roots]
    # Rows that are moved by a statement of their own have their own rate: that of the whole is what all have.
    stated = reduce(and_, rates).elements() if rates else ()
    others = _others(tape, masks, claim, chain, readers) if readers else ()
    return replace(claim, stated=tuple(stated), others=others)


def _others(
    tape: Tape, masks: dict[int, int], claim: Claim, chain: Chain, readers: Mapping[int, Sequence[int]]
) -> tuple[Claim, ...]:
    """Other gradients that the update may be made from, in the parameter's shape."""
    shape = np.shape(tape.values[chain.start])
    out: list[Claim] = []
    for n, way, whole in upstream(tape, masks, chain, readers):
        # What the update takes whole has the rate of the update; what is further up has none.
        inner, factor, scalars = peel(tape, masks, n) if whole else (n, 1.0, [])
        if inner == claim.node or n in tape.unwritten:
            continue
        if np.size(tape.values[inner]) == np.prod(shape):
            value = np.asarray(tape.values[inner], dtype=np.float64).reshape(shape)
            out.append(Claim(claim.parameter, inner, value, way * factor, tuple(scalars), whole))
        elif (rows := _put_back(tape, chain, inner)) is not None:
            out.append(Claim(claim.parameter, None, rows, way * factor, tuple(scalars), whole))
    unsigned = None if claim.node is None else before_sign(tape, masks, claim.node)
    if unsigned is not None and np.size(unsigned) == np.prod(shape):
        value = np.asarray(unsigned, dtype=np.float64).reshape(shape)
        out.append(replace(claim, node=None, value=value))
    return tuple(out)


def _claim(
    tape: Tape, step: Step, masks: dict[int, int], k: int, chain: Chain, earlier: Earlier, rates: Rates = None
) -> Claim | None:
    terms = [t for u in chain.updates for t in u.terms]
    live = [t for t in terms if masks.get(t.node, 0) & PARAMETERS]
    theta = np.asarray(tape.values[chain.start], dtype=np.float64)
    if len(live) == 1 and len(terms) == 1 and live[0].whole:
        total = running_sum(tape, step, masks, chain)
        if total is not None:
            return _from_sum(tape, masks, k, chain, total)
        found = _from_term(tape, masks, k, live[0].node, live[0].sign, theta.shape, earlier, rates)
        if found is not None:
            return found
    if len(live) == 1 and len(terms) == 1 and (found := _in_part(tape, masks, k, chain, live[0], earlier)) is not None:
        return found
    if not live and not terms:
        return None
    # Several summands, or an update entry by entry: the change itself is the evidence.
    ended = earlier.without(masks, chain, [t.node for t in live])
    change = np.asarray(ended, dtype=np.float64) - theta
    seen: list[float] = []
    for t in live or terms:
        _, factor, scalars = peel(tape, masks, t.node)
        seen.extend([*scalars, *deep_scalars(tape, masks, t.node)])
    factor = _first_rate(seen)
    return Claim(k, None, -change / factor, factor, tuple(dict.fromkeys(seen)), True)


def _in_part(tape: Tape, masks: dict[int, int], k: int, chain: Chain, term: Term, earlier: Earlier) -> Claim | None:
    """The gradient of some rows of an array from which an optimiser makes the step of these rows; zero elsewhere."""
    held = before_state(tape, masks, term.node, earlier)
    if held == term.node or (value := _put_back(tape, chain, held)) is None:
        return None
    return Claim(k, None, value, _direction(tape, masks, term.node, held, term.sign), (), False)


def _put_back(tape: Tape, chain: Chain, held: int) -> Any | None:
    """The gradient of some rows where they belong in their array, zero elsewhere; None of an update of all of it."""
    terms = [t for u in chain.updates for t in u.terms]
    term = terms[0]
    if len(terms) > 1 or term.whole or np.size(tape.values[held]) != np.size(tape.values[term.node]):
        return None
    values: dict[int, Any] = {term.node: np.reshape(tape.values[held], np.shape(tape.values[term.node]))}
    try:
        with np.errstate(all="ignore"):
            for n in sorted(dependence(tape, {term.node: bit(0)}, term.node, chain.end + 1)):
                if n > term.node:
                    values[n] = recompute(tape, n, values)
    except (NotReplayed, KeyError):
        return None
    if chain.end not in values:
        return None
    theta = np.asarray(tape.values[chain.start], dtype=np.float64)
    return term.sign * (np.asarray(values[chain.end], dtype=np.float64) - theta)


def running_sum(tape: Tape, step: Step, masks: dict[int, int], chain: Chain) -> Chain | None:
    """The sum over several terms of this step, kept from step to step, by which a parameter is moved."""
    terms = [t for u in chain.updates for t in u.terms]
    if len(terms) != 1:
        return None
    inner, _, _ = peel(tape, masks, terms[0].node)
    for c in step.state:
        # A velocity that is scaled before something is added to it is no sum.
        nodes = [(tape.nodes[u.after], u.before) for u in c.updates]
        if inner == c.end and len(nodes) > 1 and all(n.prim == "add" and b in n.inputs for n, b in nodes):
            return c
    return None


def _from_sum(tape: Tape, masks: dict[int, int], k: int, chain: Chain, total: Chain) -> Claim:
    """What this step adds to a sum that earlier steps began."""
    term = chain.updates[0].terms[0]
    inner, factor, scalars = peel(tape, masks, term.node)
    value = np.asarray(tape.values[inner], dtype=np.float64) - np.asarray(tape.values[total.start], dtype=np.float64)
    deep = [s for u in total.updates for t in u.terms for s in deep_scalars(tape, masks, t.node)]
    return Claim(k, None, value, -term.sign * factor, tuple(dict.fromkeys([*scalars, *deep])), True)


def _first_rate(rates: list[float]) -> float:
    small = [abs(r) for r in rates if 0 < abs(r) < 1]
    return small[0] if small else 1.0


def _from_term(
    tape: Tape,
    masks: dict[int, int],
    k: int,
    node: int,
    sign: int,
    shape: tuple[int, ...],
    earlier: Earlier,
    rates: Rates,
) -> Claim | None:
    held = before_state(tape, masks, node, earlier)
    plain = held == node
    # Behind a recurrence the factor is not the rate, so nothing is taken off: an averaging would be lost.
    inner, factor, scalars = peel(tape, masks, held, rates) if plain else (held, 1.0, [])
    value = np.asarray(tape.values[inner], dtype=np.float64)
    if value.shape != shape:
        if value.size == int(np.prod(shape)):
            value = value.reshape(shape)
        else:
            try:
                value = np.broadcast_to(value, shape)
            except ValueError:
                pass  # larger than the parameter, which it makes grow: compared as what it is
    factor = -sign * factor
    if not plain:
        factor = _direction(tape, masks, node, held, sign)
    deep = deep_scalars(tape, masks, inner)
    return Claim(k, inner, value, factor, tuple(dict.fromkeys([*scalars, *deep])), plain)


def before_state(tape: Tape, masks: dict[int, int], node: int, earlier: Earlier) -> int:
    """The gradient that an optimiser's recurrence started from, or `node` itself where there is none.

    Notes
    -----
    Walks back over the values that all dependence on the parameters passes through, as long as the
    stretch between two of them adds optimiser state (a value that depends on kept state but on no
    parameter) or only scales.
    """
    within = {n: m for n, m in masks.items() if m & PARAMETERS}
    found = cuts(tape, node, within)
    if not found or found[-1] != node:
        found = [*found, node]
    inside = sorted(ancestors(tape, [node], within))
    held = node
    for low, high in zip(reversed(found[:-1]), reversed(found[1:]), strict=True):
        stretch = [n for n in inside if low < n <= high]
        brought = any(_brings_state(tape, masks, n, earlier) for n in stretch)
        one = np.size(tape.values[low]) == 1 and brought  # a number that stands for every entry
        if np.size(tape.values[low]) != np.size(tape.values[node]) and not one:
            break  # a rule works entry by entry: what has another size lies within the backward pass
        if brought:
            held = low
        elif not all(tape.nodes[n].prim in _SCALING for n in stretch):
            break
    return held


_SCALING = frozenset({"multiply", "divide", "negative", "copy", "positive", "asarray"})


def _brings_state(tape: Tape, masks: dict[int, int], n: int, earlier: Earlier) -> bool:
    node = tape.nodes[n]
    fixed = [s for s in node.inputs if not masks.get(s, 0) & PARAMETERS]
    if any(masks.get(s, 0) & STATE for s in fixed):
        return True
    # A gradient of the step before that is added: whoever keeps it makes it anew, it is not updated.
    return node.prim in ("add", "subtract") and any(s != CONST and earlier.made(s) for s in fixed)


def _direction(tape: Tape, masks: dict[int, int], node: int, held: int, sign: int) -> float:
    """+1 when the update moves against the gradient it holds, -1 when along it.

    Notes
    -----
    The change is computed again for the gradient turned round, and the two changes are compared: neither a
    velocity gathered earlier nor a mean of squares, which the turning leaves as it is, counts.
    """
    g = np.asarray(tape.values[held], dtype=np.float64)
    turned = {held: -tape.values[held]}
    try:
        with np.errstate(all="ignore"):
            for n in sorted(dependence(tape, {held: bit(0)}, held, node + 1)):
                if n > held:
                    turned[n] = recompute(tape, n, turned)
            odd = np.asarray(tape.values[node], dtype=np.float64) - np.asarray(turned[node], dtype=np.float64)
    except (NotReplayed, KeyError):
        odd = np.asarray(tape.values[node], dtype=np.float64)
    known = np.isfinite(odd)
    slope = float(np.sum(np.sign(odd) * np.sign(g), where=known)) if odd.shape == g.shape else -1.0
    return 1.0 if sign * slope <= 0 else -1.0
