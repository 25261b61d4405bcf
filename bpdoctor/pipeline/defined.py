"""The report on what a module defines: what was right, what could not be looked at, how far that settles it."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace

from bpdoctor.model.report import Finding, GradientResult, Parameter, Report, Subject, Verdict
from bpdoctor.model.source import Source
from bpdoctor.pipeline.examine import NO_STEP
from bpdoctor.probe.examined import Examined


def reported(source: Source, before: Report, examined: Sequence[Examined], findings: Sequence[Finding]) -> Report:
    """What running the file told, with what its definitions showed.

    Parameters
    ----------
    source : Source
    before : Report
    examined : sequence of Examined
    findings : sequence of Finding

    Returns
    -------
    Report
        Of kind "module".
    """
    errors = any(f.severity == "error" for f in findings)
    # What was examined with the program's own data is what its own statements are about.
    whole = before.reason == NO_STEP and (_only_defines(source) or any(e.alone for e in examined))
    right = [e for e in examined if e.outcome == "right"]
    unclear = [e for e in examined if e.outcome == "unclear"]
    solid = any(e.kind != "derivative" for e in right) or (not unclear and _nothing_else(source, right))
    most = any(e.kind == "network" for e in right) or _length(source, right) > _length(source, unclear)
    mostly = whole and solid and most and not _doubtful(unclear)
    verdict: Verdict = "sick" if errors else "healthy" if mostly else "inconclusive"
    told = [
        f"examined by calling it with {data}: {', '.join(map(_said, called))}"
        for data, alone in (("made-up inputs", False), ("the program's own data", True))
        if (called := [e for e in examined if e not in unclear and e.alone is alone])
    ]
    told += [f for e in examined for f in e.facts]
    if before.reason and not whole:
        told.append(before.reason)
    reason = ""
    if verdict == "inconclusive":
        reason = (
            before.reason
            if not whole
            else f"not all that is defined could be examined: {unclear_of(_longest(source, unclear))}"
            if unclear
            else NO_STEP
        )
    return replace(
        before,
        kind="module",
        verdict=verdict,
        findings=(*findings, *before.findings),
        subject=Subject(parameters=tuple(_parameters(examined))),
        gradients=tuple(_gradients(examined)),
        assumptions=tuple(dict.fromkeys(told)),
        not_examined=tuple(unclear_of(e) for e in unclear),
        reason=reason,
        reason_at=before.reason_at if verdict == "inconclusive" and not whole else None,
    )


def _said(e: Examined) -> str:
    return f"`{e.name}`"


def unclear_of(e: Examined) -> str:
    """What could not be examined, and why."""
    return f"`{e.name}`: {e.reason or 'could not make inputs'}"


def _doubtful(unclear: Sequence[Examined]) -> bool:
    return any(e.kind == "network" for e in unclear)


def _length(source: Source, examined: Sequence[Examined]) -> int:
    """How many statements these have: what was left out must not be more than what was looked at."""
    lines = {e.line for e in examined}
    nodes = [n for n in ast.walk(ast.parse(source.text)) if isinstance(n, ast.FunctionDef) and n.lineno in lines]
    return sum(isinstance(s, ast.stmt) for n in nodes for s in ast.walk(n)) + len(lines)


def _longest(source: Source, examined: Sequence[Examined]) -> Examined:
    networks = [e for e in examined if e.kind == "network"]
    return (networks or sorted(examined, key=lambda e: -_length(source, [e])))[0]


def _only_defines(source: Source) -> bool:
    """Whether the file's own statements only define: what stands under a main guard counts as not run."""
    body = ast.parse(source.text).body
    return not any(isinstance(n, ast.For | ast.While | ast.With | ast.AugAssign) for n in body)


def _nothing_else(source: Source, right: Sequence[Examined]) -> bool:
    """Whether derivatives are all there is: no function of the file looks as if it trained something."""
    names = [n.name for n in ast.walk(ast.parse(source.text)) if isinstance(n, ast.FunctionDef)]
    return bool(right) and not any(
        w in n.lower() for n in names for w in ("train", "backprop", "backward", "fit", "update")
    )


def _parameters(examined: Sequence[Examined]) -> list[Parameter]:
    return [Parameter(_name(e, i), c.shape, e.line) for e in examined for i, c in enumerate(e.compared)]


def _name(e: Examined, i: int) -> str:
    name = e.compared[i].slot.name
    return name if "." in name or ":" in name else f"{e.name}: {name}"


def _gradients(examined: Sequence[Examined]) -> list[GradientResult]:
    out = []
    for e in examined:
        for i, c in enumerate(e.compared):
            status = "ok" if c.status == "scaled" and e.outcome == "right" else c.status
            if e.outcome == "unclear":
                status = "not-examined"
            scale = c.scale if c.status == "scaled" else None
            out.append(GradientResult(_name(e, i), status, c.error, c.estimate, scale, e.line))
    return out
