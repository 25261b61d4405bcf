"""Proposals for repair: edits of the guilty expression, to be tried by running the edited program."""

from __future__ import annotations

import ast
from collections.abc import Sequence

import numpy as np

from bpdoctor.model.record import record
from bpdoctor.model.source import Edit, Span
from bpdoctor.observe.sites import Site, span_of


@record
class Proposal:
    """A change that may cure a finding; one that is not `confined` may change what other parts of the program do."""

    title: str
    edits: tuple[Edit, ...]
    confined: bool = True


def parenthesised(site: Site, text: str) -> str:
    """Put brackets round a replacement that stands inside a larger expression."""
    statement = site.statement
    whole = statement is not None and getattr(statement, "value", None) is site.node
    simple = isinstance(ast.parse(text, mode="eval").body, ast.Name | ast.Call | ast.Attribute | ast.Subscript)
    return text if whole or simple else f"({text})"


def flipped(site: Site, *, step: bool = False) -> list[Proposal]:
    """The same statement or expression with its sign turned; of a `step`, what is added to a parameter."""
    node = site.node
    if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add | ast.Sub):
        return [_operator(site, node.target, node.value, "-=" if isinstance(node.op, ast.Add) else "+=")]
    if step and isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        return [_operator(site, node.left, node.right, "-" if isinstance(node.op, ast.Add) else "+")]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub):
        return [_swapped(site, node)]
    value = getattr(site.statement, "value", None)
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add | ast.Sub):
        return [_operator(site, value.left, value.right, "-" if isinstance(value.op, ast.Add) else "+")]
    if isinstance(value, ast.Name | ast.Attribute) and node is not value:
        return [Proposal("turn the sign", (Edit(span_of(site.source, value), f"-{ast.unparse(value)}"),))]
    if isinstance(node, ast.expr) and site.text:
        return [Proposal("turn the sign", (Edit(site.span, f"-({site.text})"),))]
    return []


def added(site: Site) -> list[Proposal]:
    """What a statement assigns, added to what its target holds."""
    statement = site.statement
    if not isinstance(statement, ast.Assign) or len(statement.targets) > 1 or statement.value is not site.node:
        return []
    return [_operator(site, statement.targets[0], statement.value, "+=")]


def _operator(site: Site, left: ast.expr, right: ast.expr, operator: str) -> Proposal:
    """Another operator between two operands, whatever stands between them now."""
    before, after = span_of(site.source, left), span_of(site.source, right)
    gap = Span(before.file, before.end_line, before.end_column, after.line, after.column)
    return Proposal(f"write `{operator}`", (Edit(gap, f" {operator} "),))


def _swapped(site: Site, node: ast.BinOp) -> Proposal:
    """``a - b`` as ``b - a``."""
    left = ast.get_source_segment(site.source.text, node.left) or ""
    right = ast.get_source_segment(site.source.text, node.right) or ""
    sums = (ast.Add, ast.Sub)
    second = f"({left})" if isinstance(node.left, ast.BinOp) and isinstance(node.left.op, sums) else left
    text = f"{right} - {second}"
    return Proposal(f"write `{text}`", (Edit(site.span, text),))


def rescaled(site: Site, scale: float) -> list[Proposal]:
    """Take a constant factor out of an expression: sum for mean, or the factor itself."""
    text = site.text
    out: list[Proposal] = []
    for old, new in (("np.mean(", "np.sum("), (".mean(", ".sum("), ("np.sum(", "np.mean("), (".sum(", ".mean(")):
        if old in text:
            changed = text.replace(old, new, 1)
            out.append(Proposal(f"write `{changed}`", (Edit(site.span, changed),)))
    node = site.node
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div | ast.Mult):
        for side in (node.left, node.right) if isinstance(node.op, ast.Mult) else (node.left,):
            inner = ast.get_source_segment(site.source.text, side) or ""
            out.append(Proposal(f"write `{inner}`", (Edit(site.span, parenthesised(site, inner)),)))
    if isinstance(node, ast.expr) and np.isfinite(scale) and scale:
        amount = f"{scale:.12g}" if abs(scale) >= 1 else f"{1 / scale:.12g}"
        changed = f"({text}) / {amount}" if abs(scale) >= 1 else f"({text}) * {amount}"
        out.append(Proposal(f"write `{changed}`", (Edit(site.span, changed),)))
    return out


def unique(offers: Sequence[Proposal]) -> list[Proposal]:
    """Without repetitions, in order."""
    return list({o.edits: o for o in offers}.values())
