"""Updates by correlations of a layer's inputs with its own outputs: contrastive divergence, which descends no loss."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from bpdoctor.identify.dependence import ancestors, bit, dependence
from bpdoctor.identify.step import Step
from bpdoctor.identify.updates import Update
from bpdoctor.model.tape import CONST, Tape

_PRODUCTS = frozenset({"dot", "matmul", "inner", "outer", "tensordot", "einsum"})
_SAME = frozenset({"transpose", "swapaxes", "reshape", "astype", "copy", "array", "asarray", "atleast_2d"})
_COMPARED = frozenset({"greater", "greater_equal", "less", "less_equal"})


def contrast_of(tape: Tape, step: Step) -> int | None:
    """What an update comes from that contrasts two such correlations; None without any.

    Notes
    -----
    A Boltzmann machine adds ``v.T @ f(v @ W)`` for the data and takes it away for what it makes of them by `W` itself.
    A gradient hardly looks like this: what a layer's inputs are multiplied with comes back from a loss, which knows a
    target; a discriminator, whose targets are numbers, does not make its inputs by the weights that it judges them by.
    """
    masks = dependence(tape, {c.start: bit(k) for k, c in enumerate(step.parameters)}, step.lo, step.hi)
    everything = dict.fromkeys(range(step.lo, step.hi), 0)
    for k, chain in enumerate(step.parameters):
        terms = [t.node for u in chain.updates for t in u.terms]
        above = ancestors(tape, terms, everything)
        products = [n for n in above if tape.nodes[n].prim in _PRODUCTS]
        own = {n: x for n in products if (x := _correlated(tape, n, chain.start)) is not None}
        if len(own) < 2:
            continue
        signs = _signs(tape, chain.updates, above)
        dreamt = {(bool(masks.get(x, 0) & bit(k)), sign) for n, x in own.items() for sign in signs[n]}
        if not any((True, sign) in dreamt and (False, -sign) in dreamt for sign in (1, -1)):
            continue
        within = {n: m for n, m in masks.items() if m & bit(k) and n not in own}
        if chain.start not in ancestors(tape, terms, within):
            return terms[0]
    return None


def _signs(tape: Tape, updates: Iterable[Update], above: set[int]) -> dict[int, set[int]]:
    """With which signs each value goes into the updates that it is a part of."""
    out: dict[int, set[int]] = {n: set() for n in above}
    for term in (t for u in updates for t in u.terms):
        out.setdefault(term.node, set()).add(term.sign)
    for n in sorted(out, reverse=True):
        node = tape.nodes[n]
        for i, source in enumerate(node.inputs):
            if source in out:
                turned = node.prim == "negative" or (node.prim == "subtract" and i == 1)
                out[source] |= {-s if turned else s for s in out[n]}
    return out


def _correlated(tape: Tape, n: int, parameter: int) -> int | None:
    """The inputs of a layer that a product takes together with the layer's own outputs."""
    a, *rest = tape.nodes[n].inputs
    if len(rest) != 1 or CONST in (a, rest[0]):
        return None
    pairs = ((_base(tape, a), rest[0]), (_base(tape, rest[0]), a))
    return next((x for x, y in pairs if _answers(tape, y, x, parameter)), None)


def _answers(tape: Tape, n: int, x: int, parameter: int) -> bool:
    """Whether a value is a function of the product of `x` and the parameter alone, biases and chance aside."""
    pending, seen = [n], {n}
    while pending:
        node = tape.nodes[pending.pop()]
        inputs = [i for i in node.inputs if i != CONST]
        if node.prim in _PRODUCTS:
            if {x, parameter} != {_base(tape, i) for i in inputs}:
                return False
            continue
        if node.prim in _COMPARED:
            inputs = [i for i in inputs if tape.nodes[i].prim != "made"]
        largest = max((np.size(tape.values[i]) for i in inputs), default=0)
        wide = [i for i in inputs if np.size(tape.values[i]) == largest > 1]
        if not wide:
            return False
        pending += [i for i in wide if i not in seen]
        seen.update(wide)
    return True


def _base(tape: Tape, n: int) -> int:
    while tape.nodes[n].prim in _SAME and tape.nodes[n].inputs and tape.nodes[n].inputs[0] != CONST:
        n = tape.nodes[n].inputs[0]
    return n
