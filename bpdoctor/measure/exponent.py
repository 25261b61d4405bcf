"""The largest argument of each exponential, and whether its overflow would do harm."""

from __future__ import annotations

from typing import Any

import numpy as np

from bpdoctor.autodiff.replay import NotReplayed, replay
from bpdoctor.measure.layers import consumers_of, is_float
from bpdoctor.model.examination import Examination, Measurement
from bpdoctor.model.record import record
from bpdoctor.model.tape import Tape


@record
class Exponential:
    """An exponential: largest argument seen, the limit of its type, and what an overflow would make.

    `harmful` is true when an infinite result spoils what is computed from it: ``inf / inf`` in a softmax,
    but not ``1 / (1 + inf)`` in a logistic unit.
    """

    site: int
    argument: float
    limit: float
    harmful: bool


def exponentials(examination: Examination) -> list[Exponential]:
    """Every expression that exponentiates in the recorded steps, with its largest argument."""
    top: dict[int, tuple[float, float, Any, int]] = {}
    for view in [*examination.views, *examination.late]:
        tape = view.tape
        for n in range(view.step.lo, view.step.hi):
            node = tape.nodes[n]
            if node.prim != "exp" or node.inputs[0] < 0 or not np.size(tape.values[n]):
                continue
            argument = float(np.max(tape.values[node.inputs[0]]))
            if argument > top.get(node.site, (-np.inf,))[0]:
                top[node.site] = (argument, limit_of(tape.values[n]), view, n)
    return [
        Exponential(site, argument, limit, argument > 0.5 * limit and _harmful(view.tape, n, view.step.hi))
        for site, (argument, limit, view, n) in sorted(top.items())
    ]


def limit_of(value: Any) -> float:
    """Largest x for which exp(x) is finite in the type of `value`."""
    dtype = np.asarray(value).dtype
    return float(np.log(np.finfo(dtype if dtype.kind == "f" else np.float64).max))


def _harmful(tape: Tape, n: int, stop: int) -> bool:
    """Whether infinity at the largest entry makes a value of the step infinite or NaN to the end."""
    changed = np.array(tape.values[n], dtype=np.float64)
    changed[np.unravel_index(np.argmax(changed), changed.shape)] = np.inf
    try:
        values = replay(tape, {n: changed}, stop)
    except NotReplayed:
        return True
    consumers = consumers_of(tape)
    bad = {m for m, v in values.items() if is_float(v) and not np.isfinite(v).all()}
    return any(m != n and not any(is_float(tape.values[c]) for c in consumers[m] if c in values) for m in bad)


MEASURE = Measurement("exponent", exponentials)
