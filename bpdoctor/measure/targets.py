"""What the network makes itself and what counts as given all the same: targets, moves of the parameters, solutions.

In ``target = r + gamma * max(q(s2))`` and ``0.5 * (q[a] - target) ** 2`` the gradient is taken through ``q[a]`` only
(Watkins 1989; Sutton and Barto, "Reinforcement Learning", 2nd edition, section 9.3: semi-gradient methods). At
``W + rho * g / norm(g)`` it is taken with respect to the sum (Foret et al. 2021, "Sharpness-Aware Minimization";
Korpelevich 1976: extragradient). Where one layer is solved for in closed form, the loss does not change with it to
first order (Golub and Pereyra 1973, "The differentiation of pseudo-inverses", Kaufman's simplification).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from bpdoctor.identify.dependence import PARAMETERS, ancestors, bit
from bpdoctor.measure.assess import Assessment, assess
from bpdoctor.measure.view import View
from bpdoctor.model.tape import CONST

_SOLVED = frozenset({"linalg.solve", "linalg.inv", "linalg.pinv"})


def with_targets(tried: Sequence[Assessment]) -> list[Assessment]:
    """Of losses with which the gradients do not agree: those with which more do once one of these counts as given."""
    out = []
    for a in tried:
        views, candidates = [t.view for t in a.trials], [t.candidate for t in a.trials]
        for kind in (_targets, _moves, _solutions):
            given = [kind(v, c.node) for v, c in zip(views, candidates, strict=True)]
            if not any(given):
                continue
            found = assess(views, [replace(c, given=g) for c, g in zip(candidates, given, strict=True)])
            if found.agreeing > a.agreeing:
                out.append(found)
    return out


def _targets(view: View, loss: int | None) -> frozenset[int]:
    """One side of each difference of two values that the network makes: a sum with something that it does not make."""
    if loss is None:
        return frozenset()
    above = ancestors(view.tape, [loss], view.masks)
    pairs = (view.tape.nodes[n].inputs for n in above if view.tape.nodes[n].prim == "subtract")
    made = [pair for pair in pairs if all(_made(view, s) for s in pair)]
    return frozenset(s for pair in made for s in pair if _is_sum(view, s))


def _moves(view: View, loss: int | None) -> frozenset[int]:
    """What is added to a parameter, or to a copy of it, entry by entry, and comes from that parameter itself.

    What was moved may be moved again (Finn, Abbeel and Levine 2017, first-order meta-learning). All parameters are
    moved, or none: a bias that is added to what comes of it through time looks like a move.
    """
    if loss is None:
        return frozenset()
    own = {c.start: bit(k) for k, c in enumerate(view.step.parameters)}
    every = sum(own.values())
    found: set[int] = set()
    for n in sorted(ancestors(view.tape, [loss], view.masks)):
        node = view.tape.nodes[n]
        if node.prim == "copy" and node.inputs[0] in own:
            own[n] = own[node.inputs[0]]
        elif node.prim in ("add", "subtract"):
            left, right = node.inputs
            for start, move in ((left, right), (right, left)):
                if start in own and _moved(view, start, move, own[start]):
                    found.add(move)
                    own[n] = own[start]
                    every &= ~own[n]
    return frozenset(found) if not every else frozenset()


def _moved(view: View, start: int, move: int, own: int) -> bool:
    """Whether something of a parameter's size is made from it, which it is moved by."""
    if move == CONST or np.shape(view.tape.values[move]) != np.shape(view.tape.values[start]):
        return False
    return bool(view.masks.get(move, 0) & own) and _made(view, move)


def _solutions(view: View, loss: int | None) -> frozenset[int]:
    """Weights that are solved for: of an inverse, the last product in which it stands on the left."""
    if loss is None:
        return frozenset()
    tape, above = view.tape, ancestors(view.tape, [loss], view.masks)
    found = {n for n in above if tape.nodes[n].prim in _SOLVED and _made(view, n)}
    for n in sorted(above):
        node = tape.nodes[n]
        held = node.inputs[0] if node.prim in ("matmul", "dot") else CONST
        if held in found and tape.nodes[held].prim != "linalg.solve":
            found = found - {held} | {n}
    return frozenset(found)


def _made(view: View, node: int) -> bool:
    return node != CONST and bool(view.masks.get(node, 0) & PARAMETERS) and node in view.forward


def _is_sum(view: View, node: int) -> bool:
    entry = view.tape.nodes[node]
    return entry.prim == "add" and sum(_made(view, s) for s in entry.inputs) == 1
