"""Small numbers that keep a logarithm or a quotient finite: how far they move what they are added to."""

from __future__ import annotations

from typing import Any

import numpy as np

from bpdoctor.model.tape import CONST, Node, Tape

# What is larger changes the loss; what moves a value farther than this is no rounding.
_GUARD = 1e-4
_MOST = 1e-6
_LOGARITHMS = frozenset({"log", "log2", "log10"})


def softening(tape: Tape, masks: dict[int, int]) -> float:
    """The largest relative change that ``log(p + 1e-9)`` and ``t / (p + 1e-9)`` of a step make, if no more than 1e-6.

    Loss and gradient rarely have the same such number; what they differ by is no mistake.
    """
    moved: dict[int, float] = {}
    found = 0.0
    for n in masks:
        node = tape.nodes[n]
        added = _added(tape, node)
        if added is not None:
            x = np.abs(np.asarray(tape.values[n], dtype=np.float64))
            least = float(x.min(initial=np.inf))
            moved[n] = added / least if least else np.inf
    for n in masks if moved else ():
        for source in _guarded(tape, masks, tape.nodes[n]):
            found = max(found, moved.get(source, 0.0))
    return found if found <= _MOST else 0.0


def _added(tape: Tape, node: Node) -> float | None:
    """The small number that is added to an array, or to a number of the network."""
    if node.prim not in ("add", "subtract"):
        return None
    for source, const in zip(node.inputs, node.consts, strict=True):
        value: Any = const if source == CONST else tape.values[source]
        if (source == CONST or not tape.nodes[source].inputs) and np.size(value) == 1:
            number = abs(float(np.asarray(value, dtype=np.float64).reshape(())))
            if 0 < number <= _GUARD:
                return number
    return None


def _guarded(tape: Tape, masks: dict[int, int], node: Node) -> list[int]:
    """What is put under a logarithm, or under what does not depend on it as a scale would."""
    if node.prim in _LOGARITHMS:
        return [node.inputs[0]]
    if node.prim != "divide" or node.inputs[1] == CONST:
        return []
    above, below = node.inputs
    inner = [s for s in tape.nodes[below].inputs if s in masks]
    product = any(tape.nodes[s].prim == "multiply" for s in inner)
    return [below] if product or not masks.get(above, 0) else []
