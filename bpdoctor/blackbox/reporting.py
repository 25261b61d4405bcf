"""From the outcome of a check to the report that every door shows."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from bpdoctor import __version__
from bpdoctor.blackbox.examine import Examiner, Outcome
from bpdoctor.blackbox.parameters import Leaf
from bpdoctor.blackbox.point import COARSE
from bpdoctor.blackbox.pointing import mark_of, path_of
from bpdoctor.blackbox.sides import Sides
from bpdoctor.blackbox.trouble import KINDS, Stopped, Trouble
from bpdoctor.model.report import Finding, GradientResult, Loss, Parameter, Report, Status, Subject


def examined(sides: Sides, seed: int, *, complex_step: bool | None = None, locate: bool = True) -> Report:
    """Run the check and put it into words."""
    started = time.perf_counter()
    examiner = Examiner(sides, seed, complex_step=complex_step, locate=locate)
    try:
        with sides:
            outcome = examiner.run()
            sides.look_around()
    except Stopped as stopped:
        outcome = examiner.out
        outcome.troubles.append(stopped.trouble)
        outcome.verdict = "sick"
        outcome.point = None
    return report_of(sides, outcome, seed, time.perf_counter() - started)


def report_of(sides: Sides, outcome: Outcome, seed: int, seconds: float) -> Report:
    """The report of one check."""
    troubles = [*outcome.troubles, *outcome.diagnosis.troubles]
    loss, grad = sides.pointed
    findings = tuple(finding_of(t, loss if t.side == "loss" else grad) for t in troubles)
    leaves = sides.layout.leaves
    sick = any(f.severity == "error" for f in findings)
    gradients = tuple(_result(leaf, i, outcome) for i, leaf in enumerate(leaves))
    return Report(
        path=path_of(loss),
        kind="callables",
        verdict="sick" if sick else outcome.verdict,
        subject=Subject(
            tuple(Parameter(leaf.name, leaf.shape, None) for leaf in leaves),
            Loss(path_of(loss), None, "", False),
        ),
        gradients=gradients,
        findings=findings,
        assumptions=tuple(outcome.assumptions) + _sharpness(outcome),
        not_examined=(
            *(text for g in gradients if (text := _untested(g))),
            *(f"`{name}`: the loss depends on it, and no gradient of it was found" for name in sides.left_out),
        ),
        cost={
            "seconds": round(seconds, 4),
            "forward_evaluations": sides.forward,
            "gradient_evaluations": sides.backward,
        },
        environment=environment(seed),
        reason=outcome.reason if not sick else "",
    )


def _untested(gradient: GradientResult) -> str:
    if gradient.status == "vacuous":
        return f"`{gradient.parameter}`: its gradient is 0, and so is the derivative"
    if gradient.status == "not-examined" and gradient.error_estimate is not None:
        return f"`{gradient.parameter}`: its gradient is too small beside the noise of the loss"
    return ""


def environment(seed: int) -> dict[str, Any]:
    """What a result may depend on."""
    python = ".".join(map(str, sys.version_info[:3]))
    return {"python": python, "numpy": np.__version__, "bpdoctor": __version__, "seed": seed}


def finding_of(trouble: Trouble, function: Callable[..., Any]) -> Finding:
    """One trouble as a finding that points at the function it concerns."""
    code, slug, severity = KINDS[trouble.kind]
    label = "this loss" if trouble.side == "loss" else "this gradient"
    return Finding(
        code=code,
        rule=slug,
        severity=trouble.severity or severity,
        message=trouble.message,
        primary=mark_of(function, label),
        evidence=tuple(e for e in trouble.evidence if e),
        why=trouble.why,
        residual=trouble.residual,
        follows=(),
    )


def _result(leaf: Leaf, index: int, outcome: Outcome) -> GradientResult:
    """One leaf's state, with the smallest error in it that would have been seen."""
    if index in outcome.not_finite:
        return GradientResult(leaf.name, "not-finite", None, None, None, None)
    if outcome.point is None or outcome.verdict == "inconclusive" or not leaf.size:
        return GradientResult(leaf.name, "not-examined", None, None, None, None)
    resolution = outcome.point.resolution(leaf, index, outcome.draws)
    if index in outcome.diagnosis.wrong:
        k = outcome.diagnosis.scaled.get(index)
        status: Status = "wrong" if k is None else "scaled"
        return GradientResult(leaf.name, status, float(outcome.diagnosis.wrong[index]), resolution, k, None)
    if not outcome.point.claimed[leaf.where].any():
        return GradientResult(leaf.name, "vacuous", 0.0, resolution, None, None)
    if resolution is not None and resolution >= COARSE and not outcome.diagnosis.wrong:
        return GradientResult(leaf.name, "not-examined", None, resolution, None, None)
    return GradientResult(leaf.name, "ok", _seen(outcome), resolution, None, None)


def _seen(outcome: Outcome) -> float:
    """The largest relative difference along the directions; of the wrong leaves nothing is said here."""
    if outcome.diagnosis.wrong or outcome.point is None:
        return 0.0
    gaps = [abs(d.error) / (d.size or 1.0) for d in outcome.draws]
    return float(max(gaps, default=0.0))


def _sharpness(outcome: Outcome) -> tuple[str, ...]:
    """How the slopes were measured, and how small an error could have hidden."""
    if outcome.point is None or not outcome.draws or outcome.verdict != "healthy":
        return ()
    how = "by complex step" if outcome.point.slopes.by_complex else "by differences"
    whole = [d for d in outcome.draws if d.direction.whole]
    size = max(d.size for d in whole)
    blur = min(d.threshold for d in whole)
    share = f"{blur / size:.1g} of the gradient's size" if size else f"{blur:.1g}"
    return (
        f"{len(whole)} random directions over all entries together, slopes measured {how}; an error in one "
        f"entry is seen from {share} on, one spread over many entries is missed with a chance of about "
        f"1 in 1000 when it is 50 times that",
    )
