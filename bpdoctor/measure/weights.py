"""The weights that a program gives the terms of a loss which it adds up only in its gradients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from bpdoctor.autodiff.sweep import Adjoints
from bpdoctor.measure.view import View

_SAME = 1e-6


def weights_of(views: Sequence[View], terms: Sequence[Sequence[Adjoints]]) -> Any | None:
    """One positive weight for each term, the first 1, with which all gradients agree; None where there are none.

    Parameters
    ----------
    views : sequence of View
    terms : sequence of sequence of Adjoints
        For each step the adjoints of every term.
    """
    rows: list[Any] = []
    claimed: list[Any] = []
    for view, swept in zip(views, terms, strict=True):
        for family, change in zip(view.families, view.changes, strict=True):
            parts: list[Any] = [family.reference(view.step, adjoints) for adjoints in swept]
            if any(np.size(p) != np.size(change) for p in parts):
                return None
            rows.append(np.stack([np.ravel(p) for p in parts], axis=1).astype(np.float64))
            claimed.append(np.ravel(change))
    table, wanted = np.concatenate(rows), np.concatenate(claimed)
    if not np.isfinite(table).all() or not np.isfinite(wanted).all():
        return None
    weights = np.linalg.lstsq(table, wanted, rcond=None)[0]
    if not (weights > 0).all() or np.abs(table @ weights - wanted).max() > _SAME * np.abs(wanted).max():
        return None
    return weights / weights[0]
