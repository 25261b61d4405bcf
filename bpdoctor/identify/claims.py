"""The gradient that the user's program claims for each parameter, and the rate it is applied with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from bpdoctor.identify.dependence import PARAMETERS, STATE, cuts
from bpdoctor.identify.step import Chain, Step
from bpdoctor.model.tape import CONST, Tape

_DEEP = frozenset({"multiply", "divide", "negative", "matmul", "dot", "outer", "transpose", "sum", "copy", "reshape", "mean"})
_PEELED = frozenset({"copy", "asarray", "astype", "float", "positive"})


@dataclass(frozen=True, slots=True, eq=False)
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
    """

    parameter: int
    node: int | None
    value: Any
    factor: float
    scalars: tuple[float, ...]
    plain: bool


def find_claims(tape: Tape, step: Step, masks: dict[int, int]) -> list[Claim]:
    """One claim for each parameter whose update carries a gradient."""
    out = []
    for k, chain in enumerate(step.parameters):
        claim = _claim(tape, step, masks, k, chain)
        if claim is not None:
            out.append(claim)
    return out


def _claim(tape: Tape, step: Step, masks: dict[int, int], k: int, chain: Chain) -> Claim | None:
    terms = [t for u in chain.updates for t in u.terms]
    live = [t for t in terms if masks.get(t.node, 0) & PARAMETERS]
    theta = np.asarray(tape.values[chain.start], dtype=np.float64)
    if len(live) == 1 and len(terms) == 1 and live[0].whole:
        found = _from_term(tape, masks, k, live[0].node, live[0].sign, theta.shape)
        if found is not None:
            return found
    if not live and not terms:
        return None
    # Several summands, or an update entry by entry: the change itself is the evidence.
    change = np.asarray(tape.values[chain.end], dtype=np.float64) - theta
    rates: list[float] = []
    for t in live or terms:
        _, factor, scalars = peel(tape, masks, t.node)
        rates.extend([*scalars, *deep_scalars(tape, masks, t.node)])
    factor = _first_rate(rates)
    return Claim(k, None, -change / factor, factor, tuple(dict.fromkeys(rates)), True)


def _first_rate(rates: list[float]) -> float:
    small = [abs(r) for r in rates if 0 < abs(r) < 1]
    return small[0] if small else 1.0


def _from_term(
    tape: Tape, masks: dict[int, int], k: int, node: int, sign: int, shape: tuple[int, ...]
) -> Claim | None:
    plain = not masks[node] & STATE
    held = node
    if not plain:
        clean = [c for c in cuts(tape, node, _only_parameters(masks)) if not masks[c] & STATE]
        if not clean:
            return None
        held = clean[-1]
    inner, factor, scalars = peel(tape, masks, held)
    value = np.asarray(tape.values[inner], dtype=np.float64)
    if value.shape != shape:
        if value.size == int(np.prod(shape)):
            value = value.reshape(shape)
        else:
            try:
                value = np.broadcast_to(value, shape)
            except ValueError:
                return None
    factor = -sign * factor
    if not plain:
        factor = _direction(tape, node, sign, value)
    deep = deep_scalars(tape, masks, inner)
    return Claim(k, inner, value, factor, tuple(dict.fromkeys([*scalars, *deep])), plain)


def _only_parameters(masks: dict[int, int]) -> dict[int, int]:
    return {n: m for n, m in masks.items() if m & PARAMETERS}


def _direction(tape: Tape, node: int, sign: int, value: Any) -> float:
    """Sign of an update that passes through optimiser state: +1 when it goes against the gradient."""
    change = sign * np.asarray(tape.values[node], dtype=np.float64)
    try:
        product = float(np.sum(change * value))
    except ValueError:
        return 1.0
    return 1.0 if product <= 0 else -1.0


def peel(tape: Tape, masks: dict[int, int], node: int) -> tuple[int, float, list[float]]:
    """Strip constant factors off a node: ``lr * g / n`` is `g`, ``lr / n`` and the two numbers.

    Returns
    -------
    tuple
        The inner node, the product of what was stripped, and each stripped number.
    """
    factor, scalars = 1.0, []
    while True:
        entry = tape.nodes[node]
        if entry.prim == "negative":
            factor = -factor
        elif entry.prim in ("multiply", "divide"):
            sides = [_rate(tape, masks, s, c) for s, c in zip(entry.inputs, entry.consts, strict=True)]
            which = 1 if sides[1] is not None else 0
            rate = sides[which]
            if rate is None or (entry.prim == "divide" and which == 0) or entry.inputs[1 - which] == CONST:
                return node, factor, scalars
            if not masks.get(entry.inputs[1 - which], 0):
                return node, factor, scalars
            if entry.prim == "divide":
                rate = 1.0 / rate if rate else 1.0
            factor *= rate
            scalars.append(rate)
            node = entry.inputs[1 - which]
            continue
        elif entry.prim not in _PEELED:
            return node, factor, scalars
        node = entry.inputs[0]


def _rate(tape: Tape, masks: dict[int, int], source: int, const: object) -> float | None:
    """The number behind an operand that is a constant scalar of this step."""
    value = const if source == CONST else tape.values[source]
    if (source != CONST and masks.get(source, 0)) or np.size(value) != 1:  # type: ignore[arg-type]
        return None
    try:
        return float(np.asarray(value, dtype=np.float64).reshape(()))
    except (TypeError, ValueError):
        return None


def deep_scalars(tape: Tape, masks: dict[int, int], node: int, depth: int = 10) -> list[float]:
    """Constant factors further inside a product (``lr * x.T @ d``, ``x.T @ (lr * d)``)."""
    entry = tape.nodes[node]
    if depth == 0 or entry.prim not in _DEEP:
        return []
    out: list[float] = []
    for i, (source, const) in enumerate(zip(entry.inputs, entry.consts, strict=True)):
        rate = _rate(tape, masks, source, const)
        if rate is not None and entry.prim in ("multiply", "divide"):
            if entry.prim == "multiply" or i == 1:
                out.append(1.0 / rate if entry.prim == "divide" and rate else rate)
        elif source != CONST:
            out.extend(deep_scalars(tape, masks, source, depth - 1))
    if entry.prim == "mean":
        inner = np.size(tape.values[entry.inputs[0]])
        out.append(np.size(tape.values[node]) / inner if inner else 1.0)
    return out
