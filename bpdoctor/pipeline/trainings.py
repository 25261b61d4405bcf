"""Trainings one after the other in one file: each is examined in a run of its own, without what was examined before."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from bpdoctor.model.report import Report
from bpdoctor.pipeline.options import Options
from bpdoctor.pipeline.program import Program
from bpdoctor.syntax.trainings import trained_lines, trains_elsewhere

_MOST = 3
_UNNAMED = "wrong-gradient"
Examined = Callable[[Options], Report]


def with_trainings(program: Program, report: Report, options: Options, examined: Examined) -> Report:
    """The report on the first training with what the others give, as many as three.

    Parameters
    ----------
    program : Program
    report : Report
        Of the training that was found first.
    options : Options
        Where a loss, parameters or a step are named, these are what is wanted, and nothing else.
    examined : callable
        Examines the program with other options.
    """
    if options.loss or options.params or options.step:
        return report
    text = program.source.text
    done, last = frozenset[int](), report
    for number in range(2, 2 + _MOST):
        lines = {p.line for p in last.subject.parameters if p.line is not None}
        done |= trained_lines(text, lines)
        if not lines or not trains_elsewhere(text, done):
            break
        last = examined(replace(options, done=tuple(sorted(done))))
        if not last.gradients or {p.line for p in last.subject.parameters} <= lines:
            break  # nothing else is trained, or the same by a statement in another file
        report = _joined(report, last, number)
    return report


def _joined(first: Report, other: Report, number: int) -> Report:
    """One report on both; what could not be told of the second does not take back what is known of the first."""
    at = ", ".join(dict.fromkeys(f"line {p.line}" for p in other.subject.parameters))
    told = f"several trainings, one after the other: training {number} updates at {at}"
    errors = {f.rule for f in other.findings if f.severity == "error"}
    if errors == {_UNNAMED}:
        # Beside a training that was found first, what nothing explains may be another loss, or another rule of steps.
        other = replace(other, verdict="inconclusive", reason="its gradients are of no loss that is computed there")
    left = (*first.not_examined, *(t for t in other.not_examined if t not in first.not_examined))
    if other.verdict == "inconclusive":
        return replace(first, not_examined=(*left, f"training {number}, which updates at {at}: {other.reason}"))
    other = _renamed(other, {p.name for p in first.subject.parameters}, number)
    known = {(f.rule, f.primary) for f in first.findings}
    findings = (*first.findings, *(f for f in other.findings if (f.rule, f.primary) not in known))
    parameters = (*first.subject.parameters, *other.subject.parameters)
    return replace(
        first,
        verdict="sick" if "sick" in (first.verdict, other.verdict) else first.verdict,
        subject=replace(first.subject, parameters=parameters),
        gradients=(*first.gradients, *other.gradients),
        findings=findings,
        assumptions=(*first.assumptions, told),
        not_examined=left,
    )


def _renamed(report: Report, taken: Collection[str], number: int) -> Report:
    """With the number of its training beside each name that one before has as well."""
    at = {p.name: f"{p.name} (training {number})" for p in report.subject.parameters if p.name in taken}
    parameters = tuple(replace(p, name=at.get(p.name, p.name)) for p in report.subject.parameters)
    gradients = tuple(replace(g, parameter=at.get(g.parameter, g.parameter)) for g in report.gradients)
    findings = tuple(replace(f, follows=tuple(at.get(n, n) for n in f.follows)) for f in report.findings)
    subject = replace(report.subject, parameters=parameters)
    return replace(report, subject=subject, gradients=gradients, findings=findings)
