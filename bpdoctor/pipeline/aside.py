"""A note on a loss that the program computes and does not descend, or of which it descends a single term."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bpdoctor.measure.assess import Assessment
from bpdoctor.model.report import Finding, Mark
from bpdoctor.model.rule import Rule
from bpdoctor.observe.sites import Sites
from bpdoctor.pipeline.analysis import Analysis
from bpdoctor.pipeline.repairs import Proposal, added
from bpdoctor.pipeline.summed import Single

SLUG = "loss-delta-mismatch"
_SUMS = "gradient-accumulation"


def aside(a: Analysis, sites: Sites, rules: Mapping[str, Rule]) -> Iterator[tuple[Finding, list[Proposal]]]:
    """Say which number is another loss than the one whose gradient is taken, or of which only a term is descended."""
    if a.term is not None and a.assessment is not None and _SUMS in rules:
        yield _one_term(a.term, sites, rules[_SUMS]), added(sites[a.term.site])
    if a.part is not None and a.assessment is not None and SLUG in rules:
        yield _addend(a.assessment, a.part, sites, rules[SLUG]), []
    if a.aside is None or a.assessment is None or SLUG not in rules:
        return
    trial = a.aside.trials[0]
    site = sites[trial.view.tape.nodes[trial.candidate.scalars[0]].site]
    rule = rules[SLUG]
    form = a.assessment.form
    finding = Finding(
        rule.code,
        rule.slug,
        "note",
        f"what is computed here is another loss than the {form}, whose gradient is taken",
        Mark(site.span, "not what is descended"),
        evidence=(f"all gradients are those of the {form}, none is that of this number",),
        why="a number that is printed may rise while what is descended falls; both are right by themselves",
    )
    yield finding, []


def _addend(whole: Assessment, part: Assessment, sites: Sites, rule: Rule) -> Finding:
    """Of a sum that is computed one term is descended, and what is added to it is in no gradient."""
    loss, term = (sites[a.trials[0].view.tape.nodes[a.trials[0].candidate.scalars[0]].site] for a in (whole, part))
    return Finding(
        rule.code,
        rule.slug,
        "error",
        f"of this loss only `{term.text}` is descended: what is added to it is in no gradient",
        Mark(loss.span, "the loss that is computed"),
        related=(Mark(term.span, "all gradients are those of this alone"),),
        evidence=("all gradients are exactly those of the one term, and not those of the sum",),
        why="derivatives add: without its own, a term is printed with the loss and never made smaller",
    )


def _one_term(term: Single, sites: Sites, rule: Rule) -> Finding:
    return Finding(
        rule.code,
        rule.slug,
        "error",
        f"of the {term.several} differences computed here, only the last is learned from",
        Mark(sites[term.site].span, "overwrites the one before"),
        related=(Mark(sites[term.loss].span, "the loss is that of all of them"),),
        evidence=(
            "all gradients are those of the last difference alone",
            "with the others added they are those of the loss that is computed",
        ),
        why=rule.why,
        residual=0.0,
    )
