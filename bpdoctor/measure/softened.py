"""Small numbers that keep a logarithm or a quotient finite: how far they move what they are added to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpdoctor.model.tape import CONST, Node, Tape

# What is larger changes the loss; what moves a value farther than this is no rounding.
_GUARD = 1e-4
_MOST = 1e-6
_LOGARITHMS = frozenset({"log", "log2", "log10"})
_SHAPING = frozenset({"reshape", "expand_dims", "getitem", "view", "transpose", "squeeze"})
Altered = Callable[[int, int, Any, Callable[[Any], Any]], Any]


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


def unguarded(tape: Tape, masks: dict[int, int]) -> Altered | None:
    """What a reverse sweep passes on where such numbers are taken for 0, as whoever leaves them out of a gradient does.

    A logarithm slopes by what it is of, and the largest number, which is taken off before an exponential, has no
    part in a quotient of exponentials: with something added below, it would have one. None where nothing is added.
    """
    added = {n: tape.nodes[n] for n in masks if _added(tape, tape.nodes[n]) is not None}
    if not added:
        return None
    inner = {n: s for n, node in added.items() for s in node.inputs if s in masks}
    below = {tape.nodes[n].inputs[1] for n in masks if tape.nodes[n].prim == "divide"} & set(added)
    shifts = {(n, 1) for n in masks if below and _shifted(tape, n)}

    def altered(n: int, i: int, g: Any, pull: Callable[[Any], Any]) -> Any:
        if (n, i) in shifts:
            return None
        source = tape.nodes[n].inputs[i]
        if tape.nodes[n].prim not in _LOGARITHMS or source not in inner:
            return pull(g)
        whole, bare = np.asarray(tape.values[source], float), np.asarray(tape.values[inner[source]], float)
        return pull(g) * np.where(bare != 0, whole / np.where(bare != 0, bare, 1.0), 1.0)

    return altered


def _shifted(tape: Tape, n: int) -> bool:
    """Whether the largest entries of an array are taken off it."""
    node = tape.nodes[n]
    if node.prim != "subtract" or CONST in node.inputs:
        return False
    top = node.inputs[1]
    while tape.nodes[top].prim in _SHAPING and CONST not in tape.nodes[top].inputs[:1]:
        top = tape.nodes[top].inputs[0]
    return tape.nodes[top].prim in ("max", "amax") and node.inputs[0] in tape.nodes[top].inputs


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
