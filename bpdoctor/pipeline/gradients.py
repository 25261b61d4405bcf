"""The gradients of what is trained together: their table, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from bpdoctor.model.report import Finding, GradientResult
from bpdoctor.model.rule import Rule
from bpdoctor.observe.sites import Sites
from bpdoctor.pipeline.analysis import Analysis
from bpdoctor.pipeline.aside import aside
from bpdoctor.pipeline.meant import meant
from bpdoctor.pipeline.repairing import Search
from bpdoctor.pipeline.repairs import Proposal
from bpdoctor.pipeline.scales import scale_findings
from bpdoctor.pipeline.scattered import scattered


def gradient_findings(
    a: Analysis, names: Sequence[str], sites: Sites, rules: Mapping[str, Rule], search: Search | None
) -> list[tuple[Finding, list[Proposal]]]:
    """Faults, factors, and a loss that is another one, with the repairs to be tried for each."""
    found = [*faulty(a, names, sites, rules, search), *scale_findings(a, names, sites, rules, search)]
    return [*found, *scattered(a, names, sites, rules), *aside(a, sites, rules), *meant(a, sites, rules)]


def faulty(
    a: Analysis, names: Sequence[str], sites: Sites, rules: Mapping[str, Rule], search: Search | None
) -> list[tuple[Finding, list[Proposal]]]:
    """A finding for each fault; what words them is imported where there is one."""
    if not a.faults:
        return []
    from bpdoctor.pipeline.findings import from_fault, merged

    found: list[tuple[Finding, list[Proposal]]] = []
    for fault, named in a.faults:
        finding = from_fault(fault, named, names, sites, rules)
        found.append((finding, search.of_fault(fault) if search else []))
    return merged(found)


def gradient_results(analysis: Analysis, names: Sequence[str], sites: Sites) -> list[GradientResult]:
    """The table of gradients."""
    out = []
    # What follows from something that may be meant is judged with it believed.
    assessment = analysis.rest if analysis.meant and not analysis.faults else analysis.assessment
    other = {k for m in analysis.meant for k in m.other}
    for k, family in enumerate(analysis.views[0].families):
        line = sites[family.site].line
        if assessment is None or k in other:
            out.append(GradientResult(names[k], "not-examined", None, None, None, line))
            continue
        o = assessment.outcomes[k]
        status = o.status
        scale = o.scale if status == "scaled" else None
        out.append(GradientResult(names[k], status, _finite(o.residual), _finite(o.tolerance), _finite(scale), line))
    return out


def _finite(x: float | None) -> float | None:
    return None if x is None or not np.isfinite(x) else float(x)
