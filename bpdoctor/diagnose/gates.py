"""Gates: activations that are multiplied, entry by entry, with another value that the network computes."""

from __future__ import annotations

from typing import Any

import numpy as np

from bpdoctor.autodiff.replay import NotReplayed, recompute
from bpdoctor.model.tape import CONST

_PARTS = frozenset({"getitem", "view", "split", "reshape", "squeeze"})


def gates_of(trial: Any, z: int, a: int) -> tuple[Any, ...]:
    """Where the activation ``a = f(z)`` gates something: an array of booleans for each part that does."""
    tape = trial.view.tape
    places = np.arange(np.size(tape.values[a]), dtype=np.float64).reshape(np.shape(tape.values[a]))
    out: list[Any] = []
    pending = [(a, places)]
    while pending:
        n, held = pending.pop()
        for m in sorted(k for k in trial.adjoints.values if n in tape.nodes[k].inputs and k in trial.view.masks):
            node = tape.nodes[m]
            if node.prim in _PARTS:
                try:
                    pending.append((m, np.asarray(recompute(tape, m, {n: held}))))
                except NotReplayed:
                    continue
            elif node.prim == "subtract" and node.inputs[0] == CONST:
                pending.append((m, held))  # 1 - a gates the other branch
            elif node.prim == "multiply" and _gates(trial, n, m, z, a):
                mask = np.isin(places, held)
                if not any(np.array_equal(mask, other) for other in out):
                    out.append(mask)
    return tuple(out)


def _gates(trial: Any, n: int, m: int, z: int, a: int) -> bool:
    """Whether the other factor is computed by the network too, and not from this gate.

    The state that a sequence begins with is not computed: the same expression is asked in its other executions.
    """
    view = trial.view
    side = 1 - view.tape.nodes[m].inputs.index(n)
    starts = {c.start for c in view.step.parameters}
    others = [view.by_key[k] for k in view.by_site.get(view.tape.nodes[m].site, ())] or [m]
    found = {view.tape.nodes[k].inputs[side] for k in others if view.tape.nodes[k].prim == "multiply"}
    return not found & {z, a} and not found & starts and any(s in trial.adjoints.values for s in found)
