"""Judge a `bpdoctor check` report against the label of a planted fault."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.planting.planted import Planted

ACCEPTED: dict[str, frozenset[str]] = {
    # At a sigmoid output the factor left out turns the squared error's delta into cross-entropy's.
    "missing-activation-derivative": frozenset({"loss-delta-mismatch"}),
    # The catalogue itself counts "only the weights averaged" under the biases.
    "gradient-scale": frozenset({"bias-gradient-scale"}),
    # db as a mean where dW is a sum is also a scale on one tensor.
    "bias-gradient-scale": frozenset({"gradient-scale"}),
    # The raw output error sent back is the delta with its own f' left out.
    "backpropagated-error-wrong": frozenset({"missing-activation-derivative"}),
    # relu' given as z(1-z) or the like is both.
    "wrong-activation-derivative": frozenset({"activation-slope-mismatch", "activation-formula-on-preactivation"}),
    "activation-slope-mismatch": frozenset({"wrong-activation-derivative"}),
    # On one page of the catalogue; which of them depends on where one says the old array is missed.
    "read-after-mutation": frozenset({"cache-mutated-before-backward", "aliased-state"}),
    "cache-mutated-before-backward": frozenset({"read-after-mutation", "aliased-state"}),
    "aliased-state": frozenset({"read-after-mutation", "cache-mutated-before-backward"}),
    # `=` for `+=`.
    "gradient-accumulation": frozenset({"shared-weight-gradient-overwritten"}),
    "shared-weight-gradient-overwritten": frozenset({"gradient-accumulation", "recurrent-gradient-not-carried"}),
    # A wrong form of the loss's derivative may be exactly another loss's.
    "loss-derivative": frozenset({"loss-delta-mismatch"}),
    "unneeded-output-derivative": frozenset({"loss-delta-mismatch"}),
    # Rows of X against other rows of y.
    "misaligned-shuffle": frozenset({"label-mismatch"}),
    # The same program: a squared error reported beside p - y, or a squared error without the logistic slope.
    "loss-delta-mismatch": frozenset({"missing-activation-derivative"}),
    # Finer names of the same cause.
    "conv-gradient": frozenset({"im2col-gradient"}),
    "im2col-gradient": frozenset({"conv-gradient"}),
    "gate-derivative-missing": frozenset({"wrong-activation-derivative", "missing-activation-derivative"}),
    "learning-rate-too-high": frozenset({"exploding-gradient", "non-finite", "overflow"}),
}
"""Other rules that name a planted cause fairly, with the reason; everything else counts as a miss."""

GRADIENT = frozenset(
    {
        "activation-derivative-of-gradient",
        "activation-formula-on-preactivation",
        "activation-slope-mismatch",
        "attention-gradient",
        "backpropagated-error-wrong",
        "batchnorm-gradient",
        "bias-gradient-axis",
        "bias-gradient-scale",
        "bias-update",
        "conv-gradient",
        "double-activation-derivative",
        "dropout-mask",
        "elementwise-for-matmul",
        "embedding-gradient",
        "gate-derivative-missing",
        "gradient-accumulation",
        "gradient-scale",
        "im2col-gradient",
        "loss-delta-mismatch",
        "loss-derivative",
        "missing-activation-derivative",
        "missing-upstream-gradient",
        "pooling-gradient",
        "recurrent-gradient-not-carried",
        "regularisation-gradient-missing",
        "regularisation-gradient-scale",
        "regularisation-gradient-sign",
        "reshape-for-transpose",
        "residual-gradient-missing",
        "shared-weight-gradient-overwritten",
        "softmax-jacobian",
        "stale-weights-in-backward",
        "transposed-gradient",
        "transposed-weights",
        "unneeded-output-derivative",
        "weight-gradient-wrong-input",
        "wrong-activation-derivative",
    }
)
"""Faults that change a claimed gradient; the others change how it is used, or what the net computes."""


@dataclass
class Result:
    """One program checked."""

    id: str
    network: str
    slug: str
    operator: str = ""
    lines: tuple[int, ...] = ()
    verdict: str = ""
    rule: str = ""
    rules: list[str] = field(default_factory=list)
    said_line: int = 0
    detected: bool = False
    strict: bool = False
    cause: bool = False
    line: bool | None = None
    fixed: bool = False
    seconds: float = 0.0
    trouble: str = ""


def _serious(report: dict[str, Any], severity: str) -> list[dict[str, Any]]:
    wanted = ("error", "warning") if severity == "warning" else ("error",)
    return [f for f in report.get("findings", []) if f.get("severity") in wanted]


def _names(finding: dict[str, Any]) -> set[str]:
    return {finding.get("rule", ""), *finding.get("aliases", [])}


def judge(planted: Planted, report: dict[str, Any], seconds: float) -> Result:
    """Detection, cause, line and fix of one planted fault."""
    result = Result(planted.id, planted.network, planted.slug, planted.operator, planted.lines, seconds=seconds)
    result.verdict = report.get("verdict", "")
    result.trouble = report.get("trouble", "")
    result.rules = [f"{f.get('severity')}:{f.get('rule')}" for f in report.get("findings", [])]
    found = _serious(report, planted.severity)
    result.detected = bool(found)
    if found:
        first = found[0]
        result.rule = first.get("rule", "")
        result.said_line = (first.get("primary") or {}).get("line") or 0
        result.strict = planted.slug in _names(first)
        result.cause = result.strict or bool(_names(first) & ACCEPTED.get(planted.slug, frozenset()))
        result.fixed = bool((first.get("fix") or {}).get("verified"))
        if planted.lines:
            result.line = result.said_line in planted.lines
    return result


def judge_healthy(name: str, report: dict[str, Any], seconds: float) -> Result:
    """A healthy program: `detected` is a false alarm."""
    result = Result(name, name, "healthy", verdict=report.get("verdict", ""), seconds=seconds)
    result.trouble = report.get("trouble", "")
    result.rules = [f"{f.get('severity')}:{f.get('rule')}" for f in report.get("findings", [])]
    found = _serious(report, "error")
    result.detected = bool(found)
    if found:
        result.rule = found[0].get("rule", "")
        result.said_line = (found[0].get("primary") or {}).get("line") or 0
    return result


def _share(part: int, whole: int) -> str:
    return f"{part}/{whole} ({100 * part / whole:.1f} %)" if whole else "0/0"


def _mean_over_slugs(results: list[Result]) -> str:
    """The mean over slugs, so that common mutations do not hide rare ones."""
    shares = []
    for slug in {r.slug for r in results}:
        mine = [r.cause for r in results if r.slug == slug]
        shares.append(sum(mine) / len(mine))
    return f"{100 * sum(shares) / len(shares):.1f} %" if shares else "0"


def totals(results: list[Result]) -> dict[str, str]:
    """The figures over planted faults."""
    n = len(results)
    lined = [r for r in results if r.lines]
    gradient = [r for r in results if r.slug in GRADIENT]
    return {
        "detected": _share(sum(r.detected for r in results), n),
        "detected, gradient": _share(sum(r.detected for r in gradient), len(gradient)),
        "cause first": _share(sum(r.cause for r in results), n),
        "cause first, strictly": _share(sum(r.strict for r in results), n),
        "line": _share(sum(bool(r.line) for r in lined), len(lined)),
        "cause and line": _share(sum(bool(r.cause and r.line) for r in lined), len(lined)),
        "cause, mean over slugs": _mean_over_slugs(results),
        "verified fix": _share(sum(r.fixed for r in results), n),
        "not examined": _share(sum(bool(r.trouble) or r.verdict == "inconclusive" for r in results), n),
    }


def by_slug(results: list[Result]) -> list[str]:
    """One row a slug: count, detected, cause, line, fix, and what was said instead."""
    rows = [f"{'slug':38} {'n':>4} {'found':>5} {'cause':>5} {'line':>5} {'fix':>5}  said instead"]
    for slug in sorted({r.slug for r in results}):
        mine = [r for r in results if r.slug == slug]
        other = Counter(r.rule or (r.trouble[:40] if r.trouble else r.verdict or "?") for r in mine if not r.cause)
        said = ", ".join(f"{name} {count}" for name, count in other.most_common(5))
        counts = [
            len(mine),
            *(sum(bool(getattr(r, k)) for r in mine) for k in ("detected", "cause", "line", "fixed")),
        ]
        rows.append(f"{slug:38} {counts[0]:4} {counts[1]:5} {counts[2]:5} {counts[3]:5} {counts[4]:5}  {said}")
    return rows
