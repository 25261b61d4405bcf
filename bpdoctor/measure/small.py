"""Initial weights that are far too small, and what the first pass would be with larger ones.

Notes
-----
The first recorded pass is computed again with every weight matrix scaled to the gain 1 (Glorot & Bengio 2010, He et
al. 2015), and nothing else changed.
"""

from __future__ import annotations

import ast
from typing import Any

import numpy as np

from bpdoctor.autodiff.replay import NotReplayed, replay
from bpdoctor.measure.gains import gains
from bpdoctor.measure.sample import spread_of
from bpdoctor.model.examination import Examination, Measurement
from bpdoctor.model.record import record

# A layer that passes on less than this of what it is given; usual ones pass on about all.
_SMALL = 0.1


@record
class Small:
    """The first weights, made at `made`, have `gain`, and all others less than a tenth too.

    With all of them at gain 1 the outputs would deviate by `widened` between samples, at the first step.
    `rewrites` are changes of the text that do this: (site, expression, text).
    """

    made: int
    gain: float
    widened: float
    rewrites: tuple[tuple[int, Any, str], ...]


def small(examination: Examination) -> list[Small]:
    """The network as a whole, if all its hidden layers start so."""
    found = gains(examination)
    if not found or any(g.gain >= _SMALL or g.gain == 0 for g in found) or examination.assessment is None:
        return []
    view = examination.views[0]
    trial = examination.assessment.trials[0]
    outputs = [view.by_key.get(trial.view.keys.get(o, (0, -1))) for o, _ in trial.candidate.pairs]
    if not outputs or None in outputs:
        return []
    changed = {}
    for chain in view.step.parameters:
        w = np.asarray(view.tape.values[chain.start], dtype=np.float64)
        if w.ndim == 2 and np.any(w):
            changed[chain.start] = w / np.sqrt(np.mean(w**2) * w.shape[0])
    try:
        values = replay(view.tape, changed, max(o for o in outputs if o is not None) + 1)
    except NotReplayed:
        return []
    parts = [np.asarray(values.get(o, view.tape.values[o]), dtype=np.float64) for o in outputs if o is not None]
    widened = spread_of(parts[0] if len(parts) == 1 else np.array(parts)) or 0.0
    rewrites = _rewrites(examination, found[0].made, found[0].gain)
    return [Small(found[0].made, found[0].gain, widened, rewrites)] if widened else []


def _rewrites(examination: Examination, made: int, gain: float) -> tuple[tuple[int, Any, str], ...]:
    """The factor in front of the draw made larger, where there is one."""
    source, out = examination.sites[made], []
    for node in ast.walk(source.statement):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
            for factor in (node.left, node.right):
                if isinstance(factor, ast.Constant) and isinstance(factor.value, float) and 0 < factor.value < _SMALL:
                    out.append((made, factor, f"{float(f'{factor.value / gain:.1g}'):g}"))
    return tuple(out[:1])


MEASURE = Measurement("small", small)
