"""What an update adds besides the gradient: something kept from the step before, a gradient of then."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

import numpy as np

from bpdoctor.autodiff.replay import NotReplayed, recompute
from bpdoctor.identify.dependence import PARAMETERS, bit, dependence
from bpdoctor.identify.roles import Chain
from bpdoctor.identify.step import Step
from bpdoctor.model.tape import CONST, Tape

_SCALING = frozenset({"multiply", "divide", "negative", "copy", "positive", "float"})


class Earlier:
    """Which values of a step were made by the step before, and are made again in this one."""

    def __init__(self, tape: Tape, step: Step) -> None:
        self.tape, self.step = tape, step
        self.known: dict[int, bool] = {}

    @cached_property
    def again(self) -> frozenset[int]:
        """Sites that this step executes."""
        nodes = self.tape.nodes
        return frozenset(nodes[n].site for n in range(self.step.start, min(self.step.stop, len(self.tape))))

    def made(self, node: int) -> bool:
        """Whether a value comes from one that was made ahead of this step, by an expression that it runs again."""
        pending = [node]
        while pending:
            n = pending[-1]
            if n in self.known:
                pending.pop()
                continue
            entry = self.tape.nodes[n]
            if n < self.step.start:
                self.known[n] = bool(entry.inputs) and entry.site in self.again
                continue
            sources = [s for s in entry.inputs if s != CONST]
            open_ = [s for s in sources if s not in self.known]
            pending.extend(open_)
            if not open_:
                self.known[n] = any(self.known[s] for s in sources)
        return self.known[node]

    def without(self, masks: dict[int, int], chain: Chain, terms: Iterable[int]) -> Any:
        """The new version of a parameter as it would be, had its terms taken up nothing from the step before.

        Notes
        -----
        ``rate * g + factor * before``, entry by entry: `before` does not depend on this step's parameters. A part
        of the gradient that is no product with the parameters (``X.T @ y``) is made once, or anew in each step.
        """
        tape = self.tape
        kept = {n: tape.values[n] * 0 for n in _summands(tape, masks, terms) if self.made(n)}
        if not kept:
            return tape.values[chain.end]
        marks = dict.fromkeys(kept, bit(0))
        try:
            with np.errstate(all="ignore"):
                for n in sorted(dependence(tape, marks, min(kept), chain.end + 1)):
                    if n not in kept:
                        kept[n] = recompute(tape, n, kept)
        except (NotReplayed, KeyError):
            return tape.values[chain.end]
        return kept.get(chain.end, tape.values[chain.end])


def _summands(tape: Tape, masks: dict[int, int], terms: Iterable[int]) -> list[int]:
    """What is added to something that depends on the parameters, and does not itself."""
    pending, out = list(terms), []
    while pending:
        node = tape.nodes[pending.pop()]
        live = [s for s in node.inputs if s != CONST and masks.get(s, 0) & PARAMETERS]
        if node.prim in ("add", "subtract"):
            pending.extend(live)
            if len(live) == 1:
                out += [s for s in node.inputs if s != CONST and s not in live]
        elif node.prim in _SCALING and len(live) == 1:
            pending.extend(live)
    return out
