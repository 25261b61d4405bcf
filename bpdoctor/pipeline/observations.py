"""Findings from measurements: the examination is put together, every evidence rule looks at it."""

from __future__ import annotations

import ast
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bpdoctor.identify.step import find_steps
from bpdoctor.measure import measurements
from bpdoctor.measure.view import View, settle, view_of
from bpdoctor.model.evidence import Evidence
from bpdoctor.model.examination import Examination
from bpdoctor.model.report import Finding, Mark
from bpdoctor.model.rule import Rule
from bpdoctor.model.source import Edit, Span
from bpdoctor.model.tape import Store, Tape, Write
from bpdoctor.observe.sites import Sites, span_of
from bpdoctor.pipeline.analysis import Analysis
from bpdoctor.pipeline.repairs import Proposal

# Updates that drive the numbers away, and what is then seen of them.
_RUNAWAY = frozenset({"gradient-ascent", "momentum-sign", "optimizer-rule", "gradient-accumulation", "aliased-state"})
_CONSEQUENCES = frozenset({"non-finite", "overflow"})
# Steps that are too long, and what comes of them in time.
_TOO_LONG = frozenset({"gradient-scale", "learning-rate-too-high"})
_IN_TIME = _CONSEQUENCES | {"log-of-zero"}

Offered = tuple[Finding, list[Proposal]]
# What a run looks like, and what explains that it does: a cause is reported in place of its symptom.
_CAUSES = frozenset(
    {"symmetric-initialisation", "initialisation-scale", "missing-bias", "dead-relu", "saturation", "unscaled-inputs",
     "learning-rate-too-high", "learning-rate-too-low", "no-nonlinearity", "output-activation", "target-out-of-range",
     "misaligned-shuffle", "label-mismatch"}
)  # fmt: skip
_SYMPTOMS = ("vanishing-gradient", "plateau", "stuck-output")


def late_views(tape: Tape, iteration: int, named: Container[int] = ()) -> list[View]:
    """The step on a tape that holds one late iteration; what persists was there before the tape."""
    out = []
    for step in find_steps(tape, named)[-1:]:
        kept = tuple(c for c in step.parameters if tape.nodes[c.start].prim in ("leaf", "view"))
        state = tuple(c for c in step.state if tape.nodes[c.start].prim in ("leaf", "view"))
        out.append(view_of(tape, replace(step, iteration=iteration, parameters=kept, state=state)))
        settle(out[-1])
    return out


def examination_of(
    a: Analysis | None,
    tape: Tape,
    sites: Sites,
    late: list[View],
    after: Tape | None,
    raised: tuple[BaseException, Span] | None = None,
    course: tuple[list[Any], list[Any]] = ([], []),
) -> Examination:
    """Everything recorded, with every measurement made on it."""
    out = Examination(tape, sites, late=late, after=after, raised=raised, samples=course[0], groups=course[1])
    if a is not None:
        out.tape, out.views, out.assessment, out.units = a.tape, a.views, a.assessment, a.units
    out.measurements = {name: function(out) for name, function in measurements().items()}
    return out


def observed_findings(
    examination: Examination, names: Sequence[str], sites: Sites, rules: Mapping[str, Rule], *, sick: bool = False
) -> Iterable[tuple[Finding, list[Proposal]]]:
    """Findings of every rule that judges measurements.

    With a wrong gradient, or where the steps are too long, what came of it later is a note.
    """
    found = [(rule, e) for rule in rules.values() if rule.evidence is not None for e in rule.evidence(examination)]
    slugs = {rule.slug for rule, _ in found}
    # No length of step suits layers whose gradients differ by a thousand.
    known = sick or (bool(slugs & _TOO_LONG) and "exploding-gradient" not in slugs)
    for rule, seen in found:
        evidence = replace(seen, severity="note") if known and seen.late else seen
        yield _finding(rule, evidence, names, sites), _repairs(rule.slug, evidence, examination, sites)


def _finding(rule: Rule, evidence: Evidence, names: Sequence[str], sites: Sites) -> Finding:
    primary = None
    if evidence.site is not None:
        primary = Mark(sites[evidence.site].span, evidence.label or "here")
    return Finding(
        rule.code, rule.slug, evidence.severity or rule.severity, evidence.message, primary,
        related=tuple(Mark(sites[s].span, label) for s, label in evidence.related),
        evidence=evidence.facts, why=rule.why,
        follows=evidence.follows or tuple(names[k] for k in evidence.families if k < len(names)),
    )  # fmt: skip


def _repairs(slug: str, evidence: Evidence, examination: Examination, sites: Sites) -> list[Proposal]:
    if evidence.rewrites:
        edits = [Edit(span_of(sites[site].source, node), text) for site, node, text in evidence.rewrites]
        changes = [tuple(edits)] if evidence.together else [(edit,) for edit in edits]
        return [Proposal(f"write `{' '.join(edit[0].replacement.split())}`", edit) for edit in changes]
    if slug == "read-after-mutation" and evidence.site is not None:
        return _copies(evidence.site, examination, sites)
    return []


