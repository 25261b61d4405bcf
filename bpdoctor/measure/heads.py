"""What the network ends with, beside what its loss and its targets need."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from bpdoctor.measure.layers import Forward, above, forward_of, heads, named_site, uses_weights
from bpdoctor.model.examination import Examination, Measurement
from bpdoctor.model.record import record
from bpdoctor.model.tape import CONST

_LOGARITHMS = frozenset({"log", "log2", "log10"})
# What stands between an output and its logarithm and leaves it what it is.
_PASSING = frozenset(
    {"clip", "maximum", "minimum", "add", "subtract", "getitem", "copy", "asarray", "float", "reshape", "ravel"}
)
# Where the steps see different data, silence over fewer rows than this proves little.
_ROWS = 64
_SEEN = 5
_SLACK = 0.05


@record
class Head:
    """An output, computed at `site`, that does not fit.

    `kind` is "silent" (a ReLU that is 0 for every sample), "one-sided" (a ReLU with targets below 0) or
    "unbounded" (a weighted sum of which the logarithm is taken); `low` and `high` are its pre-activations
    or values, `count` of `total` outputs or targets are concerned.
    """

    kind: str
    site: int
    low: float
    high: float
    count: int
    total: int


def unfit(examination: Examination) -> list[Head]:
    """Every output that cannot be what the loss asks for."""
    if not examination.views or not examination.samples:
        return []
    return [*_rectified(examination), *_unbounded(examination, forward_of(examination, examination.views[0]))]


def _rectified(examination: Examination) -> Iterator[Head]:
    """Outputs that are rectified: silent ones, and those that are asked for negative numbers."""
    samples = examination.samples
    targets = [s.targets for s in samples if s.targets is not None]
    for k, group in enumerate(examination.groups):
        seen = [s.layers[k] for s in samples if s.layers[k] is not None]
        if group.hidden or not seen or not targets or any(x.silent is None for x in seen):
            continue
        low, high = min(x.low for x in seen), max(x.high for x in seen)
        whole = all(np.array_equal(t, targets[0]) for t in targets)
        rows = sum(len(t) for t in targets if np.ndim(t))
        silent = np.all([x.silent for x in seen], axis=0) if len({len(x.silent) for x in seen}) == 1 else np.zeros(0)
        if len(seen) >= _SEEN and all(x.quantiles[-1] <= 0 for x in seen):
            silent = np.ones(seen[0].units)  # some exactly at the corner, and not moved from there
        wanted = np.concatenate([np.ravel(t) for t in targets])
        if np.any(silent) and (whole or rows >= _ROWS) and (wanted > 0).any():
            yield Head("silent", group.site, low, high, int(np.sum(silent)), len(silent))
        elif (wanted < -_SLACK * np.ptp(wanted)).any():
            yield Head("one-sided", group.site, low, high, int(np.sum(wanted < 0)), wanted.size)


def _unbounded(examination: Examination, forward: Forward) -> Iterator[Head]:
    """Weighted sums that a logarithm is taken of, with values that are no probabilities."""
    view, targets = forward.view, examination.samples[0].targets
    if targets is None or not np.isin(targets, (0.0, 1.0)).all():
        return
    for n in sorted(above(view.tape, heads(examination, view)) & view.forward):
        if view.tape.nodes[n].prim not in _LOGARITHMS:
            continue
        output = _behind(forward, view.tape.nodes[n].inputs[0])
        if output is None:
            continue
        y = np.asarray(view.tape.values[output], dtype=np.float64)
        outside = (y < 0) | (y > 1)
        if outside.any():
            site = named_site(view.tape, output)
            yield Head("unbounded", site, float(y.min()), float(y.max()), int(outside.sum()), y.size)
            return


def _behind(forward: Forward, n: int) -> int | None:
    """The weighted sum that a logarithm's operand is, once clipped, shifted or taken from 1."""
    tape = forward.view.tape
    while n != CONST and n in forward.view.forward:
        if uses_weights(forward, n):
            return _weighted(forward, n)
        node = tape.nodes[n]
        live = [s for s in node.inputs if s != CONST and s in forward.view.forward]
        if node.prim not in _PASSING or len(live) != 1:
            return None
        n = live[0]
    return None


def _weighted(forward: Forward, n: int) -> int | None:
    """The sum itself, where what was reached is it plus or minus a number."""
    tape: Any = forward.view.tape
    while tape.nodes[n].prim in _PASSING and tape.nodes[n].prim != "add":
        live = [s for s in tape.nodes[n].inputs if s != CONST and s in forward.view.forward]
        if len(live) != 1 or not uses_weights(forward, live[0]):
            return n
        n = live[0]
    return n


MEASURE = Measurement("heads", unfit)
