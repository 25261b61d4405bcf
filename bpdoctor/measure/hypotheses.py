"""Which loss the program trains: every candidate is tried on every recorded step, the best is kept."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

from bpdoctor.identify.loss import Candidate, computed_losses, find_residuals, implied_losses
from bpdoctor.measure.assess import Assessment, assess
from bpdoctor.measure.view import View

Label = tuple[str, object]


def candidates_of(view: View, node_of_site: Callable[[int], ast.AST]) -> dict[Label, Candidate]:
    """Loss candidates of one step by a label that is the same in every step."""
    out: dict[Label, Candidate] = {}
    for candidate in computed_losses(view.tape, view.step, view.masks):
        assert candidate.node is not None
        out["computed", view.keys[candidate.node]] = candidate
    for residual in find_residuals(view.tape, view.masks, view.claims, node_of_site):
        for candidate in implied_losses(view.tape, residual):
            out[candidate.form, residual.site] = candidate
    return out


def assessments(views: Sequence[View], node_of_site: Callable[[int], ast.AST]) -> list[Assessment]:
    """Every loss hypothesis that holds in all steps, computed ones first."""
    tables = [candidates_of(view, node_of_site) for view in views]
    out = []
    for label in tables[0]:
        usable = [(view, table[label]) for view, table in zip(views, tables, strict=True) if label in table]
        if len(usable) >= min(2, len(views)):
            out.append(assess([v for v, _ in usable], [c for _, c in usable]))
    return out
