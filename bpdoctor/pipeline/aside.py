"""A note on a loss that the program computes and does not descend, where no line can be called wrong for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bpdoctor.model.report import Finding, Mark
from bpdoctor.model.rule import Rule
from bpdoctor.observe.sites import Sites
from bpdoctor.pipeline.analysis import Analysis

SLUG = "loss-delta-mismatch"


def aside(a: Analysis, sites: Sites, rules: Mapping[str, Rule]) -> Iterator[Finding]:
    """Say which number is another loss than the one whose gradient is taken."""
    if a.aside is None or a.assessment is None or SLUG not in rules:
        return
    trial = a.aside.trials[0]
    site = sites[trial.view.tape.nodes[trial.candidate.scalars[0]].site]
    rule = rules[SLUG]
    form = a.assessment.form
    yield Finding(
        rule.code,
        rule.slug,
        "note",
        f"what is computed here is another loss than the {form}, whose gradient is taken",
        Mark(site.span, "not what is descended"),
        evidence=(f"all gradients are those of the {form}, none is that of this number",),
        why="a number that is printed may rise while what is descended falls; both are right by themselves",
    )
