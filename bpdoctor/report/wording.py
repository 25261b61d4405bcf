"""The words reports share: numbers, shapes, states, counts and the verdict."""

from __future__ import annotations

import math
from collections.abc import Sequence

from bpdoctor.model.report import GradientResult, Report

LARGEST_DENOMINATOR = 100_000


def number(value: float | None) -> str:
    """Two digits: what a reader compares is the power of ten.

    Examples
    --------
    >>> number(0.9312), number(3.14e-11), number(None)
    ('0.93', '3.1e-11', '-')
    """
    return "-" if value is None else f"{value:.2g}"


def quoted(names: Sequence[str], most: int = 3) -> str:
    """``\\`W1\\`, \\`b1\\` and 2 more``."""
    shown = ", ".join(f"`{n}`" for n in names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown


def factor(value: float) -> str:
    """A factor as a person would write it.

    Examples
    --------
    >>> factor(0.0625), factor(2.0), factor(-1.0), factor(0.7312)
    ('1/16', '2', '-1', '0.7312')
    """
    if not math.isfinite(value) or value == 0:
        return f"{value:g}"
    inverse = 1 / value
    whole = round(inverse)
    if 2 <= abs(whole) <= LARGEST_DENOMINATOR and abs(inverse - whole) < 1e-6 * abs(whole):
        return f"{'-' if value < 0 else ''}1/{abs(whole)}"
    return f"{value:.4g}"


def shape(sizes: Sequence[int]) -> str:
    """The shape of an array; a number has none.

    Examples
    --------
    >>> shape((784, 100)), shape((3,)), shape(())
    ('784×100', '3', 'number')
    """
    return "×".join(map(str, sizes)) if sizes else "number"


def count(amount: int, noun: str) -> str:
    """`1 error`, `2 errors`."""
    return f"{amount} {noun}" if amount == 1 else f"{amount} {noun}s"


def state(gradient: GradientResult) -> str:
    """The state of a gradient, in words."""
    if gradient.status == "scaled":
        return "scaled" if gradient.scale is None else f"scaled by {factor(gradient.scale)}"
    return {"vacuous": "vacuous (0 = 0)"}.get(gradient.status, gradient.status.replace("-", " "))


def verdict(report: Report) -> str:
    """The last line: what the check came to.

    A report that could not tell always says why.
    """
    tally = _tally(report)
    if report.verdict == "inconclusive":
        told = f"could not tell: {why_not(report)}"
        return f"{told}; {tally}" if tally else told
    if report.verdict == "sick":
        return tally or "sick"
    return "; ".join(filter(None, (f"healthy: {_agreement(report)}", tally)))


def why_not(report: Report) -> str:
    """The reason of a report without a verdict; never empty."""
    if report.reason:
        return " ".join(report.reason.split())
    if report.not_examined:
        return report.not_examined[0]
    if not report.gradients:
        return "no gradient was found in this program"
    return "the gradient could not be established"


def _tally(report: Report) -> str:
    found = [finding.severity for finding in report.findings]
    return ", ".join(
        count(found.count(severity), severity) for severity in ("error", "warning", "note") if severity in found
    )


def _agreement(report: Report) -> str:
    agreeing = [gradient for gradient in report.gradients if gradient.status == "ok"]
    if not agreeing:
        return "nothing wrong was found"
    errors = [gradient.relative_error for gradient in agreeing if gradient.relative_error is not None]
    largest = f" (largest relative error {number(max(errors))})" if errors else ""
    verb = "agrees" if len(agreeing) == 1 else "agree"
    told = f"{count(len(agreeing), 'gradient')} {verb} with the reference{largest}"
    others = [state(gradient) for gradient in report.gradients if gradient.status != "ok"]
    kinds = [f"{others.count(kind)} {kind}" for kind in sorted(set(others))]
    return ", ".join([told, *kinds])
