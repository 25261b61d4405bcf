"""Where a finding is shown once a repair is known: at what the repair changes."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterable, Iterator
from dataclasses import replace

from bpdoctor.model.report import Finding, Mark
from bpdoctor.model.source import Span
from bpdoctor.rules import all_rules

# Rules whose place is where a value is first wrong, whatever it is made of.
_LOOSE = ("value", "error")


def at_repair(finding: Finding, text: str) -> Finding:
    """The finding at what a repair changes, where that is another line than the one where a value is first wrong.

    Parameters
    ----------
    finding : Finding
        With a fix that was tried.
    text : str
        The program.

    Notes
    -----
    A gradient that is right again after one expression was changed was made wrong by that expression; what is
    seen first may be made of it in between. Of a factor that is missing or wrong the place is known, and one that
    makes up for it may be put in before: there only what the place shown takes its value from counts.
    """
    fix, primary = finding.fix, finding.primary
    rule = all_rules().get(finding.rule)
    gradient = finding.residual is not None or finding.rule == "wrong-gradient"
    if fix is None or primary is None or rule is None or not gradient:
        return finding
    if fix.applicability != "safe" or len(fix.edits) != 1:
        return finding
    span, seen = fix.edits[0].span, primary.span
    # One of them may be named as the user named it, the other by its whole path.
    same = os.path.abspath(span.file) == os.path.abspath(seen.file) and span.cell == seen.cell
    if not same or seen.line <= span.line <= seen.end_line:
        return finding
    loose = rule.place in _LOOSE and not rule.layers
    missing = rule.slug.startswith("missing-") and (taken_from(text, seen, span) or _renames(text, span))
    if not loose and not missing:
        return finding
    others = tuple(m for m in finding.related if not span.line <= m.span.line <= span.end_line)
    shown = replace(primary, label="what comes of it is wrong here")
    return replace(finding, primary=Mark(span, "computed here"), related=(shown, *others))


def taken_from(text: str, seen: Span, changed: Span) -> bool:
    """Whether an expression takes its value, by its last name or as a result, from the statement that was changed.

    Or the other way: the statement takes what the expression makes, in a function that it calls.
    """
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return False
    expression = [n for n in ast.walk(tree) if isinstance(n, ast.expr) and _within(n, seen)]
    if not any(isinstance(n, ast.BinOp | ast.Call) for n in expression):
        return False  # a value passed on under another name: there the factor is missing
    names = {n.id for n in expression if isinstance(n, ast.Name)}
    called = _called(expression)
    for function in _functions(tree):
        body = list(_statements(function))
        there = [s for s in body if s.lineno <= changed.line <= (s.end_lineno or s.lineno)]
        if not there:
            continue
        if _holds(tree, _called(ast.walk(there[-1])), seen):
            return True
        if isinstance(there[-1], ast.Return):
            return getattr(function, "name", "") in called
        made = _targets(there[-1]) & names
        later = (s for s in body if there[-1].lineno < s.lineno < seen.line)
        here = any(s.lineno <= seen.line <= (s.end_lineno or s.lineno) for s in body)
        return here and bool(made - {t for s in later for t in _targets(s)})
    return False


def _renames(text: str, changed: Span) -> bool:
    """Whether a statement only gave a value another name, ``dz = da``: what it lacks is missing there."""
    statements = (n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Assign) and n.lineno == changed.line)
    return any(isinstance(s.value, ast.Name) and isinstance(s.targets[0], ast.Name) for s in statements)


def _called(nodes: Iterable[ast.AST]) -> set[str]:
    return {getattr(n.func, "id", getattr(n.func, "attr", "")) for n in nodes if isinstance(n, ast.Call)}


def _holds(tree: ast.Module, names: set[str], seen: Span) -> bool:
    """Whether a place is in a function of one of these names."""
    return any(
        f.name in names and f.lineno <= seen.line <= (f.end_lineno or f.lineno)
        for f in ast.walk(tree)
        if isinstance(f, ast.FunctionDef)
    )


def _within(node: ast.expr, span: Span) -> bool:
    begin, end = (node.lineno, node.col_offset), (node.end_lineno or node.lineno, node.end_col_offset or 0)
    # Columns of a span count from 1, those of a tree from 0.
    return (span.line, span.column - 1) <= begin and end <= (span.end_line, span.end_column - 1)


def _functions(tree: ast.Module) -> list[ast.AST]:
    """The functions of a file, the innermost first, and the file itself."""
    inner = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [*reversed(inner), tree]


def _statements(scope: ast.AST) -> Iterator[ast.stmt]:
    """The simple statements of a scope, without those of the functions in it."""
    for child in ast.iter_child_nodes(scope):
        if isinstance(child, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Return):
            yield child
        elif not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from _statements(child)


def _targets(statement: ast.stmt) -> set[str]:
    targets = getattr(statement, "targets", [getattr(statement, "target", None)])
    return {n.id for t in targets if t is not None for n in ast.walk(t) if isinstance(n, ast.Name)}
