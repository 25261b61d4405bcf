"""Whether a changed program came out better than it was."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

import numpy as np

from bpdoctor.model.report import Finding, Loss, Report
from bpdoctor.model.source import Edit, Span
from bpdoctor.pipeline.ending import STOPS

# What is wrong with how these train, not with their gradients: a run that ends lower is the proof of a cure.
TRAINING = frozenset(
    {
        "learning-rate-too-high",
        "learning-rate-too-low",
        "initialisation-scale",
        "symmetric-initialisation",
        "saturation",
        "dead-relu",
        "vanishing-gradient",
        "exploding-gradient",
        "stuck-output",
        "plateau",
        "unscaled-inputs",
    }
)

# Here units that are no copies any more are the proof: weights at random may begin with a larger loss than zeros.
_PARTED = frozenset({"symmetric-initialisation"})
# Where numbers leave their range the loss is kept finite by rewriting it: what it was in full need not be on the tape.
_RANGE = frozenset({"overflow", "log-of-zero", "division-by-zero"})
# A bias whose gradient is not added up takes the shape of the samples with the first update.
_GROWN = "bias-gradient-axis"
# From outputs that are cut to whole numbers a loss is computed that depends on nothing.
_WHOLE = "integer-dtype"
_UNNAMED = "wrong-gradient"
_DEAD = "dead-relu"
# How far from 1 the cosine of two losses' slopes may be.
_ALIKE = 1e-9
_LINE = re.compile(r" of line \d+")


def better(before: Report, after: Report, finding: Finding, edits: Iterable[Edit], *, quick: bool = False) -> bool:
    """The finding is gone, no other kind appeared, and no gradient that was right went wrong.

    The loss must be the one that it was: gradients that are right for another are no cure. Where the finding is
    about training, the loss must end lower too; where it is about an update that is lost, more must be trained
    than before. A `quick` trial saw the first steps only: what a run comes to cannot be gone.
    """
    if after.verdict == "inconclusive" or not after.gradients or len(after.gradients) < len(before.gradients):
        return False
    if _stops(after) and not _stops(before):
        return False
    loss = after.subject.loss
    bounded = finding.rule in _RANGE and loss is not None and loss.inferred
    hidden = finding.rule == _WHOLE and after.verdict == "healthy"
    if not (bounded or hidden) and not same_loss(before.subject.loss, loss, edits):
        return False
    early = replace(before, findings=tuple(f for f in before.findings if f.follows)) if quick else before
    if not _gone(early, after, finding, edits):
        return False
    right_before = {g.parameter for g in before.gradients if g.status == "ok"}
    wrong_after = {
        g.parameter for g in after.gradients if g.status in ("wrong", "scaled", "not-finite", "not-examined")
    }
    if right_before & wrong_after or (not right_before and _rescaled(after) and not _rescaled(before)):
        return False
    if (finding.residual is not None or finding.rule == _UNNAMED) and not _healed(after, finding, edits):
        return False
    if finding.rule != _GROWN and trained(after) < trained(before):
        return False
    # What had an update that takes nothing was counted as trained before.
    if finding.rule == "parameter-never-updated" and _moving(after) <= _moving(before):
        return False
    return finding.rule not in TRAINING or _lower(before, after, further=finding.rule not in _PARTED)


def _stops(report: Report) -> bool:
    """Whether the program ended with an exception."""
    return any(STOPS in text for text in report.assumptions)


def consequences(cured: Finding, findings: Iterable[Finding], after: Report) -> list[Finding]:
    """Errors that nothing predicts and whose gradients are right once another's fix is made: they only followed.

    What is named for its layer alone is such an error, too; what a rule predicts to rounding is a fault by itself.
    """
    right = {g.parameter for g in after.gradients if g.status == "ok"}
    unknown = (f for f in findings if f.severity == "error" and (f.rule == _UNNAMED or f.residual is None))
    others = (f for f in unknown if f is not cured and f.fix is None)
    return [f for f in others if f.follows and set(f.follows) <= right]


def _healed(after: Report, finding: Finding, edits: Iterable[Edit]) -> bool:
    """Whether a gradient that the finding is about is right, or still wrong for what is found elsewhere only."""
    right = {g.parameter for g in after.gradients if g.status == "ok"}
    changed = {line for e in edits for line in range(e.span.line, e.span.end_line + 1)}
    left = [f for f in after.findings if f.severity == "error" and f.primary and f.primary.span.line in changed]
    return not finding.follows or bool(right & set(finding.follows)) or not left


def _rescaled(report: Report) -> bool:
    """Whether all gradients are a multiple of the derivative: where none was right, a change may have made it so."""
    return any(f.rule == "gradient-scale" for f in report.findings)


def _gone(before: Report, after: Report, finding: Finding, edits: Iterable[Edit]) -> bool:
    """Fewer findings as serious as this one, none of them of a new kind or this very one.

    What was not recognised and is, once another mistake is mended, is of no new kind; nor are dead units, where a
    run that diverged left no fewer of them. A line that has a mistake twice must have it once less.
    """
    severities = ("error",) if finding.severity == "error" else ("error", "warning")
    old, new = _places(before, severities), _places(after, severities)
    if finding.rule in TRAINING - {_DEAD} and _dead(before) >= max(_dead(after), 1):
        new = [(rule, line) for rule, line in new if rule != _DEAD]
    own = (finding.rule, finding.primary.span.line if finding.primary else 0)
    same = (finding.rule, line_after(finding.primary.span, edits) if finding.primary else 0)
    unnamed = [f.primary.span for f in before.findings if f.rule == _UNNAMED and f.primary and f.severity in severities]
    named = {line_after(span, edits) for span in unnamed}
    other = {rule for rule, line in new if line not in named} - {rule for rule, _ in old}
    if other or new.count(same) >= max(1, old.count(own)):
        return False
    if finding.severity != "error" and _count(new, finding.rule) >= _count(old, finding.rule):
        return False
    return len(new) < len(old) or after.verdict == "healthy"


def same_loss(before: Loss | None, after: Loss | None, edits: Iterable[Edit]) -> bool:
    """Whether the gradients are those of the loss that the program had; one that was not known does not object.

    Two expressions are one loss where they slope alike, up to a factor, at the parameters that the program starts from.
    """
    if before is None or after is None:
        return before is None
    if proportional(before.slopes, after.slopes):
        return True
    if {_words(before), *before.others} & {_words(after), *after.others}:
        return True
    # What computes it may itself have been edited, or a term beside it be taken for a decay; another part of it is
    # another loss.
    edits = list(edits)
    touched = any(e.span.line <= (before.line or 0) <= e.span.end_line for e in edits)
    return (touched or before.name == after.name) and after.line == _moved(before.line, edits)


def _words(loss: Loss) -> str:
    """How a loss and what is added to it are written."""
    return f"{loss.name} {_LINE.sub('', loss.form)}" if loss.form.startswith("plus") else loss.name


def proportional(a: Sequence[float], b: Sequence[float]) -> bool:
    """Whether the slopes of two losses point the same way."""
    if len(a) != len(b) or not a or not np.isfinite([*a, *b]).all():
        return False
    x, y = np.asarray(a), np.asarray(b)
    lengths = float(np.linalg.norm(x) * np.linalg.norm(y))
    return bool(lengths) and float(np.dot(x, y)) > (1 - _ALIKE) * lengths


def _moved(line: int | None, edits: Iterable[Edit]) -> int | None:
    edits = list(edits)
    return line_after(Span(edits[0].span.file, line, 1, line, 1), edits) if line and edits else line


def line_after(span: Span, edits: Iterable[Edit]) -> int:
    """The first line of a place once the edits above it are made."""
    line = span.line
    for edit in edits:
        at = edit.span
        if (at.end_line, at.end_column) <= (span.line, span.column) and at.file == span.file:
            line += edit.replacement.count("\n") - (at.end_line - at.line)
    return line


def _places(report: Report, severities: Collection[str]) -> list[tuple[str, int]]:
    return [(f.rule, f.primary.span.line if f.primary else 0) for f in report.findings if f.severity in severities]


def _dead(report: Report) -> float:
    """Units that were 0 for every sample of the last step that was sampled."""
    layers = report.health.get("layers", ())
    return float(sum(layer["units"] * (layer["dead"][-1] or 0.0) for layer in layers if layer["dead"]))


def _count(places: list[tuple[str, int]], rule: str) -> int:
    return Counter(found for found, _ in places)[rule]


def trained(report: Report) -> int:
    """How many numbers a program trains."""
    return sum(math.prod(p.shape) for p in report.subject.parameters)


def _moving(report: Report) -> tuple[int, int]:
    """How many numbers a program trains, and of how many parameters the gradients are right."""
    return trained(report), sum(g.status == "ok" for g in report.gradients)


def _lower(before: Report, after: Report, *, further: bool) -> bool:
    """Training brings the loss down, and `further` than it did; unknown losses do not object."""
    was, now = before.progress, after.progress
    if not now:
        return True
    return now["last"] < now["first"] and (not was or not further or now["last"] < was["last"])
