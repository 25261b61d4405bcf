"""Losses of which the program writes only the derivative, tried where it computes none and no standard one fits."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

from bpdoctor.identify.errors import losses_of_errors
from bpdoctor.identify.loss import Candidate
from bpdoctor.identify.residuals import find_residuals
from bpdoctor.measure.assess import Assessment, assess
from bpdoctor.measure.beside import bends
from bpdoctor.measure.hypotheses import declared_form
from bpdoctor.measure.view import View

Label = tuple[str, int, int]


def of_errors(
    views: Sequence[View], tried: Sequence[Assessment], node_of_site: Callable[[int], ast.AST]
) -> list[Assessment]:
    """Assessments under what the program makes of its errors; none where it computes a loss that says otherwise."""
    if any(not a.inferred and (declared_form(a) or bends(a)) for a in tried):
        return []
    tables = [_table(view, node_of_site) for view in views]
    labels = [label for label in tables[0] if all(label in table for table in tables)]
    return [assess(views, [table[label] for table in tables]) for label in labels]


def _table(view: View, node_of_site: Callable[[int], ast.AST]) -> dict[Label, Candidate]:
    out: dict[Label, Candidate] = {}
    for residual in find_residuals(view.tape, view.masks, view.claims, node_of_site):
        for site, candidates in losses_of_errors(view.tape, view.masks, view.claims, residual).items():
            out.update({(c.form, residual.site, site): c for c in candidates})
    return out
