"""Findings from faults: the words, the places and the numbers of a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from bpdoctor.diagnose.localise import Fault
from bpdoctor.diagnose.name import Named
from bpdoctor.diagnose.spot import spot
from bpdoctor.model.report import Finding, Mark
from bpdoctor.model.rule import Rule
from bpdoctor.model.source import Span
from bpdoctor.observe.sites import Sites, span_of
from bpdoctor.pipeline.causes import marks_of
from bpdoctor.report.wording import number, quoted

FALLBACK = "wrong-gradient"


def from_fault(fault: Fault, named: Named, names: Sequence[str], sites: Sites, rules: Mapping[str, Rule]) -> Finding:
    """One finding for one independent fault; the gradients that follow from it are folded under it."""
    rule = named.rule or next((r for r in rules.values() if named.layer in r.layers), rules[FALLBACK])
    touched = [names[k] for k in fault.families]
    before = fault.assessment.outcomes
    worst = max((before[k].residual for k in fault.families if np.isfinite(before[k].residual)), default=0.0)
    evidence = [f"relative error {number(worst)} in the gradient of {quoted(touched)}"]
    if named.prediction is not None:
        steps = len(fault.assessment.trials)
        what = named.prediction.note or named.prediction.label
        evidence.append(f"equals {what} to {number(named.residual)} on {steps} of {steps} recorded steps")
        if np.isfinite(named.runner_up):
            evidence.append(f"the next best explanation misses by {number(named.runner_up)}")
        if named.prediction.should:
            evidence.append(f"it should be {named.prediction.should}")
    else:
        evidence.append(_wanted_words(fault, sites))
        if fault.upstream is not None and not fault.missing_step:
            evidence.append("derivatives nearer to the loss are right")
    mark, related = marks_of(named, sites) or _marks(fault, named, sites)
    return Finding(
        code=rule.code,
        rule=rule.slug,
        severity="error",
        message=f"gradient of {quoted(touched)} is wrong{_said(rule)}",
        primary=mark,
        related=related,
        evidence=tuple(evidence),
        why=rule.why,
        residual=None if not np.isfinite(named.residual) else float(named.residual),
        follows=tuple(touched),
    )


def _said(rule: Rule) -> str:
    return ", cause not recognised" if rule.slug == FALLBACK else f": {rule.title}"


def _taken_whole(fault: Fault, user: tuple[int, int]) -> bool:
    """Whether a right value of another shape was taken for a gradient: then the place that takes it is wrong."""
    view = fault.assessment.trials[0].view
    node = view.by_key[user]
    if not fault.misshapen:
        return False
    # What goes into all gradients is the size by which they are clipped.
    shared = set.intersection(*(view.backward(f) for f in view.families))
    readers = [n for n, entry in enumerate(view.tape.nodes[: view.step.stop]) if node in entry.inputs]
    return len([n for n in readers if n not in shared]) > 1


def _marks(fault: Fault, named: Named, sites: Sites) -> tuple[Mark, tuple[Mark, ...]]:
    """The place at fault, the forward line that belongs to it, and the product that it spoils."""
    (user, forward), view = fault.pairs[0], fault.assessment.trials[0].view
    related = []
    product = sites[user[0]].span
    place = forward_span(view, view.by_key[forward], sites)
    at, expression = spot(fault, named, sites)
    if _taken_whole(fault, user):
        at = int(view.families[fault.families[0]].site)
        expression = sites[at].node
    mark = span_of(sites[at].source, expression)
    if place is not None and place != mark:
        related.append(Mark(place, "this is what it differentiates"))
    if product.line != mark.line:
        related.append(Mark(product, "it enters the gradient here"))
    return Mark(mark, "computed here"), tuple(related)


def merged(found: Sequence[tuple[Finding, Any]]) -> list[tuple[Finding, Any]]:
    """One finding for one expression that makes the same mistake for several gradients."""
    out: dict[tuple[str, Mark | None], tuple[Finding, Any]] = {}
    for finding, offered in found:
        key = (finding.rule, finding.primary)
        if key in out:
            first, edits = out[key]
            follows = tuple(dict.fromkeys((*first.follows, *finding.follows)))
            message = first.message.replace(quoted(first.follows), quoted(follows))
            out[key] = (replace(first, follows=follows, message=message), edits or offered)
        else:
            out[key] = (finding, offered)
    return list(out.values())


def forward_span(view: Any, node: int, sites: Sites) -> Span | None:
    """Where a forward value is computed; a parameter's own place says nothing, so none is given."""
    if node in {c.start for c in view.step.parameters}:
        return None
    return sites[view.tape.nodes[node].site].span


def _wanted_words(fault: Fault, sites: Sites) -> str:
    forward = fault.pairs[0][1]
    view = fault.assessment.trials[0].view
    text = " ".join(sites[view.tape.nodes[view.by_key[forward]].site].text.split())
    return f"no named fault predicts it; it should be the derivative of the loss for `{text[:60]}`"
