"""From a definition whose gradient is wrong to the line: the engine follows a loop that calls it."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Callable
from dataclasses import replace

from bpdoctor.model.report import Finding, Mark, Report
from bpdoctor.model.source import Source, Span
from bpdoctor.observe.program import DRIVER
from bpdoctor.observe.sites import SourceFile, span_of
from bpdoctor.pipeline.makers import maker
from bpdoctor.pipeline.options import Options
from bpdoctor.pipeline.repairs import Proposal
from bpdoctor.probe.choose import nearly
from bpdoctor.probe.examined import Examined
from bpdoctor.probe.probe import LOSS
from bpdoctor.report.wording import number
from bpdoctor.rules import all_rules

# Names that only our own loop has.
_OURS = re.compile(r"(?<!\w)_(target|below|head|off|slope)")
Proposals = dict[int, list[Proposal]]
Examine = Callable[[Source, Options], tuple[Report, Proposals]]
WithFixes = Callable[[Source, Report, Proposals, Options], Report]


def localised(source: Source, e: Examined, options: Options, examine: Examine, with_fixes: WithFixes) -> list[Finding]:
    """Findings of the engine about a driven definition; where it has none, one about the definition as a whole."""
    if e.kind == "engine" and "," in e.name:
        return [overwritten(source, e) or whole(source, e)]
    best: list[Finding] = []
    asked = options.loss
    if not any(c.slot.moves for c in e.compared):
        # The only update is ours, after everything else.
        options = replace(options, ignore=(*options.ignore, "stale-weights-in-backward"))
    for driver in e.drivers:
        driven = replace(source, driver=driver)
        # What our own loop descends is known; a wrong gradient may be that of another loss by chance.
        options = replace(options, loss=LOSS if LOSS in driver.steps else asked)
        report, proposals = examine(driven, options)
        if not any(f.severity == "error" for f in report.findings):
            continue
        if options.fix:
            report = with_fixes(driven, report, proposals, options)
        errors = (f for f in report.findings if f.severity == "error")
        found = [said for f in errors if _about(said := spoken(f, e, source), e)]
        if not found:
            continue
        if not best or _rank(found) < _rank(best):
            best = found
        if all(f.rule != "wrong-gradient" for f in best):
            break
    return [_by_kind(f, e) for f in best] or [whole(source, e)]


def guarded(source: Source, e: Examined, options: Options, examine: Examine) -> Examined:
    """As right what is wrong by no more than a small number that keeps a logarithm finite: the engine allows for it."""
    if not nearly(e.compared):
        return e
    options = replace(options, loss=LOSS if LOSS in e.drivers[0].steps else options.loss)
    report, _ = examine(replace(source, driver=e.drivers[0]), options)
    if report.verdict != "healthy":
        return e
    agreeing = tuple(replace(c, status="ok") if c.status == "wrong" else c for c in e.compared)
    return replace(e, outcome="right", compared=agreeing)


def _by_kind(finding: Finding, e: Examined) -> Finding:
    """A fault that no rule predicts, by the name that the kind of the definition gives it."""
    if finding.rule != "wrong-gradient" or e.rule == finding.rule:
        return finding
    rule = all_rules()[e.rule]
    return replace(
        finding, code=rule.code, rule=rule.slug, why=rule.why,
        message=finding.message.replace(", cause not recognised", f": {rule.title}"),
    )  # fmt: skip


def scaled(source: Source, e: Examined, options: Options, examine: Examine) -> list[Finding]:
    """The constant that the gradient of a loss carries: a note, for who calls it may divide by it."""
    if not any(c.status == "scaled" for c in e.compared):
        return []
    report, _ = examine(replace(source, driver=e.drivers[0]), options)
    found = [f for f in report.findings if f.rule == "gradient-scale"]
    return [replace(spoken(f, e, source), severity="note") for f in found]


def _about(finding: Finding, e: Examined) -> bool:
    """Whether a finding speaks of a gradient that differences show to be wrong."""
    wrong = {c.slot.name for c in e.compared if c.status in ("wrong", "scaled", "not-finite")}
    return bool(wrong & set(finding.follows))


def _rank(found: list[Finding]) -> tuple[bool, int]:
    return any(f.rule == "wrong-gradient" for f in found), len(found)


def spoken(finding: Finding, e: Examined, source: Source) -> Finding:
    """The finding without the names and places of our own loop."""

    def word(text: str) -> str:
        for ours, theirs in sorted(e.words.items(), key=lambda item: -len(item[0])):
            text = text.replace(f"`{ours}`", f"`{theirs}`")
        return text

    primary = finding.primary
    if primary is None or primary.span.file == DRIVER:
        primary = Mark(place(source, e), "computed here")
    follows = tuple(word(f"`{n}`").strip("`") for n in finding.follows)
    evidence = (*(t for t in map(word, finding.evidence) if not _OURS.search(t)), *_numbers(e))
    related = tuple(r for r in finding.related if r.span.file != DRIVER)
    return replace(
        finding, message=word(finding.message), primary=primary, related=related, follows=follows, evidence=evidence
    )


def _numbers(e: Examined) -> list[str]:
    wrong = [c for c in e.compared if c.status in ("wrong", "scaled", "not-finite")]
    names = ", ".join(f"`{c.slot.name}` ({c.note or number(c.error)})" for c in wrong)
    return [f"calling `{e.name}` and central differences disagree in the gradient of {names}"] if names else []


def whole(source: Source, e: Examined) -> Finding:
    """A gradient that is wrong and could not be followed to its line."""
    rule = all_rules()[e.rule]
    alone = ("where the gradient that comes in is 1, it is right",) if e.rule == "missing-upstream-gradient" else ()
    wrong = [c for c in e.compared if c.status in ("wrong", "scaled", "not-finite")]
    names = ", ".join(f"`{c.slot.name}`" for c in wrong)
    return Finding(
        rule.code,
        rule.slug,
        "error",
        f"`{e.name}` gives a wrong gradient of {names}",
        Mark(place(source, e), "returned here"),
        evidence=(*_numbers(e), *alone),
        why=rule.why,
        follows=tuple(c.slot.name for c in wrong),
    )


def overwritten(source: Source, e: Examined) -> Finding | None:
    """A closure that assigns to a gradient what it should add: right for a node used once only."""
    file = SourceFile(os.path.abspath(source.path), source.text)
    for definition in ast.walk(ast.parse(source.text)):
        if not isinstance(definition, ast.FunctionDef):
            continue
        for node in ast.walk(definition):
            if not isinstance(node, ast.Assign):
                continue
            target = node.targets[0]
            inner = (
                isinstance(target, ast.Attribute) and target.attr.startswith("grad") and definition.name != "__init__"
            )
            if inner and not isinstance(node.value, ast.Constant) and "grad" in ast.unparse(node.value):
                return _overwriting(file, node, e)
    return None


def _overwriting(file: SourceFile, node: ast.AST, e: Examined) -> Finding:
    rule = all_rules()["shared-weight-gradient-overwritten"]
    message = "the gradient of a node that is used twice is overwritten"
    evidence = (*_numbers(e), "every operator is right by itself; nodes that are used twice are not")
    mark = Mark(span_of(file, node), "assigned where it should be added")
    return Finding(rule.code, rule.slug, "error", message, mark, evidence=evidence, why=rule.why, follows=("x",))


def place(source: Source, e: Examined) -> Span:
    """The statement that makes the wrong gradient, or else what the definition returns."""
    file = SourceFile(os.path.abspath(source.path), source.text)
    tree = ast.parse(source.text)
    found = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.lineno == e.line]
    if not found:
        return Span(file.path, e.line, 1, e.line, 2)
    span = span_of(file, maker(found[0], e))
    return (
        span
        if span.line == span.end_line
        else replace(span, end_line=span.line, end_column=len(file.lines[span.line - 1]) + 1)
    )