def _copies(site: int, examination: Examination, sites: Sites) -> list[Proposal]:
    """``delta = y_hat`` becomes ``delta = y_hat.copy()`` where the alias of the overwritten array is made."""
    out: list[Proposal] = []
    tapes = [examination.tape, *[v.tape for v in examination.late], examination.after]
    for tape in tapes:
        if tape is None:
            continue
        written = {e.before for e in tape.events if isinstance(e, Write) and e.site == site}
        for event in tape.events:
            if isinstance(event, Store) and event.node in written:
                out.extend(_copied(sites, event.site))
    return list(dict.fromkeys(out))


def _copied(sites: Sites, store: int) -> list[Proposal]:
    statement = sites[store].statement
    value = getattr(statement, "value", None)
    if not isinstance(statement, ast.Assign) or not isinstance(value, ast.Name | ast.Attribute | ast.Subscript):
        return []
    source = sites[store].source
    line, column = int(value.end_lineno or 1), source.column(int(value.end_lineno or 1), int(value.end_col_offset or 0))
    text = ast.get_source_segment(source.text, value) or ""
    return [Proposal(f"write `{text}.copy()`", (Edit(Span(source.path, line, column, line, column), ".copy()"),))]


def too_long(finding: Finding) -> bool:
    """Whether a warning is about the length of the steps."""
    return finding.rule in _TOO_LONG and finding.severity == "warning"


def troubled(gradient: Iterable[Finding]) -> bool:
    """Whether what comes up later is a consequence: of a wrong gradient, or of steps that are too long."""
    return any(f.severity == "error" or too_long(f) for f in gradient)


def thrown(gradient: list[Offered], observed: Sequence[Offered]) -> tuple[list[Offered], list[Offered]]:
    """Steps that are too long are an error where the numbers leave their range for it."""
    every = [f for f, _ in (*gradient, *observed)]
    left = next((f.primary for f in every if f.rule in _IN_TIME and f.severity == "note" and f.primary), None)
    if left is None or any(f.severity == "error" for f in every):
        return gradient, list(observed)
    first = next((f for f in every if too_long(f)), None)

    def raised(offered: Offered) -> Offered:
        finding, repairs = offered
        if finding is not first:
            return offered
        mark = Mark(left.span, "for it the numbers leave their range here")
        return replace(finding, severity="error", related=(*finding.related, mark)), repairs

    return [raised(o) for o in gradient], [raised(o) for o in observed]


def without_runaways(gradient: Sequence[Finding], observed: Sequence[Finding], updates: set[int]) -> list[Finding]:
    """Parameters that run away under a wrong gradient are its consequence, no cause of their own.

    `updates` are the lines that change parameters: a value that stops being finite there, and nowhere
    before, grew step by step.
    """
    if not any(f.severity == "error" for f in gradient):
        return list(observed)
    return [
        f for f in observed if f.rule not in _CONSEQUENCES or f.primary is None or f.primary.span.line not in updates
    ]


def without_symptoms(gradient: Sequence[Finding], observed: Sequence[Finding]) -> list[Finding]:
    """Of what only describes a run that fails, the most telling, and only where nothing explains it."""
    found = {f.rule for f in observed if f.severity != "note"}
    if "exploding-gradient" in found:
        # No length of step suits layers whose gradients differ by a thousand.
        observed = [f for f in observed if f.rule != "learning-rate-too-high"]
        observed.sort(key=lambda f: f.rule != "exploding-gradient")
    wrong = any(f.severity == "error" for f in (*gradient, *observed))
    kept = next((s for s in _SYMPTOMS if s in found), "") if not wrong and not found & _CAUSES else ""
    return [f for f in observed if f.rule not in _SYMPTOMS or f.rule == kept]


def _once(observed: Sequence[Finding]) -> list[Finding]:
    """Without warnings that repeat another word for word: a layer that runs at every time step is one."""
    first: dict[object, Finding] = {}
    for i, f in enumerate(observed):
        first.setdefault(i if f.severity == "error" else (f.rule, f.message, f.primary), f)
    return list(first.values())


def folded(gradient: Sequence[Finding], observed: Sequence[Finding], updates: set[int]) -> list[Finding]:
    """Causes first; wrong gradients that only follow from an observed cause are no findings of their own."""
    observed = without_runaways(gradient, _once(observed), updates)
    said = {f.rule for f in (*gradient, *observed) if f.severity == "error"}
    if said & _RUNAWAY:
        observed = [f for f in observed if f.rule not in _CONSEQUENCES]
    observed = without_symptoms(gradient, observed)
    if "optimizer-rule" in said:
        # Which way an unknown rule moves along the gradient is no question of a sign.
        gradient = [f for f in gradient if f.rule != "gradient-ascent"]
    overwritten = {name for f in gradient if f.rule == "cache-mutated-before-backward" for name in f.follows}
    observed = [f for f in observed if f.rule != "read-after-mutation" or not set(f.follows) & overwritten]
    # What has no name where another finding says what is wrong is that.
    told = {f.primary.span for f in observed if f.severity == "error" and f.primary is not None}
    gradient = [f for f in gradient if f.rule != "wrong-gradient" or f.primary is None or f.primary.span not in told]
    causes = [f for f in observed if f.severity == "error" and f.follows]
    explained = {name for f in causes for name in f.follows}
    kept = [f for f in gradient if not (f.severity == "error" and f.follows and set(f.follows) <= explained)]
    return [*causes, *kept, *(f for f in observed if f not in causes)]
