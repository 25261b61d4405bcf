"""Notes on what no gradient of the loss is and may be meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bpdoctor.model.report import Finding, Mark
from bpdoctor.model.rule import Rule
from bpdoctor.observe.sites import Sites
from bpdoctor.pipeline.analysis import Analysis
from bpdoctor.pipeline.repairs import Proposal

_SLUG = "gradient-scale"


def meant(a: Analysis, sites: Sites, rules: Mapping[str, Rule]) -> Iterator[tuple[Finding, list[Proposal]]]:
    """Say what is descended or learned from in place of the gradient."""
    for m in a.meant if _SLUG in rules else ():
        mark = Mark(sites[m.site].span, m.label)
        rule = rules[_SLUG]
        yield Finding(rule.code, rule.slug, "note", m.message, mark, evidence=(m.evidence,), why=m.why), []
