"""The gradient that the user's program claims for each parameter, and the rate it is applied with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import replace
from functools import cache, cached_property, partial, reduce
from operator import and_
from typing import Any

import numpy as np

from bpdoctor.autodiff.replay import NotReplayed, recompute
from bpdoctor.identify.dependence import PARAMETERS, bit, dependence, readers_of
from bpdoctor.identify.factors import Rates, deep_scalars, peel
from bpdoctor.identify.rates import Rate, held_under_names, stated_rates
from bpdoctor.identify.recurrences import Recurrences, direction
from bpdoctor.identify.roles import Chain
from bpdoctor.identify.shrunk import decays, shrinking
from bpdoctor.identify.step import Step
from bpdoctor.identify.updates import Term, Update
from bpdoctor.identify.upstream import before_sign, upstream
from bpdoctor.model.record import record
from bpdoctor.model.tape import Tape


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
    others : sequence of Claim
        What the update may have been made from instead, the nearest first.
    """

    parameter: int
    node: int | None
    value: Any
    factor: float
    scalars: tuple[float, ...]
    plain: bool
    stated: tuple[Rate, ...] = ()
    others: Sequence[Claim] = ()


class Others(Sequence[Claim]):
    """What an update may have been made from instead, looked for when somebody asks: a right gradient needs none."""

    def __init__(self, look: Callable[[], tuple[Claim, ...]]) -> None:
        self.look = look

    @cached_property
    def found(self) -> tuple[Claim, ...]:
        return self.look()

    def __len__(self) -> int:
        return len(self.found)

    def __getitem__(self, k: Any) -> Any:
        return self.found[k]


def find_claims(tape: Tape, step: Step, masks: dict[int, int]) -> list[Claim]:
    """One claim for each parameter whose update carries a gradient."""
    kept = Recurrences(tape, step, masks)
    out = [_claim(tape, step, masks, k, chain, kept) for k, chain in enumerate(step.parameters)]
    numbers = [c for c in out if c is not None and np.ndim(c.value) == 0]
    if len(numbers) > 1:
        # Between numbers an input looks like a rate; a rate is common to most of them.
        count = Counter(s for c in numbers for s in set(c.scalars))
        common = frozenset(s for s, n in count.items() if 2 * n >= len(numbers))
        for c in numbers:
            if not set(c.scalars) <= common:
                chain = step.parameters[c.parameter]
                out[c.parameter] = _claim(tape, step, masks, c.parameter, chain, kept, common)
    several = any(np.size(tape.values[c.start]) > 1 for c in step.parameters) or len(numbers) > 1
    named = held_under_names(tape, step.lo, step.hi)
    readers = cache(partial(readers_of, tape)) if several else None
    return [_completed(tape, step, masks, c, named, readers) for c in out if c is not None]


def _completed(
    tape: Tape,
    step: Step,
    masks: dict[int, int],
    claim: Claim,
    named: Container[int],
    readers: Callable[[], Mapping[int, Sequence[int]]] | None,
) -> Claim:
    """The claim with the rates that its update states, and with what it may stand for instead, where `readers` tell."""
    chain = step.parameters[claim.parameter]
    terms = [t for u in chain.updates for t in u.terms]
    plain = claim.plain or claim.node is None
    roots = [t.node for t in terms] if plain else [n for n in [claim.node] if n is not None]
    rates = [Counter(stated_rates(tape, masks, root, named, inside=plain)) for root in roots]
    # Rows that are moved by a statement of their own have their own rate: that of the whole is what all have.
    stated = reduce(and_, rates).elements() if rates else ()
    whole = replace(claim, stated=tuple(stated))
    if readers is None:
        return whole
    return replace(whole, others=Others(lambda: _others(tape, masks, whole, chain, readers())))


def _others(
    tape: Tape, masks: dict[int, int], claim: Claim, chain: Chain, readers: Mapping[int, Sequence[int]]
) -> tuple[Claim, ...]:
    """Other gradients that the update may be made from, in the parameter's shape."""
    shape = np.shape(tape.values[chain.start])
    out = _with_shrinking(tape, masks, claim, chain)
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


def _with_shrinking(tape: Tape, masks: dict[int, int], claim: Claim, chain: Chain) -> list[Claim]:
    """The gradient with what the update takes away of the parameter beside it.

    That is a penalty's gradient, if the loss has one; else a decay beside the gradient.
    """
    share = shrinking(tape, chain)
    if not share:
        return []
    if claim.plain and claim.factor:
        start, end = (np.asarray(tape.values[n], dtype=np.float64) for n in (chain.start, chain.end))
        return [replace(claim, node=None, value=(start - end) / claim.factor)]
    if claim.node is None:
        return []
    return [replace(claim, node=None, value=claim.value + d) for d in decays(tape, masks, chain, claim.node, share)]


def _claim(
    tape: Tape, step: Step, masks: dict[int, int], k: int, chain: Chain, kept: Recurrences, rates: Rates = None
) -> Claim | None:
    terms = [t for u in chain.updates for t in u.terms]
    live = [t for t in terms if masks.get(t.node, 0) & PARAMETERS]
    theta = np.asarray(tape.values[chain.start], dtype=np.float64)
    if len(live) == 1 and len(terms) == 1 and live[0].whole:
        total = running_sum(tape, step, masks, chain)
        if total is not None:
            return _from_sum(tape, masks, k, chain, total)
        found = _from_term(tape, masks, k, live[0].node, live[0].sign, theta.shape, kept, rates)
        if found is not None:
            return found
    if len(live) == 1 and len(terms) == 1 and (found := _in_part(tape, masks, k, chain, live[0], kept)) is not None:
        return found
    if not live and not terms:
        return None
    # Several summands, or an update entry by entry: the change itself is the evidence.
    ended = kept.earlier.without(masks, chain, [t.node for t in live])
    change = np.asarray(ended, dtype=np.float64) - theta
    seen: list[float] = []
    for t in live or terms:
        _, factor, scalars = peel(tape, masks, t.node)
        seen.extend([*scalars, *deep_scalars(tape, masks, t.node)])
    factor = _first_rate(seen)
    return Claim(k, None, -change / factor, factor, tuple(dict.fromkeys(seen)), True)


def _in_part(tape: Tape, masks: dict[int, int], k: int, chain: Chain, term: Term, kept: Recurrences) -> Claim | None:
    """The gradient of some rows of an array from which an optimiser makes the step of these rows; zero elsewhere."""
    held = kept.behind(term.node)
    if held == term.node or (value := _put_back(tape, chain, held)) is None:
        return None
    return Claim(k, None, value, direction(tape, term.node, held, term.sign), (), False)


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
        if inner == c.end and len(c.updates) > 1 and all(_adds(tape, u) for u in c.updates):
            return c
    return None


def _adds(tape: Tape, update: Update) -> bool:
    """Whether an update adds to what is there, or to entries of it."""
    node = tape.nodes[update.after]
    if node.prim == "setitem" and node.inputs[0] == update.before and node.inputs[1] >= 0:
        new = tape.nodes[node.inputs[1]]
        taken = (tape.nodes[s] for s in new.inputs if s >= 0)
        return new.prim == "add" and any(t.prim == "getitem" and update.before in t.inputs for t in taken)
    return node.prim == "add" and update.before in node.inputs


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
    kept: Recurrences,
    rates: Rates,
) -> Claim | None:
    held = kept.behind(node)
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
        factor = direction(tape, node, held, sign)
    deep = deep_scalars(tape, masks, inner)
    return Claim(k, inner, value, factor, tuple(dict.fromkeys([*scalars, *deep])), plain)
