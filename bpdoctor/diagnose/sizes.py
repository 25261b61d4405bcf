"""How large a wrong value is, and of which sign, where no right value above it tells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from bpdoctor.diagnose.believed import Fault

_SCALING = frozenset({"multiply", "divide", "negative"})
_MOST_FACTORS = 4
_SAME_RATE = 1e-6
_CONSTANT = 1e-4
_ROUNDING = 1e-9


def stated_rates(view: Any, rates: Sequence[float]) -> list[float]:
    """What the learning rate may be, once a wrong value is believed and all gradients share one rate.

    Notes
    -----
    It is one of the constants that the updates multiply by, or a product of them; the rest is the value's
    own factor. Last comes the factor that makes the claimed gradients what they are called. Empty where the
    steps do not share one rate.
    """
    stated = [abs(x) for c in view.claims if c.plain for x in (c.factor, *c.scalars) if x]
    # What is taken off as it stands has its rate within, ``W -= rate * x.T @ d``, unless that is an averaging.
    sizes = {float(d) for n in view.forward for d in np.shape(view.tape.values[n])}
    within = [x for x in stated if x != 1]
    stated = within if any(round(1 / x, 9) not in sizes for x in within) else stated
    if not stated or not all(rates) or max(rates) - min(rates) > _SAME_RATE * abs(rates[0]):
        return []
    found = dict.fromkeys([*products(tuple(dict.fromkeys(stated))[:_MOST_FACTORS]), stated[0]])
    return sorted(found, key=lambda p: p == stated[0])


def whole_statement(fault: Fault, sites: Any) -> Fault:
    """The same fault at the outermost expression of its statement that only scales it: ``-(y / p) / n``."""
    trials = fault.assessment.trials
    view = trials[0].view
    statement = sites[fault.pairs[0][0][0]].statement
    user, scale = fault.pairs[0][0], fault.scale
    node = view.by_key[user]
    for n in range(node + 1, view.step.stop):
        entry = view.tape.nodes[n]
        if entry.prim in _SCALING and node in entry.inputs and sites[entry.site].statement is statement:
            ratio = _ratio(view.tape.values[n], view.tape.values[node])
            if ratio is not None and n in view.keys:
                node, user, scale = n, view.keys[n], scale * ratio
    if user == fault.pairs[0][0] or len(fault.pairs) > 1:
        return fault
    return replace(fault, pairs=((user, fault.pairs[0][1]),), scale=scale)


def _ratio(x: Any, y: Any) -> float | None:
    a, b = np.ravel(np.asarray(x, dtype=np.float64)), np.ravel(np.asarray(y, dtype=np.float64))
    if a.size != b.size or a.size < 2 or not b.any():
        return None
    k = float(np.dot(a, b) / np.dot(b, b))
    return k if k and np.abs(a - k * b).max() <= 1e-9 * np.abs(a).max() else None


def products(numbers: Sequence[float]) -> list[float]:
    """Products of some of the numbers, of all but one first."""
    out = [1.0]
    for x in numbers:
        out += [p * x for p in out]
    return out[1:]


def distinct(scales: Iterable[float]) -> list[float]:
    """Factors without repetition but for rounding, in their order."""
    out: list[float] = []
    for s in scales:
        if all(abs(s - o) > 1e-6 * abs(o) for o in out):
            out.append(s)
    return out


def fixed_size(view: Any, reached: Iterable[int]) -> tuple[float, ...]:
    """Size of the error where it is no matter of the rate: a penalty in the loss adds gradients of its own size."""
    alone = {view.masks.get(n) for n in view.starts if np.ndim(view.tape.values[n])}
    summed = (n for n in reached if n not in view.starts and np.ndim(view.tape.values[n]) == 0)
    return (1.0,) if any(view.masks.get(n) in alone for n in summed) and len(view.starts) > 1 else ()


def steady(one: float, other: float) -> bool:
    """Whether two steps have the same factor, as far as they tell one."""
    return not abs(one - other) > _CONSTANT * abs(one)


def steps(fault: Fault, index: Any) -> bool:
    """Whether a step is made at the wrong value, and be it that the right one gets another shape."""
    view, user = fault.assessment.trials[0].view, fault.pairs[0][0]

    def shape(key: Any) -> tuple[int, ...]:
        return np.shape(view.tape.values[view.by_key[key]])

    return not fault.missing_step or all(shape(m.forward) != shape(user) for m in index.matches(user))


def rescaled(value: Any, claim: Any) -> bool:
    """Whether an array and a gradient of the same shape differ by a factor only."""
    a, b = (np.ravel(np.asarray(x, dtype=np.float64)) for x in (value, claim))
    length = float(np.dot(a, a))
    if np.shape(value) != np.shape(claim) or not length or not np.isfinite(length) or not b.any():
        return False
    return bool(np.abs(b - np.dot(a, b) / length * a).max() <= _ROUNDING * np.abs(b).max())
