"""What is changed as a parameter is and is none: data that is centred or scaled in place, a rate that decays."""

from __future__ import annotations

import numpy as np

from bpdoctor.identify.roles import Chain
from bpdoctor.model.tape import CONST, Tape


def prepared(tape: Tape, chain: Chain, stop: int) -> bool:
    """Whether an array is changed by nothing but itself and numbers, and the network reads the new version.

    Notes
    -----
    Data that is centred or scaled in place. A trained array takes up the data, or another array; the only
    other one that does not, descent on a function without data, is not read again before the next step.
    """
    if np.size(tape.values[chain.start]) < 2 or any(tape.nodes[u.after].prim == "array" for u in chain.updates):
        return False
    pending = [s for u in chain.updates for s in tape.nodes[u.after].inputs if s != CONST and tape.nodes[s].inputs]
    pending += [t.node for u in chain.updates for t in u.terms if tape.nodes[t.node].inputs]
    seen = {chain.start, CONST}
    while pending:
        n = pending.pop()
        if n in seen:
            continue
        seen.add(n)
        if n < chain.start and np.size(tape.values[n]) > 1:
            return False  # another array: what came before this one is not made of it
        if not tape.nodes[n].inputs or any(np.size(c) > 1 for c in tape.nodes[n].consts):
            return False
        pending.extend(tape.nodes[n].inputs)
    reading = (tape.nodes[m] for m in range(chain.end + 1, min(stop, len(tape))))
    return any(node.prim in ("matmul", "dot") and chain.end in node.inputs for node in reading)


def scheduled(tape: Tape, chain: Chain) -> bool:
    """Whether a number is only multiplied by numbers of the text, as a rate that decays is: no memory of gradients."""
    if np.size(tape.values[chain.start]) > 1 or not chain.updates:
        return False
    made = [tape.nodes[u.after] for u in chain.updates]
    others = [s for node in made for s in node.inputs if s not in (CONST, *(u.before for u in chain.updates))]
    return all(n.prim in ("multiply", "divide") for n in made) and not any(tape.nodes[s].inputs for s in others)
