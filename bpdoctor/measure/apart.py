"""A cross-entropy that a program evaluates apart from its steps, in forward passes of its own: the loss it means.

Notes
-----
Such a number is a loss and no measure: nobody looks at a cross-entropy who descends something else on purpose. It
is recognised by its slopes at the outputs that its logarithms are taken of. For classes these are ``-c / p`` at the
one entry of each sample that is its class's and 0 at the others, for single probabilities ``-c / p`` or
``c / (1 - p)``, with one ``c`` for all samples.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from bpdoctor.autodiff.sweep import reverse
from bpdoctor.identify.dependence import PARAMETERS, bit, dependence
from bpdoctor.identify.updates import find_updates
from bpdoctor.measure.view import View
from bpdoctor.model.record import record
from bpdoctor.model.tape import CONST, Tape

BINARY, CATEGORICAL = "binary cross-entropy", "categorical cross-entropy"
_LOGARITHMS = frozenset({"log", "log2", "log10"})
# What stands between an output and its logarithm: 1 - p, a small number added, a bound, the choice of a class.
_BETWEEN = frozenset(
    {"subtract", "add", "clip", "maximum", "minimum", "getitem", "negative", "copy", "asarray", "take"}
)
_SAME = 1e-5
_MOST_BETWEEN = 6
_FEWEST, _MOST_SINKS = 8, 12


@record
class Apart:
    """A loss of the standard `form` that the expression at `site` evaluates."""

    site: int
    form: str


def evaluated_apart(tape: Tape, views: Sequence[View]) -> Apart | None:
    """The first cross-entropy of all sums and means that no later value is made of."""
    if not any(node.prim in _LOGARITHMS for node in tape.nodes):
        return None
    masks = _parameters(tape, views)
    taken = [n for n in masks if tape.nodes[n].prim in _LOGARITHMS]
    if not taken:
        return None
    read = {s for n in masks for s in tape.nodes[n].inputs}
    sinks = [n for n in sorted(masks) if n not in read and np.size(tape.values[n]) == 1 and n > min(taken)]
    for n in sinks[:_MOST_SINKS]:
        form = _form(tape, n, masks)
        if form:
            return Apart(tape.nodes[n].site, form)
    return None


def _parameters(tape: Tape, views: Sequence[View]) -> dict[int, int]:
    """What depends on a version of a parameter, whenever it was made."""
    starts = {start for view in views if view.tape is tape for start in view.starts}
    sites = {family.site for view in views for family in view.families}
    versions = {n for u in find_updates(tape) if u.site in sites for n in (u.before, u.after)}
    marks = {n: PARAMETERS & bit(0) for n in starts | versions}
    return dependence(tape, marks, 0, len(tape.nodes))


def _form(tape: Tape, sink: int, masks: Mapping[int, int]) -> str:
    adjoints = reverse(tape, {sink: np.ones(np.shape(tape.values[sink]))}, masks)
    outputs = {_output(tape, n, masks) for n in adjoints.values if tape.nodes[n].prim in _LOGARITHMS}
    found = [(_flat(tape.values[o]), _flat(adjoints.get(o))) for o in sorted(outputs) if adjoints.get(o) is not None]
    if not found or any(p.shape != g.shape for p, g in found):
        return ""
    p, g = (np.concatenate(parts) for parts in zip(*found, strict=True))
    if not ((p > 0) & (p < 1)).all() or not np.isfinite(g).all() or np.count_nonzero(g) < _FEWEST:
        return ""
    if all(_shares(tape.values[o]) for o in outputs):
        return CATEGORICAL if _constant(g[g != 0] * p[g != 0]) else ""
    up, down = g * (1 - p), -g * p
    ways = [np.where(sign * g > 0, up, down) for sign in (1, -1)]
    return BINARY if (g != 0).all() and any(_constant(c) for c in ways) else ""


def _output(tape: Tape, n: int, masks: Mapping[int, int]) -> int:
    """The output behind a logarithm."""
    n = tape.nodes[n].inputs[0]
    for _ in range(_MOST_BETWEEN):
        inner = [s for s in tape.nodes[n].inputs if s != CONST and s in masks]
        if tape.nodes[n].prim not in _BETWEEN or len(inner) != 1:
            break
        n = inner[0]
    return n


def _shares(value: Any) -> bool:
    """Whether the entries are shares of a whole, along one of the axes."""
    sums = [np.abs(np.sum(value, axis=axis) - 1).max() for axis in range(np.ndim(value)) if np.shape(value)[axis] > 1]
    return bool(sums) and float(min(sums)) < _SAME


def _flat(value: Any) -> Any:
    return np.ravel(np.asarray(value, dtype=np.float64))


def _constant(values: Any) -> bool:
    top = float(np.abs(values).max(initial=0.0))
    return bool(top and np.ptp(values) <= _SAME * top)
