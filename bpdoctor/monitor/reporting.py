"""A monitored run as a report: its warnings as findings, its record as health."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from bpdoctor import __version__
from bpdoctor.model.report import Finding, Report, Severity, Subject
from bpdoctor.rules import all_rules

if TYPE_CHECKING:
    from bpdoctor.monitor.monitor import Monitor
    from bpdoctor.monitor.symptoms import Symptom


def report_of(monitor: Monitor) -> Report:
    """Return what the monitor saw; a run that was warned of, but goes on, is not sick."""
    findings = tuple(map(_finding, monitor.warnings))
    sick = any(f.severity == "error" for f in findings)
    python = ".".join(map(str, sys.version_info[:3]))
    return Report(
        path="training run",
        kind="callables",
        verdict="sick" if sick else "healthy" if monitor.steps else "inconclusive",
        subject=Subject(steps_seen=monitor.steps),
        findings=findings,
        health={"monitored": list(_records(monitor))},
        reason="" if monitor.steps else "no step was told of",
        environment={"python": python, "numpy": np.__version__, "bpdoctor": __version__},
    )


def _finding(symptom: Symptom) -> Finding:
    rule = all_rules().get(symptom.rule)
    return Finding(
        code=rule.code if rule is not None else "",
        rule=symptom.rule,
        severity=cast("Severity", symptom.severity),
        message=symptom.message,
        primary=None,
        evidence=(f"seen at step {symptom.step}",),
        why=rule.why if rule is not None else "",
    )


def _records(monitor: Monitor) -> Iterable[dict[str, Any]]:
    yield from monitor.history
