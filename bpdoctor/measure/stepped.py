"""Parameters that reach the loss through steps alone: what the program passes back to them is a surrogate.

Notes
-----
The true derivative of ``z > 0``, ``sign`` or ``round`` is zero, and nobody trains with it. A straight-through
estimator passes something else on purpose, which no derivative can be held against.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from bpdoctor.autodiff.registry import PRIMITIVES
from bpdoctor.identify.dependence import ancestors
from bpdoctor.identify.loss import Candidate
from bpdoctor.measure.view import View
from bpdoctor.model.tape import CONST


def behind_steps(view: View, candidate: Candidate, references: Sequence[Any | None]) -> frozenset[int]:
    """The families that are moved without any derivative, where others have one."""
    still = [k for k, r in enumerate(references) if r is not None and not np.any(r) and np.any(view.changes[k])]
    if not still or not any(r is not None and np.any(r) for r in references):
        return frozenset()
    smooth, every = (_reached(view, candidate, steps=steps) for steps in (False, True))
    starts = [{view.step.parameters[c.parameter].start for c in view.families[k].claims} for k in still]
    return frozenset(k for k, own in zip(still, starts, strict=True) if own <= every and not own & smooth)


def _reached(view: View, candidate: Candidate, *, steps: bool) -> set[int]:
    """What the loss is computed from; without `steps`, only what has a derivative on the way."""
    pending = list(candidate.seeds)
    seen = set(pending)
    while pending:
        node = view.tape.nodes[pending.pop()]
        row = PRIMITIVES.get(node.prim)
        if not steps and row is not None and not row.differentiable:
            continue
        found = [s for s in node.inputs if s != CONST and s in view.forward and s not in seen]
        seen.update(found)
        pending.extend(found)
    return seen


def steps_before(trial: Any) -> list[int]:
    """Steps through which what is not examined reaches the loss, nearest to it first."""
    view, candidate = trial.view, trial.candidate
    unknown = [f for f, r in zip(view.families, trial.references, strict=True) if r is None]
    starts = {view.step.parameters[c.parameter].start for f in unknown for c in f.claims} - set(trial.adjoints.tainted)
    smooth = _reached(view, candidate, steps=False)
    if not starts or starts & smooth:
        return []
    rows = {n: PRIMITIVES.get(view.tape.nodes[n].prim) for n in sorted(smooth, reverse=True)}
    found = [n for n, row in rows.items() if row is not None and not row.differentiable]
    return [n for n in found if starts & ancestors(view.tape, [n], view.masks)]
