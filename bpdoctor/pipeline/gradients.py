"""What is wrong with the gradients of what is trained together: faults, factors, and a loss that is another one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bpdoctor.model.report import Finding
from bpdoctor.model.rule import Rule
from bpdoctor.observe.sites import Sites
from bpdoctor.pipeline.analysis import Analysis
from bpdoctor.pipeline.aside import aside
from bpdoctor.pipeline.findings import from_fault, merged
from bpdoctor.pipeline.repairs import Proposal
from bpdoctor.pipeline.scales import scale_findings
from bpdoctor.pipeline.searching import Searching


def gradient_findings(
    a: Analysis, names: Sequence[str], sites: Sites, rules: Mapping[str, Rule], search: Searching | None
) -> list[tuple[Finding, list[Proposal]]]:
    """Findings with the repairs to be tried for each."""
    found: list[tuple[Finding, list[Proposal]]] = []
    for fault, named in a.faults:
        finding = from_fault(fault, named, names, sites, rules)
        found.append((finding, search.of_fault(fault) if search else []))
    found = [*merged(found), *scale_findings(a, names, sites, rules, search)]
    return [*found, *aside(a, sites, rules)]
