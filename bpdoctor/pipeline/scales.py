"""Gradients that differ from the truth by a constant: sign, averaging, one tensor out of step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from bpdoctor.identify.families import Family
from bpdoctor.identify.running import taken_back
from bpdoctor.measure.assess import Assessment
from bpdoctor.measure.beside import score
from bpdoctor.measure.confirm import loss_from, loss_nodes
from bpdoctor.measure.held import plain
from bpdoctor.measure.multipliers import multiplies
from bpdoctor.measure.rates import spelled
from bpdoctor.measure.view import View
from bpdoctor.model.report import Finding, Mark, Status
from bpdoctor.model.rule import Rule
from bpdoctor.model.tape import CONST
from bpdoctor.observe.sites import Sites
from bpdoctor.pipeline.analysis import Analysis
from bpdoctor.pipeline.entries import (
    added_site,
    entry_of,
    own_site,
    shared_entry,
    step_site,
    turned_before,
    turning_site,
)
from bpdoctor.pipeline.outputs import linear_in_outputs
from bpdoctor.pipeline.repairing import Search
from bpdoctor.pipeline.repairs import Proposal, flipped, rescaled
from bpdoctor.pipeline.uniform import uniform
from bpdoctor.report.wording import factor, quoted

_NEAR = 1e-6
_UNLIKE = 1e-3
_FACTORS = 20
_LONGER = "a constant that the derivative has not makes these steps longer or shorter than those of the others"
_CONSTRAINT = "the loss, which it is in as the multiplier of a constraint: a saddle is looked for"


def scale_findings(
    a: Analysis, names: Sequence[str], sites: Sites, rules: Mapping[str, Rule], search: Search | None = None
) -> Iterator[tuple[Finding, list[Proposal]]]:
    """Findings about constant factors, with the edits that would take them out."""
    state = a.rest or a.assessment
    if state is None or a.assessment is None:
        return
    rate = state.trials[0].rate
    state = _without_faults(a, state)
    families = state.trials[0].view.families
    climbing = _climbing(a.assessment, [_sign(state, k, rate) for k in range(len(state.outcomes))], sites)
    other = {k for m in a.meant for k in m.other}
    negative = [k for k in climbing if k not in other and _one_way(state, families[k])]
    negative = [k for k in negative if not _returns(state, families[k])]
    multipliers = [k for k in negative if len(negative) < len(families) and multiplies(state.trials[0], k)]
    for wrong, meant in ((multipliers, _CONSTRAINT), ([k for k in negative if k not in multipliers], "")):
        if wrong:
            yield _ascent(state, wrong, meant or _of_a_maximum(state), names, sites, rules)
    found: dict[Any, tuple[Finding, list[Proposal]]] = {}
    # Among parameters that climb, one of the same size that descends is right.
    scaled = [
        k
        for k, o in enumerate(state.outcomes)
        if o.status == "scaled" and k not in negative and k not in other and not (negative and abs(o.scale + 1) < _NEAR)
    ]
    whole = _one_layer(state, scaled, a, names, sites, rules, search) if scaled else None
    if whole is not None:
        yield whole
    for k in scaled if whole is None else ():
        finding, offered = _one_tensor(state, k, names, sites, rules, search)
        key = finding.primary, factor(state.outcomes[k].scale)
        held = found.get(key)
        found[key] = (finding, offered) if held is None else (_joined(held[0], finding), held[1])
    yield from found.values()
    if not negative and len(other) < len(families):
        whole_step = uniform(a, names, sites, rules, search)
        if whole_step is not None:
            yield whole_step


def _joined(one: Finding, other: Finding) -> Finding:
    """What one place does to several gradients: it is no matter of a bias where a weight has the factor as well."""
    first = other if one.rule != other.rule and one.rule == "bias-gradient-scale" else one
    follows = (*one.follows, *other.follows)
    return replace(first, follows=follows, message=first.message.replace(quoted(first.follows), quoted(follows)))


def _one_layer(
    state: Assessment,
    scaled: Sequence[int],
    a: Analysis,
    names: Sequence[str],
    sites: Sites,
    rules: Mapping[str, Rule],
    search: Search | None,
) -> tuple[Finding, list[Proposal]] | None:
    """A mistake in one layer that gives all of these factors; few programs need what this imports."""
    from bpdoctor.pipeline.layered import as_forward, in_layer, layered

    whole = layered(state, scaled, a.units, rules)
    if whole is None:
        return None
    finding, entry = in_layer(state, whole, names, sites)
    offered = [] if entry is None else [*as_forward(whole, entry, sites), *rescaled(sites[entry], whole.factor)]
    found = [] if search is None or entry is None else search.of_factor(state.trials, entry, whole.factor)
    return finding, [*found, *offered]


def _one_way(state: Assessment, family: Family) -> bool:
    """Whether the steps go one way: an advantage as a factor turns them as it turns out."""
    signs = {float(np.sign(t.rate[plain(family)])) for t in state.trials}
    return len(signs - {0.0}) < 2 and not (state.inferred and any(_advantage(t.view, family) for t in state.trials))


def _advantage(view: View, family: Family) -> bool:
    """Whether an update is multiplied by a difference of two numbers that came out below zero."""
    updates = (u for c in family.claims for u in view.step.parameters[c.parameter].updates)
    pending = [t.node for u in updates for t in u.terms]
    for _ in range(_FACTORS):
        node = view.tape.nodes[pending.pop()] if pending else None
        if node is None or node.prim not in ("multiply", "divide", "negative"):
            continue
        sources = [s for s in node.inputs if s != CONST]
        numbers = [s for s in sources if np.size(view.tape.values[s]) == 1 and view.tape.nodes[s].prim == "subtract"]
        if any(float(np.ravel(view.tape.values[s])[0]) < 0 and s not in view.forward for s in numbers):
            return True
        pending += sources
    return False


def _climbing(assessment: Assessment, signs: Sequence[float], sites: Sites) -> list[int]:
    """The families that move up the loss; of a score, which is to be climbed, those that move down beside others."""
    turned = -1 if any(s < 0 for s in signs) and score(assessment, lambda i: sites[i].node) else 1
    return [k for k, sign in enumerate(signs) if turned * sign < 0]


def _without_faults(a: Analysis, state: Assessment) -> Assessment:
    """The factors that are left once those that a fault gives to all of its families are taken out.

    Notes
    -----
    What was believed in place of a true adjoint need not have its size or sign: the gradients that follow
    from it then share a factor that is no second fault.
    """
    outcomes = list(state.outcomes)
    down = float(np.sign(state.trials[0].rate[True])) or 1.0
    followers = [k for fault, _ in a.faults for k in fault.families]
    groups = [(list(fault.families), True) for fault, _ in a.faults]
    groups += [([k for k in range(len(outcomes)) if k not in followers], False)] if followers else []
    for members, of_fault in groups:
        known = [k for k in members if outcomes[k].status in ("ok", "scaled")]
        scales = [outcomes[k].scale for k in known]
        # Of as many with one sign as with the other those are right that step down.
        alike = {s: sum(abs(s - t) <= _NEAR * abs(s) for t in scales) for s in scales}
        shared = max(scales, key=lambda s: (alike[s], s > 0), default=1.0)
        for k in known:
            own = outcomes[k].scale / (shared * down if of_fault else abs(shared))
            status: Status = "ok" if abs(abs(own) - 1) <= _NEAR else "scaled"
            outcomes[k] = replace(outcomes[k], status=status, scale=own)
    return Assessment(state.trials, outcomes)


def _sign(state: Any, k: int, rate: Mapping[bool, float]) -> float:
    outcome = state.outcomes[k]
    if outcome.status not in ("ok", "scaled"):
        return 1.0
    family = state.trials[0].families[k]
    return float(np.sign(outcome.scale * (rate[all(c.plain for c in family.claims)] or 1.0)))


def _returns(state: Any, family: Family) -> bool:
    """Whether a step up the loss is taken back before the step that counts."""
    view = state.trials[0].view
    return all(taken_back(view.tape, view.step.parameters[c.parameter]) for c in family.claims)


def _ascent(
    state: Any, wrong: Sequence[int], meant: str, names: Sequence[str], sites: Sites, rules: Mapping[str, Rule]
) -> tuple[Finding, list[Proposal]]:
    view, first = state.trials[0].view, state.trials[0].view.families[wrong[0]]
    update = sites[step_site(view, first)]
    turning = site = update if plain(first) else sites[turning_site(view, first, step_site(view, first))]
    if turned_before(state, wrong, update):
        entry = entry_of(state, wrong[0], -1.0, sites)
        site = sites[entry] if entry is not None else update
    names_ = ", ".join(f"`{names[k]}`" for k in wrong[:3])
    rule = rules["gradient-ascent"]
    finding = Finding(
        rule.code,
        rule.slug,
        "note" if meant else "error",
        f"{names_} {'moves' if len(wrong) == 1 else 'move'} up the gradient of " + (meant or "the loss"),
        Mark(site.span, "the sign is turned here"),
        related=(Mark(update.span, "applied here"),) if site is not update else (),
        evidence=(_way(state, wrong[0]),),
        why=rule.why,
        residual=0.0,
        follows=tuple(names[k] for k in wrong),
    )
    return finding, flipped(site, step=site is turning)


def _way(state: Any, k: int) -> str:
    """How the recorded steps of a family go against the way down."""
    own = [t.fits[k].scale for t in state.trials if t.fits[k] is not None and t.fits[k].matches]
    if own and max(own) < 0 and max(own) - min(own) > _UNLIKE * abs(min(own)):
        return (
            f"the recorded steps are {min(own):.3g} to {max(own):.3g} times the way down, each another number of times"
        )
    return f"every recorded step is {factor(-abs(_total(state, k)))} times the way down"


def _of_a_maximum(state: Any) -> str:
    """What is climbed where it is below 0 at every step: a likelihood or a value of a game, and no loss; else empty."""
    if any(t.candidate.node is None for t in state.trials):
        return ""
    if all(linear_in_outputs(t.view, t.candidate.node) for t in state.trials):
        return "a mean of outputs without any target, which a critic climbs"
    values = (loss_from(t, [t.view.tape.values[n] for n in loss_nodes(t)]) for t in state.trials)
    return "what is below 0 and is taken to be maximised" if all(value < 0 for value in values) else ""


def _total(state: Any, k: int) -> float:
    family = state.trials[0].families[k]
    return float(state.outcomes[k].scale * (state.trials[0].rate[all(c.plain for c in family.claims)] or 1.0))


def _one_tensor(
    state: Any,
    k: int,
    names: Sequence[str],
    sites: Sites,
    rules: Mapping[str, Rule],
    search: Search | None,
) -> tuple[Finding, list[Proposal]]:
    """A factor on one gradient that the others do not have."""
    view = state.trials[0].view
    family, scale = view.families[k], state.outcomes[k].scale
    alike = [j for j, o in enumerate(state.outcomes) if o.status == "scaled" and abs(o.scale / scale - 1) < _NEAR]
    entry = shared_entry(state, k, own_site(state, k, entry_of(state, k, scale)), alike)
    within = None
    if _in_update(state, k):
        entry, within = step_site(view, family), added_site(view, family)
    site = sites[entry] if entry is not None else sites[family.site]
    bias = _is_bias(view, family)
    rule = rules["bias-gradient-scale" if bias else "gradient-scale"]
    finding = Finding(
        rule.code,
        rule.slug,
        "error",
        f"gradient of `{names[k]}` is {factor(scale)} times the scale of the others",
        Mark(site.span, "the factor comes in here"),
        evidence=(f"least squares: claimed = {scale:.6g} x reference, what is left {state.outcomes[k].residual:.1e}",),
        why=rule.why if bias else _LONGER,
        residual=float(state.outcomes[k].residual),
        follows=(names[k],),
    )
    at = entry if within is None else within
    found = [] if search is None or at is None else search.of_factor(state.trials, at, scale)
    return finding, [*found, *rescaled(site, scale)]


def _in_update(state: Any, k: int) -> bool:
    """Whether the constants of the update statements make the difference to the gradients that are right."""
    trial = state.trials[0]
    own = trial.families[k].claims[0].stated
    right = (f for f, o in zip(trial.families, state.outcomes, strict=True) if o.status == "ok")
    return any(spelled(state.outcomes[k].scale, own, f.claims[0].stated) for f in right)


def _is_bias(view: Any, family: Any) -> bool:
    starts = {view.step.parameters[c.parameter].start for c in family.claims}
    consumers = {view.tape.nodes[n].prim for n in view.forward if starts & set(view.tape.nodes[n].inputs)}
    return bool(consumers) and consumers <= {"add", "subtract", "getitem", "reshape", "concatenate"}
