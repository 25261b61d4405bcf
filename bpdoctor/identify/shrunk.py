"""Parameters that an update shrinks beside its step: ``W = (1 - rate * decay) * W - rate * g``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from bpdoctor.identify.dependence import ancestors
from bpdoctor.identify.rates import constant_number
from bpdoctor.identify.roles import Chain
from bpdoctor.model.tape import Tape

_ROUNDING = 1e-12
_MOST = 8


def shrinking(tape: Tape, chain: Chain) -> float:
    """The share of a parameter that its updates take away, besides what they add to it; 0 where there is none."""
    terms = [t for u in chain.updates for t in u.terms]
    if not terms or not all(t.whole for t in terms):
        return 0.0
    start, end = (np.asarray(tape.values[n], dtype=np.float64) for n in (chain.start, chain.end))
    added = sum(t.sign * np.asarray(tape.values[t.node], dtype=np.float64) for t in terms)
    if start.shape != end.shape or np.shape(start + added) != start.shape or not np.any(start):
        return 0.0
    taken = start + added - end
    share = float(np.sum(taken * start) / np.sum(start * start))
    top = float(np.abs(start).max() + np.abs(end).max())
    return share if abs(share) > _ROUNDING and np.allclose(taken, share * start, rtol=0, atol=_ROUNDING * top) else 0.0


def decays(tape: Tape, masks: Mapping[int, int], chain: Chain, gradient: int, share: float) -> Iterator[Any]:
    """What a share that is taken away may be the step of: that by one of the rates between gradient and parameter."""
    terms = [t.node for u in chain.updates for t in u.terms]
    within = {n for n in masks if n > gradient}
    rates: dict[float, None] = {1.0: None}  # the gradient may have its rate already
    for n in ancestors(tape, terms, within):
        node = tape.nodes[n]
        if node.prim == "multiply":
            found = (constant_number(tape, masks, s, c) for s, c in zip(node.inputs, node.consts, strict=True))
            rates.update((abs(x), None) for x in found if x)
    start = np.asarray(tape.values[chain.start], dtype=np.float64)
    for rate in list(rates)[:_MOST]:
        yield share / rate * start
