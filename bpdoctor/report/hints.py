"""Withholding: the same report with less given away, for teachers who want the student to look."""

from __future__ import annotations

import re
from dataclasses import replace

from bpdoctor.model.report import Finding, GradientResult, Mark, Report
from bpdoctor.report.format import LEVELS, Hints


def withhold(report: Report, hints: Hints) -> Report:
    """Return `report` as far as `hints` allows; every renderer starts with this.

    Below *cause*, headlines are replaced (they name the fault), and what else would name it is left
    out: code, rule, labels, related places, evidence, scales, health, pictures. Below *place*, the lines too.
    """
    level = LEVELS.index(hints)
    findings = report.findings
    if level < LEVELS.index("fix"):
        findings = tuple(replace(finding, fix=None) for finding in findings)
    if level >= LEVELS.index("cause"):
        return replace(report, findings=findings)
    place = level >= LEVELS.index("place")
    return replace(
        report,
        findings=tuple(_symptom(finding, report, place=place) for finding in findings),
        gradients=tuple(_plain(gradient, place=place) for gradient in report.gradients),
        health={},
        pictures=None,
    )


def _plain(gradient: GradientResult, *, place: bool) -> GradientResult:
    status = "wrong" if gradient.status == "scaled" else gradient.status
    return replace(gradient, status=status, scale=None, line=gradient.line if place else None)


def _symptom(finding: Finding, report: Report, *, place: bool) -> Finding:
    primary = finding.primary
    return Finding(
        code="",
        rule="",
        severity=finding.severity,
        message=_headline(finding, report),
        primary=Mark(primary.span, "") if place and primary is not None else None,
    )


def _headline(finding: Finding, report: Report) -> str:
    """Name the parameter, and what is seen of its gradient; not the cause."""
    known = [parameter.name for parameter in report.subject.parameters]
    known += [gradient.parameter for gradient in report.gradients]
    quoted = re.findall(r"`([^`]*)`", finding.message)
    name = next((text for text in [*quoted, *finding.follows] if text in known), None)
    if name is None:
        return "something is wrong with this program" if finding.severity == "error" else "something looks odd"
    status = next((gradient.status for gradient in report.gradients if gradient.parameter == name), "ok")
    if status in ("wrong", "scaled"):
        return f"the gradient of `{name}` is wrong"
    if status == "not-finite":
        return f"the gradient of `{name}` is not finite"
    return f"something is wrong with `{name}`"
