"""The schema ``bpdoctor.report/1``: a list with one object a path, for programs to read."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, TextIO

from bpdoctor.model.report import Finding, Fix, GradientResult, Mark, Report, Subject
from bpdoctor.model.source import Edit, Span
from bpdoctor.report.format import Format, Options
from bpdoctor.report.hints import withhold

SCHEMA = "bpdoctor.report/1"
COST = ("seconds", "forward_evaluations", "nodes")
ENVIRONMENT = ("python", "numpy", "bpdoctor", "seed")
Object = dict[str, Any]


def render(reports: Sequence[Report], stream: TextIO, *, options: Options) -> None:
    """Write the list. Text beyond ASCII is escaped: the bytes are the same whatever the stream's encoding."""
    objects = [encode(withhold(report, options.hints)) for report in reports]
    stream.write(json.dumps(objects, indent=2, allow_nan=False) + "\n")


def encode(report: Report) -> Object:
    """Return the report as JSON data; keys in the schema's order, our additions behind them."""
    path = report.path
    data: Object = {
        "schema": SCHEMA,
        "path": path,
        "kind": report.kind,
        "verdict": report.verdict,
        "subject": _subject(report.subject),
        "gradients": [_gradient(gradient) for gradient in report.gradients],
        "findings": [_finding(finding, path) for finding in report.findings],
        "health": plain(report.health),
        "assumptions": list(report.assumptions),
        "not_examined": list(report.not_examined),
        "cost": plain(_ordered(report.cost, COST)),
        "environment": plain(_ordered(report.environment, ENVIRONMENT)),
    }
    if report.reason:
        data["reason"] = report.reason
    if report.reason_at is not None:
        data["reason_at"] = _mark(report.reason_at, path)
    return data


def plain(value: Any) -> Any:
    """Turn measurements into JSON data: arrays into lists, what is not finite into null."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, set | frozenset):
        return sorted((plain(item) for item in value), key=repr)
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int | str):
        return value
    # numpy's arrays and scalars; numpy itself is not imported here.
    return plain(value.tolist()) if hasattr(value, "tolist") else str(value)


def _ordered(mapping: Mapping[str, Any], first: Sequence[str]) -> Object:
    keys = [key for key in first if key in mapping]
    return {key: mapping[key] for key in [*keys, *sorted(set(mapping) - set(first))]}


def _subject(subject: Subject) -> Object:
    loss = subject.loss
    return {
        "parameters": [
            {
                "name": parameter.name,
                "shape": [int(size) for size in parameter.shape],
                "line": parameter.line,
                **_cell(parameter.cell),
            }
            for parameter in subject.parameters
        ],
        "loss": loss
        and {"name": loss.name, "line": loss.line, "form": loss.form, "inferred": loss.inferred, **_cell(loss.cell)},
        "optimizer": subject.optimizer,
        "steps_seen": subject.steps_seen,
    }


def _gradient(gradient: GradientResult) -> Object:
    return {
        "parameter": gradient.parameter,
        "status": gradient.status,
        "relative_error": plain(gradient.relative_error),
        "error_estimate": plain(gradient.error_estimate),
        "scale": plain(gradient.scale),
        "line": gradient.line,
        **_cell(gradient.cell),
    }


def _finding(finding: Finding, path: str) -> Object:
    return {
        "code": finding.code,
        "rule": finding.rule,
        "severity": finding.severity,
        "message": finding.message,
        "primary": finding.primary and _mark(finding.primary, path),
        "related": [_mark(mark, path) for mark in finding.related],
        "evidence": list(finding.evidence),
        "residual": plain(finding.residual),
        "follows": list(finding.follows),
        "fix": finding.fix and _fix(finding.fix, path),
        "why": finding.why,
    }


def _fix(fix: Fix, path: str) -> Object:
    return {
        "title": fix.title,
        "applicability": fix.applicability,
        "verified": fix.verified,
        "edits": [_edit(edit, path) for edit in fix.edits],
        "diff": fix.diff,
        "trained": fix.trained and {"before": plain(fix.trained[0]), "after": plain(fix.trained[1])},
    }


def _edit(edit: Edit, path: str) -> Object:
    return {**_span(edit.span), "replacement": edit.replacement, **_file(edit.span, path)}


def _mark(mark: Mark, path: str) -> Object:
    return {**_span(mark.span), "label": mark.label, **_file(mark.span, path)}


def _span(span: Span) -> Object:
    return {
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }


def _file(span: Span, path: str) -> Object:
    """Name the file only when it is another than the report's; in a notebook, the code cell (from 1)."""
    return {**({} if span.file == path else {"file": span.file}), **_cell(span.cell)}


def _cell(number: int) -> Object:
    return {"cell": number} if number else {}


FORMAT = Format("json", ".json", render)
