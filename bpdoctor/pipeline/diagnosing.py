"""What is wrong with gradients that do not agree: faults with their names, under the likeliest loss."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from bpdoctor.diagnose.localise import Fault, Tools, localise
from bpdoctor.diagnose.name import Named, after_network, name
from bpdoctor.identify.counts import is_rate
from bpdoctor.identify.dependence import ancestors
from bpdoctor.identify.residuals import find_residuals
from bpdoctor.measure.assess import Assessment, Trial, assess, factor
from bpdoctor.measure.hypotheses import declared_form, of_signs
from bpdoctor.measure.matching import AdjointIndex
from bpdoctor.measure.units import Unit
from bpdoctor.model.rule import Rule
from bpdoctor.observe.sites import Sites
from bpdoctor.pipeline.causes import by_causes, origins
from bpdoctor.pipeline.choice import is_stated, ranked, rate_sign
from bpdoctor.pipeline.growth import by_growth
from bpdoctor.pipeline.samples import by_samples

_MOST_DIAGNOSED = 3
Diagnosed = tuple[Fault, Named]


def diagnosed(
    tried: list[Assessment],
    units: list[Unit],
    sites: Sites,
    rules: Sequence[Rule],
    *,
    given: bool,
    apart: str = "",
) -> tuple[Assessment | None, Assessment | None, list[Diagnosed]]:
    """Take the loss hypothesis under which the fewest and best explained faults remain.

    Parameters
    ----------
    given : bool
        Whether the loss was named by the user: then no other is meant.
    apart : str
        The form of a loss that the program evaluates apart from its steps.

    Returns
    -------
    tuple
        The gradients compared under that loss, what they are with the faults believed, and the faults; nothing where
        the loss was more likely not understood.
    """
    best: tuple[float, Assessment, Assessment, list[Diagnosed]] | None = None
    tried = [a for a in tried if given or not (_before_steps(a) or _is_entry(a, sites) or _is_part(a, tried))]
    stated = _stated(tried, sites) | {apart}
    for rank, assessment in enumerate(ranked(tried, sites)[:_MOST_DIAGNOSED]):
        prior = _prior(assessment, apart) + _beside(assessment, stated)
        if best is not None and best[0] <= prior + 1.0 + 0.01 * rank:
            continue  # even one fault with a name would not be a better explanation
        known: dict[int, Diagnosed] = {}

        def named_as(fault: Fault, known: dict[int, Diagnosed] = known) -> Named:
            if id(fault) not in known:
                # The fault is held, so that no other gets its id.
                known[id(fault)] = fault, name(fault, rules, units)
            return known[id(fault)][1]

        tools = Tools(assess, AdjointIndex, units, lambda f: named_as(f).rule, factor, sites)
        faults, rest = localise(assessment, tools)
        told = [by_growth(f, by_samples(f, named_as(f), rules, sites), rules) for f in faults]
        named = by_causes(list(zip(faults, told, strict=True)), rules, sites)
        cost = prior + _cost(rest, named) + 0.01 * rank
        if best is None or cost < best[0]:
            best = (cost, assessment, rest, named)
    if best is None:
        return None, None, []
    _, under, left, believed = best
    invented = under.inferred and under.form not in stated
    if not given and ((invented and _unlike(under, believed)) or (under.agreeing == 0 and _unfounded(under, believed))):
        return None, None, []
    if under.inferred and not given:
        believed = [(f, n) for f, n in believed if n.rule is not None or _of_residual(f, sites)]
    return under, left, believed


def _unfounded(assessment: Assessment, faults: list[Diagnosed]) -> bool:
    """Whether a loss with which nothing agrees was more likely not understood.

    Nothing is explained then; and of a loss that was only inferred, each gradient is wrong by itself. Rules of
    learning that descend no loss (Hebb's, competitive ones) look like this.
    """
    if not all(_by_itself(f) for f, _ in faults):
        return False
    return assessment.inferred or (len(assessment.outcomes) > 1 and all(n.rule is None for _, n in faults))


def _before_steps(assessment: Assessment) -> bool:
    """Whether a loss is evaluated before the first step alone, and no gradient is its: it may be a measure."""
    if assessment.inferred or assessment.agreeing:
        return False
    steps = ((t.view.step, t.candidate.scalars) for t in assessment.trials)
    return all(step.iteration == 0 and max(scalars) < step.start for step, scalars in steps)


def _is_entry(assessment: Assessment, sites: Sites) -> bool:
    """Whether a number is an entry that is only looked at, of an array, and no gradient is its."""
    if assessment.inferred or assessment.agreeing or is_stated(assessment, sites):
        return False
    return all(t.view.tape.nodes[n].prim == "getitem" for t in assessment.trials for n in t.candidate.scalars)


def _is_part(assessment: Assessment, tried: Sequence[Assessment]) -> bool:
    """Whether a number is a term of another one that no derivative is known of: the sum is meant, and not this."""
    unknown = (a for a in tried if all(o.status == "not-examined" for o in a.outcomes))
    own = {id(t.view): t for t in assessment.trials}
    for other in unknown:
        trials = [(own[id(t.view)], t) for t in other.trials if id(t.view) in own]
        if trials and all(_within(part, whole) for part, whole in trials):
            return True
    return False


def _within(part: Trial, whole: Trial) -> bool:
    """Whether a loss is computed from another one."""
    node = whole.candidate.node
    if node is None or node in part.candidate.scalars or not part.candidate.scalars:
        return False
    return set(part.candidate.scalars) <= ancestors(whole.view.tape, [node], whole.view.masks)


def _unlike(assessment: Assessment, faults: list[Diagnosed]) -> bool:
    """Whether a loss that was only inferred is not the one that is descended, as far as can be told.

    Then what is written for its derivative at the outputs is that of no loss known here, or parameters are moved that
    it does not depend on. Of a rate any function of it may weigh the errors: there is a likelihood for each.
    """
    trial = assessment.trials[0]
    outputs = {o for o, _ in trial.candidate.pairs}
    rates = all(is_rate(trial.view.tape, o, t) for o, t in trial.candidate.pairs)
    ends = [(f, n) for f, n in faults if after_network(f)]
    at_outputs = any(trial.view.by_key[f.pairs[0][1]] in outputs for f, n in ends if n.rule is None)
    unlike = any(n.rule is None and not _below_output(f, n) for f, n in ends)
    return bool(ends and rates) or at_outputs or unlike or _elsewhere(assessment)


def _below_output(fault: Fault, named: Named) -> bool:
    """Whether the error above a weight, or above the function of an output, is right: only what is below it is not."""
    local = named.local
    if fault.upstream is None or local is None:
        return False
    if local.role in ("weight", "bias"):
        return True
    if local.role != "activation" or local.after is None or local.output is None:
        return False
    return np.array_equal(local.after, local.output)


def _elsewhere(assessment: Assessment) -> bool:
    """Whether a parameter that makes some gradient is moved, on which an inferred loss does not depend."""
    trial = assessment.trials[0]
    view, made = trial.view, set()
    for family in view.families:
        made |= view.backward(family)
    for family, outcome in zip(view.families, assessment.outcomes, strict=True):
        starts = {view.step.parameters[c.parameter].start for c in family.claims}
        if outcome.status == "wrong" and starts <= made and not any(s in trial.adjoints.values for s in starts):
            return True
    return False


def _by_itself(fault: Fault) -> bool:
    """Whether the gradient of a parameter is wrong, and no derivative on the way to it."""
    starts = {c.start for c in fault.assessment.trials[0].view.step.parameters}
    return fault.assessment.trials[0].view.by_key[fault.pairs[0][1]] in starts


def _of_residual(fault: Fault, sites: Sites) -> bool:
    """Whether gradients come from the difference from which their loss was inferred: else they are not of that loss."""
    trial = fault.assessment.trials[0]
    view, outputs = trial.view, {o for o, _ in trial.candidate.pairs}
    found = find_residuals(view.tape, view.masks, view.claims, lambda i: sites[i].node)
    nodes = {n for r in found if outputs & {o for o, _ in r.pairs} for n in r.nodes}
    return not nodes or all(nodes & view.backward(view.families[k]) for k in fault.families)


def _beside(assessment: Assessment, stated: Collection[str]) -> float:
    """What an inferred loss leaves unexplained beside all faults: that the program computes another one."""
    return float(assessment.inferred and bool(set(stated) - {"", assessment.form}))


def _stated(tried: Sequence[Assessment], sites: Sites) -> set[str]:
    """The standard losses that statements of the program compute."""
    return {declared_form(a) for a in tried if is_stated(a, sites)}


def _cost(rest: Assessment, named: list[Diagnosed]) -> float:
    """Faults, unexplained ones counting double, and gradients that stay wrong."""
    left = sum(o.status in ("wrong", "not-examined", "not-finite") for o in rest.outcomes)
    each = [1.0 if n.rule is not None else 2.0 for _, n in named if n.cause is None]
    return 2.0 * left + sum(each) + origins(named)


def _prior(assessment: Assessment, apart: str) -> float:
    """How unlikely a loss is before the gradients are looked at.

    A mean absolute error is mostly printed while a squared error is descended; what nobody adds up nobody climbs.
    """
    if of_signs(assessment):
        return 0.4
    if len(assessment.trials[0].candidate.scalars) > 1 and rate_sign(assessment):
        return 0.6
    if apart and assessment.form == apart:
        return 0.0
    return {"computed": 0.0, "squared error": 0.3, "absolute error": 1.5}.get(assessment.form, 0.4)
