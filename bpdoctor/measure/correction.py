"""Bias correction: whether the t of ``1 - decay**t`` counts the steps, and whether its result is kept.

References
----------
Kingma & Ba, "Adam: A Method for Stochastic Optimization", 2015: either moment starts from zeros, and the factor
``1 / (1 - decay**t)`` on the way to the parameter makes it a mean again.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator

import numpy as np

from bpdoctor.measure.recurrence import Kept, Recurrence, recurrence
from bpdoctor.measure.view import View
from bpdoctor.model.examination import Examination
from bpdoctor.model.tape import CONST, Tape

_SAME = 1e-6
_MOST = 4  # parameters whose step numbers are compared
_WORN = 0.9  # a correction by less than a tenth is hardly one
_LATE = 9  # a step number that stands still for so many steps is fixed

Odd = tuple[str, int, int, float, int | None]
Seen = list[tuple[View, Recurrence, Kept]]


def odd_correction(examination: Examination, k: int, seen: Seen, site: int, update: int) -> Iterator[Odd]:
    """Kinds "stored back", "gain" (of the new value in the mean), "fixed step", "counted for each", "other decay"."""
    kept = seen[0][2]
    total = [x.gain + x.square for _, _, x in seen]
    stored = _stored_back(seen)
    if stored is not None:
        yield "stored back", site, update, stored, None
        return
    between = _stored_between(seen)
    if between is not None:
        yield "stored back", between, update, kept.decay, None
        return
    if not 0 < kept.decay < 1 or kept.gain * kept.square or not _is(total[0]):
        return
    steps = [_step_number(v, r, x) for v, r, x in seen]
    if any(s is None for s in steps):
        others = [_others_step(v, r, x) for v, r, x in seen]
        if others[0] is not None and None not in others:
            yield "other decay", others[0][1], update, kept.decay, site
        return
    if abs(kept.decay + total[0] - 1) > _SAME:
        yield "gain", site, update, total[0] / (1 - kept.decay), None
    number, at = steps[0] or (0, site)
    counts = [s[0] for s in steps if s]
    if len(set(counts)) == 1 and _late_number(examination, k, seen) == number and 1 - kept.decay**number < _WORN:
        counter = _set_anew(examination, at)
        yield "fixed step", at if counter is None else counter, update, float(number), None
    elif len(counts) > 1 and counts[1] - counts[0] > 1 and _several_counts(seen, kept):
        counter = _advanced(examination, at)
        yield "counted for each", at if counter is None else counter, update, float(counts[1] - counts[0]), None


def _several_counts(seen: Seen, kept: Kept) -> bool:
    """Whether the parameters of one step are corrected by different step numbers."""
    view = seen[0][0]
    numbers = set()
    for family in view.families[:_MOST]:
        found = recurrence(view, family.claims[0]) if family.claims else None
        if found is not None:
            steps = [_step_number(view, found, x) for x in found.kept if abs(x.decay - kept.decay) < _SAME]
            numbers |= {step[0] for step in steps if step is not None}
    return len(numbers) > 1


def _advanced(examination: Examination, correction: int) -> int | None:
    """The statement above a correction that counts its t up."""
    place = examination.sites[correction]
    counters = _counters(place.node)
    for i in range(correction - 1, -1, -1):
        statement = examination.sites[i].statement
        if isinstance(statement, ast.AugAssign | ast.Assign) and examination.sites[i].source is place.source:
            target = statement.target if isinstance(statement, ast.AugAssign) else statement.targets[0]
            adds = isinstance(statement, ast.AugAssign) or isinstance(statement.value, ast.BinOp)
            if adds and ast.unparse(target) in counters:
                return i
    return None


def _counters(correction: ast.AST) -> set[str]:
    """What stands as the power of the decay."""
    powers = [n for n in ast.walk(correction) if isinstance(n, ast.BinOp) and isinstance(n.op, ast.Pow)]
    return {ast.unparse(p.right) for p in powers}


def _set_anew(examination: Examination, correction: int) -> int | None:
    """The statement that sets the t of ``1 - decay**t`` to a number, where there is one above it."""
    place = examination.sites[correction]
    counters = _counters(place.node)
    for i in range(correction - 1, -1, -1):
        site = examination.sites[i]
        statement = site.statement
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant):
            target = site.node in statement.targets and site.scope == place.scope
            if target and site.text in counters:
                return i
    return None


def _stored_back(seen: Seen) -> float | None:
    """``kept = (decay * kept + (1 - decay) * g) / (1 - decay**t)`` with t counting up: the decay, or None."""
    decays, numbers = [], []
    for _, _, x in seen:
        both = x.decay + x.gain + x.square
        if not (_is(x.decay) and _is(x.gain + x.square)) or x.gain * x.square or both <= 1 + _SAME:
            return None
        decay = x.decay / both
        number = np.log1p(-1 / both) / np.log(decay)
        if abs(number - round(number)) > 1e-4:
            return None
        decays.append(decay)
        numbers.append(round(number))
    rising = all(b > a for a, b in itertools.pairwise(numbers))
    same = np.ptp(decays) < 1e-4
    return float(decays[0]) if len(seen) > 1 and rising and same else None


def _stored_between(seen: Seen) -> int | None:
    """Where what a step left is divided by ``1 - decay**t`` before the next step goes on with it."""
    numbers, site = [], None
    for (view, _, left), (after, _, found) in itertools.pairwise(seen):
        if view.tape is not after.tape or left.chain.end == found.chain.start or not 0 < left.decay < 1:
            return None
        old, new = (np.asarray(view.tape.values[n], np.float64) for n in (left.chain.end, found.chain.start))
        top = float(np.abs(old).max()) if old.size and old.shape == new.shape else 0.0
        ratio = float(np.sum(new * old) / np.sum(old * old)) if top else 0.0
        if ratio <= 1 + _SAME or float(np.abs(new - ratio * old).max()) > _SAME * ratio * top:
            return None
        number = np.log1p(-1 / ratio) / np.log(left.decay)
        if abs(number - round(number)) > 1e-4:
            return None
        numbers.append(round(number))
        site = view.tape.nodes[found.chain.start].site
    return site if all(b > a for a, b in itertools.pairwise(numbers)) else None


def _step_number(view: View, found: Recurrence, kept: Kept) -> tuple[int, int] | None:
    """The t of a factor ``1 - decay**t`` on the way to the parameter, and where it is computed."""
    return _numbered(view, found, _after(view, found, kept), kept.decay)


def _others_step(view: View, found: Recurrence, kept: Kept) -> tuple[int, int] | None:
    """The t of a factor that has the decay of another kept value, on the way that this one takes alone."""
    for other in found.kept:
        if 0 < other.decay < 1 and abs(other.decay - kept.decay) > _SAME:
            alone = _after(view, found, kept) - _after(view, found, other)
            number = _numbered(view, found, alone, other.decay)
            if number is not None:
                return number
    return None


def _numbered(view: View, found: Recurrence, inside: set[int], decay: float) -> tuple[int, int] | None:
    for n in sorted(inside):
        node = view.tape.nodes[n]
        if node.prim in ("multiply", "divide"):
            for source in node.inputs:
                if source != CONST and source not in found.nodes and np.size(view.tape.values[source]) == 1:
                    number = _among(view.tape, source, decay)
                    if number is not None:
                        return number
    return None


def _after(view: View, found: Recurrence, kept: Kept) -> set[int]:
    """The stretch from the new kept value to the parameter."""
    out = {kept.chain.end}
    for n in found.nodes:
        if out & set(view.tape.nodes[n].inputs):
            out.add(n)
    return out - {kept.chain.end}


def _among(tape: Tape, scalar: int, decay: float) -> tuple[int, int] | None:
    """A number of the form ``1 - decay**t`` among those a scalar is computed from."""
    pending = [scalar]
    seen: set[int] = set()
    while pending and len(seen) < 24:
        n = pending.pop(0)
        if n in seen or n == CONST or np.size(tape.values[n]) != 1:
            continue
        seen.add(n)
        value = float(np.asarray(tape.values[n], dtype=np.float64).reshape(()))
        if tape.nodes[n].prim == "subtract" and 0 < value < 1:
            number = np.log1p(-value) / np.log(decay)
            if round(number) >= 1 and abs(number - round(number)) < 1e-6 * max(number, 1):
                return round(number), tape.nodes[n].site
        pending.extend(tape.nodes[n].inputs)
    return None


def _late_number(examination: Examination, k: int, seen: Seen) -> int | None:
    """The step number in use at the last recorded step, long after the first ones."""
    if not examination.late or examination.late[-1].step.iteration < seen[0][0].step.iteration + _LATE:
        return None
    view = examination.late[-1]
    site = seen[0][0].families[k].site
    for family in view.families:
        if family.site == site and family.ordinal == seen[0][0].families[k].ordinal:
            found = recurrence(view, family.claims[0])
            if found is None:
                return None
            for kept in found.kept:
                if abs(kept.decay - seen[0][2].decay) < _SAME:
                    number = _step_number(view, found, kept)
                    return None if number is None else number[0]
    return None


def _is(x: float) -> bool:
    return bool(np.isfinite(x)) and x != 0
