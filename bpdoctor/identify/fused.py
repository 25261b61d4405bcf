"""Cross-entropies of outputs that are all but 0 or 1: differentiated for what the output's function is applied to.

There ``1 / (1 - p)`` has lost its digits and ``1 / p`` may be infinite, while ``p - t`` is right (Goodfellow, Bengio
and Courville 2016, "Deep Learning", section 6.2.2: outputs and losses that undo each other).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from bpdoctor.identify.loss import Candidate
from bpdoctor.identify.residuals import Residual
from bpdoctor.model.tape import CONST, Tape

# Nearer to 0 or 1 than this an output is saturated.
_NEAR = 1e-7
_SHAPING = frozenset({"reshape", "expand_dims", "getitem", "view", "transpose", "squeeze", "ravel"})
_BINARY, _CATEGORICAL = "binary cross-entropy", "categorical cross-entropy"


def fused_losses(tape: Tape, residual: Residual) -> list[Candidate]:
    """The cross-entropies of one residual whose outputs are saturated, of a logistic function or a softmax."""
    values = [np.asarray(tape.values[o], dtype=np.float64) for o, _ in residual.pairs]
    if not any(((v < _NEAR) | (1 - v < _NEAR)).any() for v in values):
        return []
    out = []
    for form, operand in ((_BINARY, logit_of), (_CATEGORICAL, logits_of)):
        seeds: dict[int, Any] = {}
        for o, t in residual.pairs:
            found = operand(tape, o)
            if found is None or (form == _BINARY and (np.min(t) < 0 or np.max(t) > 1)):
                break
            node, sign = found
            y, times = np.asarray(tape.values[o], dtype=np.float64), np.asarray(t, dtype=np.float64)
            g = y - times if form == _BINARY else _of_softmax(y, times)
            seeds[node] = sign * g + seeds.get(node, 0.0)
        else:
            out.append(Candidate(form, True, seeds, None, residual.pairs))
    return out


def _of_softmax(y: Any, t: Any) -> Any:
    sums = [np.abs(y.sum(axis=a) - 1).max() for a in range(y.ndim)]
    axis = int(np.argmin(sums)) if sums else None
    return y * np.abs(t).sum(axis=axis, keepdims=y.ndim > 0) - np.abs(t)


def logit_of(tape: Tape, o: int) -> tuple[int, int] | None:
    """What a logistic output is made of, and the sign with which: ``1 / (1 + exp(-z))`` is of ``-z``."""
    node = tape.nodes[o]
    if node.prim == "expit" and node.inputs[0] != CONST:
        return node.inputs[0], 1
    if node.prim != "divide" or node.inputs[1] == CONST:
        return None
    exponential = _plus_one(tape, node.inputs[1])
    if exponential is None:
        return None
    if node.inputs[0] == exponential:
        return tape.nodes[exponential].inputs[0], 1
    return (tape.nodes[exponential].inputs[0], -1) if _is_one(tape, o, 0) else None


def logits_of(tape: Tape, o: int) -> tuple[int, int] | None:
    """What a softmax is applied to: ``e / e.sum(axis, keepdims=True)`` of ``e = exp(z)``."""
    node = tape.nodes[o]
    if node.prim == "softmax" and node.inputs[0] != CONST:
        return node.inputs[0], 1
    if node.prim != "divide" or CONST in node.inputs:
        return None
    above, below = node.inputs
    while tape.nodes[below].prim in _SHAPING and tape.nodes[below].inputs[0] != CONST:
        below = tape.nodes[below].inputs[0]
    summed = tape.nodes[below].prim == "sum" and above in tape.nodes[below].inputs
    exponential = tape.nodes[above].prim == "exp" and tape.nodes[above].inputs[0] != CONST
    return (tape.nodes[above].inputs[0], 1) if summed and exponential else None


def complement(tape: Tape, n: int) -> Any | None:
    """``1 - p`` with all its digits, where a node is that of a logistic output ``p = 1 / (1 + exp(-z))``."""
    node = tape.nodes[n]
    if node.prim != "subtract" or node.inputs[1] == CONST or not _is_one(tape, n, 0):
        return None
    found = logit_of(tape, node.inputs[1])
    if found is None:
        return None
    z = found[1] * np.asarray(tape.values[found[0]], dtype=np.float64)
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(z))


def _plus_one(tape: Tape, n: int) -> int | None:
    """The exponential that 1 is added to."""
    node = tape.nodes[n]
    if node.prim != "add":
        return None
    for i, s in enumerate(node.inputs):
        exponential = s != CONST and tape.nodes[s].prim == "exp" and tape.nodes[s].inputs[0] != CONST
        if exponential and _is_one(tape, n, 1 - i):
            return s
    return None


def _is_one(tape: Tape, n: int, i: int) -> bool:
    source, const = tape.nodes[n].inputs[i], tape.nodes[n].consts[i]
    value = const if source == CONST else tape.values[source]
    return np.size(value) == 1 and float(np.ravel(np.asarray(value, dtype=np.float64))[0]) == 1
