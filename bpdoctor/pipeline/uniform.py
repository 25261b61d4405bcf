"""All gradients off by one constant that neither the rate nor an averaging in the update explains."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from bpdoctor.measure.assess import Assessment
from bpdoctor.measure.matching import AdjointIndex
from bpdoctor.model.record import record
from bpdoctor.model.report import Finding, Mark, Severity
from bpdoctor.model.rule import Rule
from bpdoctor.model.tape import Handed
from bpdoctor.observe.sites import Sites
from bpdoctor.pipeline.analysis import Analysis
from bpdoctor.pipeline.averaging import averaged_again
from bpdoctor.pipeline.repairing import Search
from bpdoctor.pipeline.repairs import Proposal
from bpdoctor.report.wording import factor

_NEAR = 1e-6
# Within single precision.
_ROUGH = 1e-4


@record
class Constant:
    """A constant that all gradients have too much: its size, by what a true adjoint is multiplied, what it may mean."""

    factor: float
    scale: float
    meaning: str


def uniform(
    a: Analysis, names: Sequence[str], sites: Sites, rules: Mapping[str, Rule], search: Search | None
) -> tuple[Finding, list[Proposal]] | None:
    """The finding about such a constant, with the edits that would take it out."""
    assert a.assessment is not None
    if not a.assessment.agreeing and any(named.rule is None for _, named in a.faults):
        return None  # below a mistake that is not understood, a factor says nothing
    state = a.seldom or a.rest or a.assessment
    first = state.trials[0]
    known = _of_constants(a, state)
    if known is None:
        return None
    k = known.factor
    severity: Severity = "note" if abs(k - 2) < _NEAR or abs(k - 0.5) < _NEAR else "warning"
    rule = rules["gradient-scale"]
    update = sites[first.view.families[0].site]
    at = _first_with(state, known.scale, sites)
    site = update if at is None else sites[at]
    finding = Finding(
        rule.code,
        rule.slug,
        severity,
        f"all gradients are {factor(k)} times the derivative of the loss ({known.meaning})",
        Mark(site.span, "the factor comes in here"),
        related=(Mark(update.span, "with this rate the step is as large as with another"),),
        evidence=(f"claimed = {k:.6g} x reference for every parameter: a learning rate {factor(k)} times as large",),
        why=rule.why,
        residual=0.0,
        follows=tuple(names),
    )
    if search is None or at is None or severity == "note":
        return finding, []
    return finding, search.of_factor(state.trials, at, k)


def _of_constants(a: Analysis, state: Assessment) -> Constant | None:
    """The constant that all gradients have too much, and what it may stand for."""
    assert a.assessment is not None
    under = a.seldom or a.assessment
    first, rates = under.trials[0], state.trials[0].rate
    # Below a wrong derivative of the loss itself, its size is a guess, and so is an averaging.
    if all(fault.upstream is not None for fault, _ in a.faults):
        for plain in (True, False):
            alike = [k for k, o in enumerate(state.outcomes) if o.status == "ok" and _plain(first, k) == plain]
            again = averaged_again(first, rates[plain], plain, alike) if rates[plain] and alike else None
            if again is not None:
                n, k = again
                said = f"averaged twice over {n} samples or outputs"
                return Constant(1 / n if under.inferred else k, k, said)
    claims = [c for c in first.view.claims if c.plain]
    if under.inferred or not rates[True] or not claims:
        return None
    stated = {float(np.prod([abs(r.factor) for r in c.stated if r.factor])) for c in claims}
    k = abs(_least_factor(abs(rates[True]), claims))
    if abs(k - 1) >= _NEAR and len(stated) == 1:
        k = abs(rates[True]) / stated.pop()
    named = None if abs(k - 1) < _NEAR else _meaning(k, first)
    return None if named is None else Constant(k, k, named)


def _plain(trial: Any, k: int) -> bool:
    return all(c.plain for c in trial.view.families[k].claims)


def _first_with(state: Assessment, k: float, sites: Sites) -> int | None:
    """Site of the first backward value that is `k` times a true adjoint, or of what passes a forward value on as one.

    A forward value that is the loss's derivative but for its 1/n, like ``out - y``, is right: the mean is left out
    where it is taken for the derivative, by its new name, as an argument, or in a product.
    """
    index = AdjointIndex(state.trials)
    view = state.trials[0].view
    backward = sorted(set().union(*(view.backward(f) for f in view.families)))
    scaled = {n for n in backward if n >= view.step.start and _has(index, view, n, k)}
    forward = state.trials[0].adjoints.values.keys()
    first = min(scaled - forward, default=None)
    if first is None:
        return None
    site = int(view.keys[first][0])
    if k < 1:
        return site
    from bpdoctor.diagnose.handed import handed_on
    from bpdoctor.diagnose.spot import named_for

    for taken in view.tape.nodes[first].inputs:
        if taken in scaled and taken in forward:
            named = named_for(view, taken, site, sites)
            handed = handed_on(view, taken, sites) if named == site else named
            return site if handed is None else int(handed)
    return _handed_back(view, first, sites)


def _has(index: AdjointIndex, view: Any, n: int, k: float) -> bool:
    found = index.matches(view.keys[n]) if n in view.keys else []
    return any(abs(abs(m.scale) - k) < _ROUGH * k for m in found)


def _handed_back(view: Any, node: int, sites: Sites) -> int:
    """Where what was made by a change in place is handed back as it is; else where it is made."""
    site = int(view.keys[node][0])
    if isinstance(sites[site].statement, ast.AugAssign):
        for event in view.tape.events:
            if isinstance(event, Handed) and event.node == node and sites[event.site].scope == sites[site].scope:
                return int(event.site)
    return site


def _least_factor(rate: float, claims: Sequence[Any]) -> float:
    """What remains of the common rate after the constants that the update itself multiplies by."""
    scalars = list(dict.fromkeys(abs(s) for c in claims for s in c.scalars if s))[:8]
    # ``lr / n`` is two numbers: where the gradient is a sum, 1/n is its share of the mean.
    parts = [abs(r.factor) for c in claims for r in c.stated if r.factor]
    products = [1.0]
    for s in list(dict.fromkeys([*scalars, *parts]))[:8]:
        products += [p * s for p in products]
    if any(abs(np.log(rate / p)) < _NEAR for p in products):
        return 1.0
    # Otherwise the factor that the update statement itself states is the learning rate.
    stated = [abs(c.factor) for c in claims if c.factor and abs(c.factor) != 1] or [s for s in scalars if s < 1]
    return rate / min(stated, default=1.0)


def _meaning(k: float, trial: Any) -> str | None:
    """What a constant may stand for: samples, outputs, or the factor of a square."""
    sizes = sorted({n for v in trial.candidate.seeds.values() for n in np.shape(v)} | _lengths(trial), reverse=True)
    if abs(k - 2) < _NEAR or abs(k - 0.5) < _NEAR:
        return "the factor of the square"
    for n in sizes:
        if n > 1 and abs(k - n) < _NEAR * n:
            return f"{n} is a number of samples or outputs: the mean over them is missing"
        if n > 1 and abs(k * n - 1) < _NEAR:
            return f"1/{n}: averaged once more than the loss"
    return None


def _lengths(trial: Any) -> set[int]:
    view = trial.view
    out: set[int] = set()
    for n in trial.adjoints.values:
        shape = np.shape(view.tape.values[n])
        out |= set(shape)
        out.add(int(np.prod(shape)))
    return out
