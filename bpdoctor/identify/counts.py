"""Outputs that are the rates at which something is counted: an exponential or a softplus ends the network.

Notes
-----
``(out - t) / out`` is the derivative of the Poisson likelihood. Of a probability the same expression is a mistake, so
the function that makes the output has to be one that makes a rate.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from bpdoctor.autodiff.activations import recognise
from bpdoctor.model.tape import CONST, Tape

_RATES = frozenset({"exp", "softplus"})
# So many values are looked at on the way up from an output: a softplus may be written in several operations.
_MOST = 12
# What may be added to keep a logarithm or a quotient finite.
_ADDED = 1e-6


def is_rate(tape: Tape, output: int, target: Any) -> bool:
    """Whether an output is an exponential or a softplus, or a multiple of one, and may be larger than a probability."""
    a = np.asarray(tape.values[output], dtype=np.float64)
    if not (a > 0).all() or max(np.max(a, initial=0.0), np.max(target, initial=0.0)) <= 1:
        return False
    factors = tape.nodes[output].inputs if tape.nodes[output].prim == "multiply" else ()
    return any(_exponential(tape, n) for n in (output, *factors) if n != CONST)


def _exponential(tape: Tape, output: int) -> bool:
    """Whether a value is an exponential or a softplus of one of the nearest above it."""
    a = tape.values[output]
    pending, seen = [output], {output, CONST}
    for _ in range(_MOST):
        if not pending:
            break
        n = max(pending)
        pending.remove(n)
        fresh = [s for s in tape.nodes[n].inputs if s not in seen and np.shape(tape.values[s]) == np.shape(a)]
        seen.update(fresh)
        pending.extend(fresh)
        known = (recognise(tape.values[s], a, _ADDED) for s in fresh)
        if any(f is not None and f.name in _RATES for f in known):
            return True
    return False
