"""One sample and one output: every gradient is a multiple of the true one, and only the steps tell by what.

A wrong factor of the output delta is then one number a step. It shows as a rate that changes from step to
step though the program states one.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Container, Sequence
from typing import Any

import numpy as np

from bpdoctor.identify.dependence import STATE, ancestors, cuts, dependence
from bpdoctor.identify.residuals import find_residuals
from bpdoctor.measure.powers import is_root
from bpdoctor.measure.view import View

_FEWEST = 3
_SAME = 1e-4
# A gradient that is clipped or rescaled by its size has another rate at every step, and rightly.
_RESCALING = frozenset({"linalg.norm", "clip", "minimum", "maximum"})


def mark_single(views: Sequence[View], units: Sequence[Any], node_of_site: Callable[[int], ast.AST]) -> None:
    """Note on each step whether everything passes through one number, the output of the network."""
    inside = {key for unit in units for key in (unit.before, unit.after)}
    for view in views:
        # A linear output is no unit; it is what is set against a target.
        residuals = find_residuals(view.tape, view.masks, view.claims, node_of_site)
        ends = inside | {view.keys[o] for r in residuals for o, _ in r.pairs if o in view.keys}
        errors = dict.fromkeys((n for r in residuals for n in r.nodes), STATE)
        view.single = _single(view, ends, dependence(view.tape, errors, view.step.lo, view.step.hi))


def _single(view: View, ends: set[tuple[int, int]], later: Container[int]) -> bool:
    """Whether the last of the `ends`, none of them made of an error, is one number, and all there is."""
    held = [c for c in view.claims if c.node is not None]
    # A rule that keeps a mean of its steps has one rate as well, if it is the same for all parameters.
    if len(held) < len(view.claims) or len({c.plain for c in held}) != 1:
        return False
    backward = set().union(*(view.backward(f) for f in view.families))
    if any(view.tape.nodes[n].prim in _RESCALING or is_root(view.tape, n) for n in backward):
        return False
    outputs = [n for n, key in view.keys.items() if key in ends and n in view.forward and n not in later]
    numbers = [n for n in outputs if np.size(view.tape.values[n]) == 1]
    last = max(numbers, default=None)
    if last is None or _several(view, numbers, last):
        return False
    starts = {c.start for c in view.step.parameters}
    reached = {n for n in cuts(view.tape, last, view.masks) if np.size(view.tape.values[n]) == 1}
    return last in reached and all(_passes(view, s, last) for s in starts)


def _several(view: View, numbers: Sequence[int], last: int) -> bool:
    """Whether the expression of the last number makes others beside it: outputs of other samples or times."""
    made = [n for n in numbers if view.tape.nodes[n].site == view.tape.nodes[last].site]
    return not ancestors(view.tape, [last], view.masks).issuperset(made)


def _passes(view: View, start: int, last: int) -> bool:
    """Whether the output depends on this parameter at all."""
    bit = view.masks.get(start, 0)
    return bool(view.masks.get(last, 0) & bit)


def unsteady(trials: Sequence[Any]) -> bool:
    """Whether the common rate changes between steps in a way that no constant of the update explains.

    Where the gradients are made of what is taken for the loss, it may be no loss at all: an output, or an error.
    """
    if not all(t.view.claims for t in trials):
        return False
    # Where a gradient is 0, another may have to tell the rate.
    telling = [sum(f is not None and not f.zero for f in t.fits) for t in trials]
    trials = [t for t, n in zip(trials, telling, strict=True) if n == max(telling)]
    rates = [t.rate[t.view.claims[0].plain] for t in trials]
    if len(trials) < 2 or not all(rates) or _spread(rates) <= _SAME:
        return False
    if not (len(trials) >= _FEWEST and all(t.view.single for t in trials)) and not all(map(_made_of, trials)):
        return False
    stated = [(c.factor, *c.scalars) for t in trials for c in t.view.claims[:1]]
    shared = min(len(s) for s in stated)
    divisors = [[1.0] * len(trials), [float(np.prod(s[1:])) for s in stated]]
    divisors += [[s[i] for s in stated] for i in range(shared)]
    return all(_spread([r / d for r, d in zip(rates, ds, strict=True)]) > _SAME for ds in divisors if all(ds))


def steady_rates(trials: Sequence[Any]) -> list[float]:
    """The rates of a gradient that is the same multiple of the true one at all steps, where another changes; or none.

    With one output every gradient is a multiple of the true one; the one that is steady is the witness.
    """
    for k in range(len(trials[0].families)):
        own = [t.fits[k] for t in trials]
        plain = all(c.plain for c in trials[0].families[k].claims)
        if plain and all(f is not None and f.matches for f in own) and _spread([f.scale for f in own]) <= _SAME:
            return [f.scale for f in own]
    return []


def _made_of(trial: Any) -> bool:
    """Whether every gradient is computed from the number that is taken for the loss."""
    node = trial.candidate.node
    return node is not None and all(node in trial.view.backward(family) for family in trial.view.families)


def too_few(trials: Sequence[Any]) -> bool:
    """Whether one output of one sample was seen in so few steps that a rate for all of them says nothing."""
    return len(trials) < _FEWEST and all(t.view.single for t in trials)


def _spread(values: list[float]) -> float:
    return (max(values) - min(values)) / max(abs(v) for v in values)
