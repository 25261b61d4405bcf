"""Proposals for repair: edits of the guilty expression, to be tried by running the edited program."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bpdoctor.diagnose.localise import Fault
from bpdoctor.diagnose.name import Named
from bpdoctor.fix.scope import terms_in_scope
from bpdoctor.fix.search import Term, Wanted, find_expressions, substituted
from bpdoctor.model.source import Edit, Span
from bpdoctor.observe.sites import Site, Sites, span_of


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change that may cure a finding."""

    title: str
    edits: tuple[Edit, ...]


def proposals(fault: Fault, named: Named, sites: Sites) -> list[Proposal]:
    """Expressions that equal the wanted adjoint at the guilty place."""
    user, _ = fault.pairs[0]
    site = sites[user[0]]
    trials = fault.assessment.trials
    wanted = _wanted(fault, named)
    if wanted is None:
        return []
    own = tuple(np.asarray(t.view.tape.values[t.view.by_key[user]], dtype=np.float64) for t in trials)
    original = Term(site.text, own, isinstance(site.node, ast.Name | ast.Attribute | ast.Subscript | ast.Call))
    terms = terms_in_scope(trials, user, sites)
    texts = [*find_expressions(wanted, terms, original), *_refactored(site, wanted.factors)]
    return [Proposal(f"write `{text}`", (Edit(site.span, parenthesised(site, text)),)) for text in texts]


def _refactored(site: Site, factors: Sequence[str]) -> list[str]:
    """``g * helper(x)`` with the helper replaced by each formula of f', in each name it was given.

    What `x` holds there was not recorded (it was only passed on), so running the edit decides.
    """
    node, text = site.node, site.source.text
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Mult):
        return []
    out = []
    for side, other in ((node.right, node.left), (node.left, node.right)):
        kept = ast.get_source_segment(text, other) or ""
        kept = f"({kept})" if isinstance(other, ast.BinOp) and not isinstance(other.op, ast.Mult) else kept
        for name in dict.fromkeys(_names_in(side, text)):
            for formula in factors:
                symbol = "a" if "a" in {n.id for n in ast.walk(ast.parse(formula)) if isinstance(n, ast.Name)} else "z"
                written = f"({substituted(formula, symbol, name)})"
                out.append(f"{kept} * {written}" if side is node.right else f"{written} * {kept}")
    return out[:8]


def _names_in(node: ast.expr, text: str) -> list[str]:
    """Names, attributes and subscripts handed to calls inside an expression."""
    calls = [n for n in ast.walk(node) if isinstance(n, ast.Call)]
    args = [a for c in calls for a in c.args if isinstance(a, ast.Name | ast.Attribute | ast.Subscript)]
    return [ast.get_source_segment(text, a) or "" for a in args]


def _wanted(fault: Fault, named: Named) -> Wanted | None:
    user, forward = fault.pairs[0]
    values, before, after = [], [], []
    unit = named.local.activation if named.local is not None and named.local.role == "activation" else None
    for trial in fault.assessment.trials:
        n, u = trial.view.by_key.get(forward), trial.view.by_key.get(user)
        if n is None or u is None or trial.adjoints.get(n) is None:
            return None
        target = np.asarray(trial.adjoints.get(n)) * fault.scale
        shape = np.shape(trial.view.tape.values[u])
        if target.shape != shape and target.size == int(np.prod(shape)):
            target = target.T if target.T.shape == shape else target.reshape(shape)
        values.append(target)
        before.append(np.asarray(trial.view.tape.values[n], dtype=np.float64))
        after.append(_activation_output(trial, n, unit))
    if unit is None or any(a is None for a in after):
        return Wanted(tuple(values))
    return Wanted(tuple(values), tuple(before), tuple(after), tuple(f for f in (unit.post, unit.pre) if f))


def _activation_output(trial: Any, n: int, unit: Any) -> Any | None:
    if unit is None:
        return None
    value = np.asarray(trial.view.tape.values[n], dtype=np.float64)
    return unit.function(value)


def parenthesised(site: Site, text: str) -> str:
    """Put brackets round a replacement that stands inside a larger expression."""
    statement = site.statement
    whole = statement is not None and getattr(statement, "value", None) is site.node
    simple = isinstance(ast.parse(text, mode="eval").body, ast.Name | ast.Call | ast.Attribute | ast.Subscript)
    return text if whole or simple else f"({text})"


def flipped(site: Site) -> list[Proposal]:
    """The same statement or expression with its sign turned."""
    node = site.node
    if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add | ast.Sub):
        return [_operator(site, node.target, node.value, "-=" if isinstance(node.op, ast.Add) else "+=")]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub):
        return [_swapped(site, node)]
    value = getattr(site.statement, "value", None)
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add | ast.Sub):
        return [_operator(site, value.left, value.right, "-" if isinstance(value.op, ast.Add) else "+")]
    if isinstance(node, ast.expr) and site.text:
        return [Proposal("turn the sign", (Edit(site.span, f"-({site.text})"),))]
    return []


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
