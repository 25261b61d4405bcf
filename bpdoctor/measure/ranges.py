"""Targets beside the range of the function that the network ends with."""

from __future__ import annotations

import numpy as np

from bpdoctor.identify.residuals import find_residuals, source_of
from bpdoctor.measure.callers import call_of
from bpdoctor.measure.layers import forward_of
from bpdoctor.model.examination import Examination, Measurement
from bpdoctor.model.record import record

_BOUNDS = {"sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0), "bipolar sigmoid": (-1.0, 1.0)}
_MARGIN = 0.05  # of the range: targets of 1 after rounding, or a little beyond on purpose


@record
class OutOfRange:
    """The output at `site` is `function` of something; `share` of the targets, from `low` to `high`, lie outside."""

    site: int
    function: str
    bounds: tuple[float, float]
    low: float
    high: float
    share: float


def out_of_range(examination: Examination) -> list[OutOfRange]:
    """One for each output whose targets, in every recorded step, lie in part where it cannot go."""
    if not examination.views or examination.assessment is None:
        return []
    view = examination.views[0]
    forward = forward_of(examination, view)
    ends = {view.by_key.get(u.after): u.activation.name for u in examination.units if u.activation.name in _BOUNDS}
    befores = {view.by_key.get(u.after): view.by_key[u.before] for u in examination.units}
    out: dict[int, OutOfRange] = {}
    sites = examination.sites
    for residual in find_residuals(view.tape, view.masks, view.claims, lambda site: sites[site].node):
        if view.tape.nodes[residual.nodes[0]].prim == "divide":
            continue  # a numerator is the target times anything: its sign, a class's weight
        named = {ends.get(source_of(view.tape, n)) for n, _ in residual.pairs}
        inner = any(source_of(view.tape, n) in forward.feeding for n, _ in residual.pairs)
        if len(named) != 1 or None in named or inner:
            continue
        (name,) = named
        low, high = _BOUNDS[str(name)]
        targets = np.concatenate([np.ravel(np.asarray(t, dtype=float)) for _, t in residual.pairs])
        slack = _MARGIN * (high - low)
        outside = (targets < low - slack) | (targets > high + slack)
        if outside.any() and np.isfinite(targets).all():
            end = source_of(view.tape, residual.pairs[0][0])
            called = call_of(view, befores[end], end, sites)
            site = view.tape.nodes[end].site if called is None else called
            extent = float(targets.min()), float(targets.max())
            out.setdefault(site, OutOfRange(site, str(name), (low, high), *extent, float(outside.mean())))
    return list(out.values())


MEASURE = Measurement("ranges", out_of_range)
