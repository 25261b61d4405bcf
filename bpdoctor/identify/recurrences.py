"""The gradient behind an optimiser's recurrence: before momentum, mean squares or what the last step left came in."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from bpdoctor.autodiff.replay import NotReplayed, recompute
from bpdoctor.identify.dependence import PARAMETERS, STATE, ancestors, bit, cuts, dependence
from bpdoctor.identify.kept import Earlier
from bpdoctor.identify.step import Step
from bpdoctor.model.tape import CONST, Tape

_SCALING = frozenset({"multiply", "divide", "negative", "copy", "positive", "asarray"})


class Recurrences:
    """Where a step brings what is kept from step to step to what depends on the parameters."""

    def __init__(self, tape: Tape, step: Step, masks: dict[int, int]) -> None:
        self.tape, self.masks = tape, masks
        self.earlier = Earlier(tape, step)

    @cached_property
    def live(self) -> dict[int, int]:
        """The values that depend on a parameter."""
        return {n: m for n, m in self.masks.items() if m & PARAMETERS}

    @cached_property
    def bringing(self) -> frozenset[int]:
        """Those of them that something kept is brought to; plain descent has none."""
        return frozenset(n for n in self.live if self._brings(n))

    def behind(self, node: int) -> int:
        """The gradient that an optimiser's recurrence started from, or `node` itself where there is none.

        Notes
        -----
        Walks back over the values that all dependence on the parameters passes through, as long as the
        stretch between two of them adds optimiser state (a value that depends on kept state but on no
        parameter) or only scales.
        """
        if not self.bringing:
            return node
        inside = sorted(ancestors(self.tape, [node], self.live))
        if self.bringing.isdisjoint(inside):
            return node
        values, size = self.tape.values, np.size(self.tape.values[node])
        found = cuts(self.tape, node, self.live)
        if not found or found[-1] != node:
            found = [*found, node]
        held = node
        for low, high in zip(reversed(found[:-1]), reversed(found[1:]), strict=True):
            stretch = [n for n in inside if low < n <= high]
            brought = not self.bringing.isdisjoint(stretch)
            one = np.size(values[low]) == 1 and brought  # a number that stands for every entry
            if np.size(values[low]) != size and not one:
                break  # a rule works entry by entry: what has another size lies within the backward pass
            if brought:
                held = low
            elif not all(self.tape.nodes[n].prim in _SCALING for n in stretch):
                break
        return held

    def _brings(self, n: int) -> bool:
        node = self.tape.nodes[n]
        fixed = [s for s in node.inputs if not self.masks.get(s, 0) & PARAMETERS]
        if any(self.masks.get(s, 0) & STATE for s in fixed):
            return True
        # A gradient of the step before that is added: whoever keeps it makes it anew, it is not updated.
        return node.prim in ("add", "subtract") and any(s != CONST and self.earlier.made(s) for s in fixed)


def direction(tape: Tape, node: int, held: int, sign: int) -> float:
    """+1 when the update moves against the gradient it holds, -1 when along it.

    Notes
    -----
    The change is computed again for the gradient turned round, and the two changes are compared: neither a
    velocity gathered earlier nor a mean of squares, which the turning leaves as it is, counts.
    """
    g = np.asarray(tape.values[held], dtype=np.float64)
    turned = {held: -tape.values[held]}
    try:
        with np.errstate(all="ignore"):
            for n in sorted(dependence(tape, {held: bit(0)}, held, node + 1)):
                if n > held:
                    turned[n] = recompute(tape, n, turned)
            odd = np.asarray(tape.values[node], dtype=np.float64) - np.asarray(turned[node], dtype=np.float64)
    except (NotReplayed, KeyError):
        odd = np.asarray(tape.values[node], dtype=np.float64)
    known = np.isfinite(odd)
    g = g.reshape(odd.shape) if g.size == odd.size else g
    slope = float(np.sum(np.sign(odd) * np.sign(g), where=known)) if odd.shape == g.shape else -1.0
    return 1.0 if sign * slope <= 0 else -1.0
