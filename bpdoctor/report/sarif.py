"""SARIF 2.1.0, for code scanning: results with regions and fixes; URIs are relative, columns count characters."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import quote

from bpdoctor import __version__
from bpdoctor.model.report import Finding, Fix, Mark, Report
from bpdoctor.model.source import Edit, Span
from bpdoctor.report.format import Format, Options
from bpdoctor.report.hints import withhold
from bpdoctor.report.wording import why_not

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
Object = dict[str, Any]


def render(reports: Sequence[Report], stream: TextIO, *, options: Options) -> None:
    """Write one run with the results of all reports."""
    seen = [withhold(report, options.hints) for report in reports]
    findings = [finding for report in seen for finding in report.findings]
    driver = {"name": "bpdoctor", "version": __version__, "rules": _rules(findings)}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(seen)],
        "results": [_result(finding, report) for report in seen for finding in report.findings],
    }
    stream.write(json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n")


def _rules(findings: Iterable[Finding]) -> list[Object]:
    """The rules that were broken, each once, by code."""
    found: dict[str, Object] = {}
    for finding in findings:
        if not _id(finding):
            continue
        rule: Object = {"id": _id(finding), "name": finding.rule}
        rule["defaultConfiguration"] = {"level": finding.severity}
        if finding.why:
            rule["fullDescription"] = {"text": finding.why}
        found.setdefault(_id(finding), rule)
    return [found[code] for code in sorted(found)]


def _id(finding: Finding) -> str:
    return finding.code or finding.rule


def _invocation(reports: Sequence[Report]) -> Object:
    """Whether every file could be examined, and why not where one could not."""
    failed = [report for report in reports if report.verdict == "inconclusive"]
    out: Object = {"executionSuccessful": not failed}
    if failed:
        out["toolExecutionNotifications"] = [
            {
                "level": "error",
                "message": {"text": why_not(report)},
                "locations": [_location(report.reason_at.span) if report.reason_at else _file(report.path)],
            }
            for report in failed
        ]
    return out


def _result(finding: Finding, report: Report) -> Object:
    out: Object = {"ruleId": _id(finding)} if _id(finding) else {}
    out["level"] = finding.severity
    out["message"] = {"text": "\n".join([finding.message, *finding.evidence])}
    out["locations"] = [_marked(finding.primary) if finding.primary else _file(report.path)]
    if finding.related:
        out["relatedLocations"] = [{"id": i, **_marked(mark)} for i, mark in enumerate(finding.related, 1)]
    fix = finding.fix
    # A region is counted from the beginning of the file, which a notebook's cell is not.
    if fix is not None and fix.edits and fix.verified and not any(edit.span.cell for edit in fix.edits):
        out["fixes"] = [_fix(fix)]
    return out


def _fix(fix: Fix) -> Object:
    by_file: dict[str, list[Edit]] = {}
    for edit in fix.edits:
        by_file.setdefault(edit.span.file, []).append(edit)
    changes = [
        {
            "artifactLocation": {"uri": uri(file)},
            "replacements": [
                {"deletedRegion": _region(edit.span), "insertedContent": {"text": edit.replacement}} for edit in edits
            ],
        }
        for file, edits in by_file.items()
    ]
    return {"description": {"text": fix.title}, "artifactChanges": changes}


def _marked(mark: Mark) -> Object:
    out = _location(mark.span)
    return {**out, "message": {"text": mark.label}} if mark.label else out


def _location(span: Span) -> Object:
    physical: Object = {"artifactLocation": {"uri": uri(span.file)}}
    if not span.cell:
        return {"physicalLocation": {**physical, "region": _region(span)}}
    name = f"{span.place}:{span.line}:{span.column}"
    return {"physicalLocation": physical, "logicalLocations": [{"fullyQualifiedName": name, "kind": "cell"}]}


def _file(path: str) -> Object:
    return {"physicalLocation": {"artifactLocation": {"uri": uri(path)}}}


def _region(span: Span) -> Object:
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }


def uri(path: str) -> str:
    """A path as a relative URI where it is relative, else as a file URI.

    Examples
    --------
    >>> uri("nets/été 1.py")
    'nets/%C3%A9t%C3%A9%201.py'
    """
    if os.path.isabs(path):
        return Path(path).as_uri()
    return quote(Path(path).as_posix())


FORMAT = Format("sarif", ".sarif", render)
