"""A note on a loss that the program computes and does not descend, or of which it descends a single term."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

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
