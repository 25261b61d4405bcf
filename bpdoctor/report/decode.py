"""From JSON back to Report: what ``--format json`` wrote can be rendered again later."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bpdoctor.model.report import (
    Finding,
    Fix,
    GradientResult,
    Loss,
    Mark,
    Parameter,
    Report,
    Subject,
)
from bpdoctor.model.source import Edit, Span
from bpdoctor.report.jsonreport import SCHEMA


def from_json(text: str) -> list[Report]:
    """Read the reports of a JSON document.

    Raises
    ------
    ValueError
        When the text is not a list of ``bpdoctor.report/1`` objects.
    """
    data = json.loads(text)
    if not isinstance(data, list):
        raise ValueError(f"expected a list of reports, found {type(data).__name__}")
    return [decode(item) for item in data]


def decode(data: Mapping[str, Any]) -> Report:
    """Read one report. Keys that are not known are left alone: later versions may add some."""
    schema = data.get("schema") if isinstance(data, Mapping) else None
    if schema != SCHEMA:
        raise ValueError(f"expected the schema {SCHEMA!r}, found {schema!r}")
    try:
        return _report(data)
    except KeyError as missing:
        raise ValueError(f"the report lacks the key {missing}") from None


def _report(data: Mapping[str, Any]) -> Report:
    path = data["path"]
    at = data.get("reason_at")
    return Report(
        path=path,
        kind=data["kind"],
        verdict=data["verdict"],
        subject=_subject(data["subject"]),
        gradients=tuple(_gradient(item) for item in data["gradients"]),
        findings=tuple(_finding(item, path) for item in data["findings"]),
        health=data["health"],
        assumptions=tuple(data["assumptions"]),
        not_examined=tuple(data["not_examined"]),
        cost=data["cost"],
        environment=data["environment"],
        reason=data.get("reason", ""),
        reason_at=None if at is None else _mark(at, path),
    )


def _subject(data: Mapping[str, Any]) -> Subject:
    loss = data["loss"]
    return Subject(
        parameters=tuple(
            Parameter(item["name"], tuple(item["shape"]), item["line"], item.get("cell", 0))
            for item in data["parameters"]
        ),
        loss=None if loss is None else _loss(loss),
        optimizer=data["optimizer"],
        steps_seen=data["steps_seen"],
    )


def _gradient(data: Mapping[str, Any]) -> GradientResult:
    return GradientResult(
        parameter=data["parameter"],
        status=data["status"],
        relative_error=data["relative_error"],
        error_estimate=data["error_estimate"],
        scale=data["scale"],
        line=data["line"],
        cell=data.get("cell", 0),
    )


def _loss(data: Mapping[str, Any]) -> Loss:
    return Loss(data["name"], data["line"], data["form"], data["inferred"], data.get("cell", 0))


def _finding(data: Mapping[str, Any], path: str) -> Finding:
    primary, fix = data["primary"], data["fix"]
    return Finding(
        code=data["code"],
        rule=data["rule"],
        severity=data["severity"],
        message=data["message"],
        primary=None if primary is None else _mark(primary, path),
        related=tuple(_mark(item, path) for item in data["related"]),
        evidence=tuple(data["evidence"]),
        why=data.get("why", ""),
        residual=data["residual"],
        follows=tuple(data["follows"]),
        fix=None if fix is None else _fix(fix, path),
    )


def _fix(data: Mapping[str, Any], path: str) -> Fix:
    return Fix(
        title=data["title"],
        applicability=data["applicability"],
        verified=data["verified"],
        edits=tuple(Edit(_span(item, path), item["replacement"]) for item in data["edits"]),
        diff=data["diff"],
        trained=data["trained"] and (data["trained"]["before"], data["trained"]["after"]),
    )


def _mark(data: Mapping[str, Any], path: str) -> Mark:
    return Mark(_span(data, path), data["label"])


def _span(data: Mapping[str, Any], path: str) -> Span:
    file = data.get("file", path)
    return Span(file, data["line"], data["column"], data["end_line"], data["end_column"], data.get("cell", 0))
