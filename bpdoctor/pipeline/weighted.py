"""A note on samples that are weighted in the gradient and not in the loss."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bpdoctor.model.report import Finding, Mark
from bpdoctor.model.rule import Rule
from bpdoctor.observe.sites import Sites
from bpdoctor.pipeline.analysis import Analysis
from bpdoctor.pipeline.repairs import Proposal

_SLUG = "gradient-scale"


def weighted(a: Analysis, sites: Sites, rules: Mapping[str, Rule]) -> Iterator[tuple[Finding, list[Proposal]]]:
    """Say that what is descended is a weighted sum of the samples' losses."""
    for weights in a.weights if _SLUG in rules else ():
        finding = Finding(
            rules[_SLUG].code,
            rules[_SLUG].slug,
            "note",
            f"the errors of the samples are weighted, by {weights.low:.4g} to {weights.high:.4g}; the loss is not",
            Mark(sites[weights.site].span, "weighted here"),
            evidence=("without these weights all that follows is the derivative of the loss",),
            why="a weighted loss is descended: rare or doubtful samples may be meant to count more or less than others",
        )
        yield finding, []
