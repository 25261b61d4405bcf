"""Where values that are not finite arise, of those that reach a parameter, a gradient or a result."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from bpdoctor.measure.layers import backward_nodes, consumers_of, is_float
from bpdoctor.model.examination import Examination, Measurement
from bpdoctor.model.record import record
from bpdoctor.model.tape import CONST, Tape

LOGARITHMS = {"log": 0.0, "log2": 0.0, "log10": 0.0, "log1p": -1.0}
EXPONENTIALS = frozenset({"exp", "exp2", "expm1", "sinh", "cosh", "power"})
QUOTIENTS = frozenset({"divide", "reciprocal", "floor_divide", "remainder"})


@record
class Origin:
    """The first operation of its kind whose value is not finite though all its operands are.

    Attributes
    ----------
    kind : str
        "overflow", "log of zero", "division by zero" or "other".
    site : int
        The operation's place.
    primitive : str
    operands : tuple of float
        The operands at the first bad entry.
    result : float
    entries, size : int
        How many entries are bad, of how many.
    reaches : str
        What it reaches: "the parameters", "the gradient" or "the result".
    iteration : int
        Recorded iteration of the training loop; -1 outside it.
    early, first : bool
        Whether it was so in the first recorded steps, and in the very first of them.
    """

    kind: str
    site: int
    primitive: str
    operands: tuple[float, ...]
    result: float
    entries: int
    size: int
    reaches: str
    iteration: int
    early: bool = True
    first: bool = True


def origins(examination: Examination) -> list[Origin]:
    """Origins in the first recorded stretch that has any, one a kind, in order of execution."""
    stretches = [(examination.tape, examination.views), *((v.tape, [v]) for v in examination.late)]
    if examination.after is not None and all(tape is not examination.after for tape, _ in stretches):
        stretches.append((examination.after, []))
    for i, (tape, views) in enumerate(stretches):
        found = _origins_on(tape, views)
        if found:
            start = min((v.step.iteration for v in examination.views), default=-1)
            return [replace(o, early=i == 0, first=i == 0 and o.iteration <= start) for o in found]
    return []


def _origins_on(tape: Tape, views: list[Any]) -> list[Origin]:
    bad = {n for n, v in enumerate(tape.values) if is_float(v) and not np.isfinite(v).all()}
    if not bad:
        return []
    out: dict[str, Origin] = {}
    for reaches, sinks in _sinks(tape, views, bad):
        for n in sorted(_bad_above(tape, sinks, bad)):
            if not any(s in bad for s in tape.nodes[n].inputs) and not _deliberate(tape, n):
                origin = _origin(tape, n, reaches, views)
                out.setdefault(origin.kind, origin)
    return sorted(out.values(), key=lambda o: o.kind == "other")


def _sinks(tape: Tape, views: list[Any], bad: set[int]) -> list[tuple[str, list[int]]]:
    """Bad values that matter, by what they are."""
    parameters = {c.end for v in views for c in v.step.parameters} & bad
    gradients = {n for v in views for n in backward_nodes(v) if n in {c.node for c in v.claims}} & bad
    consumers = consumers_of(tape)
    trained = set().union(*(v.masks for v in views)) if views else set(range(len(tape)))
    ends = [
        n
        for n in sorted(bad & trained)
        if tape.nodes[n].prim not in ("leaf", "made") and not any(is_float(tape.values[c]) for c in consumers[n])
    ]
    return [("the parameters", sorted(parameters)), ("the gradient", sorted(gradients)), ("the result", ends)]


def _bad_above(tape: Tape, sinks: list[int], bad: set[int]) -> set[int]:
    pending = list(sinks)
    out = set(pending)
    while pending:
        for source in tape.nodes[pending.pop()].inputs:
            if source in bad and source not in out:
                out.add(source)
                pending.append(source)
    return out


def _deliberate(tape: Tape, n: int) -> bool:
    """An infinity that the program wrote itself: ``best = inf``, ``scores[mask] = -inf``."""
    value = np.asarray(tape.values[n])
    if np.isnan(value).any():
        return False
    given = any(s == CONST and _infinite(c) for s, c in zip(tape.nodes[n].inputs, tape.nodes[n].consts, strict=True))
    return given or (tape.nodes[n].prim in ("leaf", "made") and value.ndim == 0)


def _infinite(constant: Any) -> bool:
    return is_float(constant) and bool(np.isinf(constant).any())


def _origin(tape: Tape, n: int, reaches: str, views: list[Any]) -> Origin:
    node, value = tape.nodes[n], np.asarray(tape.values[n])
    wrong = ~np.isfinite(value)
    operands = _operands_at(tape, n, wrong)
    result = float(value[wrong].ravel()[0])
    iteration = next((v.step.iteration for v in views if v.step.lo <= n < v.step.hi), -1)
    kind = _kind(node.prim, operands, result)
    return Origin(kind, node.site, node.prim, operands, result, int(wrong.sum()), int(value.size), reaches, iteration)


def _operands_at(tape: Tape, n: int, wrong: Any) -> tuple[float, ...]:
    """Operands of an elementwise operation at the first bad entry of its value."""
    node = tape.nodes[n]
    out = []
    for s, c in zip(node.inputs, node.consts, strict=True):
        try:
            operand = np.asarray(c if s == CONST else tape.values[s], dtype=np.float64)
            out.append(float(np.broadcast_to(operand, wrong.shape)[wrong].ravel()[0]))
        except (TypeError, ValueError):
            return ()
    return tuple(out)


def _kind(prim: str, operands: tuple[float, ...], result: float) -> str:
    if prim in LOGARITHMS and operands and operands[0] == LOGARITHMS[prim]:
        return "log of zero"
    if prim in QUOTIENTS and operands and operands[-1] == 0:
        return "division by zero"
    if prim == "power" and len(operands) == 2 and operands[0] == 0 and operands[1] < 0:
        return "division by zero"
    if prim in EXPONENTIALS and np.isinf(result):
        return "overflow"
    return "other"


def first_bad_parameter(examination: Examination) -> tuple[int, int, int] | None:
    """(site of update, iteration, last iteration that was finite) when training left the numbers unseen."""
    good = max((v.step.iteration for v in examination.views), default=-1)
    for view in examination.late:
        for chain in view.step.parameters:
            if not np.isfinite(np.asarray(view.tape.values[chain.start])).all():
                return chain.updates[0].site, view.step.iteration, good
        good = view.step.iteration
    return None


@record
class Finiteness:
    """Origins of values that are not finite, and parameters found not finite when recording went on."""

    origins: tuple[Origin, ...]
    diverged: tuple[int, int, int] | None


def finiteness(examination: Examination) -> Finiteness:
    """Everything about values that are not finite."""
    found = tuple(origins(examination))
    return Finiteness(found, None if found and found[0].iteration >= 0 else first_bad_parameter(examination))


MEASURE = Measurement("finite", finiteness)
