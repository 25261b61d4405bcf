"""Values used like parameters that training never changes, and updates that are computed and lost."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import numpy as np

from bpdoctor.measure.layers import above, consumers_of, is_float
from bpdoctor.measure.untrained import Untrained, origin, untrained
from bpdoctor.model.examination import Examination, Measurement
from bpdoctor.model.record import record
from bpdoctor.model.tape import CONST, Store, Tape, Use

_COPIES = frozenset({"copy", "asarray", "array", "astype"})
_TERMS = frozenset({"multiply", "divide", "matmul", "dot", "outer", "negative", "subtract", "add"})


@record
class Lost:
    """At `site` new values of `names` are computed from a gradient, `times` times, and used by nothing.

    `roots` are the values that stay, `reads` the places where the forward pass reads them.
    """

    site: int
    names: tuple[str, ...]
    times: int
    roots: tuple[int, ...]
    reads: tuple[int, ...] = ()


@record
class Constants:
    """Updates that are lost, and what is never updated."""

    lost: tuple[Lost, ...]
    untrained: tuple[Untrained, ...]


def constants(examination: Examination) -> Constants:
    """Everything about parameters that stay as they were made."""
    still = untrained(examination)
    lost = [replace(x, reads=tuple(u.site for u in still if u.root in x.roots)) for x in lost_updates(examination)]
    named = {u for x in lost for u in x.reads}
    once = {u.root: u for u in reversed(still) if u.site not in named}
    return Constants(tuple(lost), tuple(u for u in still if once.get(u.root) is u))


# ---- updates that are lost


def lost_updates(examination: Examination) -> list[Lost]:
    """New values of a parameter that go nowhere, while the forward pass keeps reading the old ones.

    Notes
    -----
    Needs no training step: a program that loses all its updates trains nothing.
    """
    tape = examination.tape
    consumers = consumers_of(tape)
    # A number that is put into a list or an object is kept: what it began with may be any number of the text.
    used = {e.node for e in tape.events if isinstance(e, Use) or (isinstance(e, Store) and _kept(tape, e))}
    dead: dict[int, int] = {}
    for n in range(len(tape) - 1, -1, -1):
        source = _updated(tape, n)
        if source is not None and n not in used and all(c in dead or _copies(tape, c, dead) for c in consumers[n]):
            dead[n] = source
    groups: dict[tuple[int, int], list[int]] = defaultdict(list)
    for n in sorted(dead):
        groups[tape.nodes[n].site, _root(tape, n, dead)].append(n)
    places = defaultdict(set)
    for event in tape.events:
        if isinstance(event, Store):
            places[event.before].add(event.slot)
    names: dict[int, list[str]] = defaultdict(list)
    roots: dict[int, list[int]] = defaultdict(list)
    times: dict[int, int] = {}
    for (site, root), nodes in groups.items():
        # What several sums begin with, as all of ``[0.0] * n`` do, is read under any of its places.
        if (
            len(nodes) > 1
            and len(places[root]) < 2
            and _read_again(tape, root, nodes, dead, consumers)
            and _from_gradient(tape, root, nodes[0])
        ):
            names[site].append(_name(tape, root))
            roots[site].append(origin(tape, root))
            times[site] = max(times.get(site, 0), len(nodes))
    return [
        Lost(site, tuple(dict.fromkeys(filter(None, found))), times[site], tuple(roots[site]))
        for site, found in sorted(names.items())
    ]


def _kept(tape: Tape, store: Store) -> bool:
    return store.slot[0] in ("item", "attribute") and not np.ndim(tape.values[store.node])


def _updated(tape: Tape, n: int) -> int | None:
    """The operand that ``old - step`` or ``old + step`` gives a new value of."""
    node = tape.nodes[n]
    if node.prim not in ("subtract", "add") or len(node.inputs) != 2 or not is_float(tape.values[n]):
        return None
    old, step = node.inputs
    if CONST in (old, step) or tape.nodes[step].prim not in _TERMS:
        return None
    return old if np.shape(tape.values[old]) == np.shape(tape.values[n]) else None


def _copies(tape: Tape, n: int, dead: dict[int, int]) -> bool:
    return tape.nodes[n].prim in _COPIES and n in dead.values()


def _root(tape: Tape, n: int, dead: dict[int, int]) -> int:
    """What the value was before all lost updates and copies."""
    while n in dead or tape.nodes[n].prim in _COPIES:
        source = dead[n] if n in dead else tape.nodes[n].inputs[0] if len(tape.nodes[n].inputs) == 1 else CONST
        if source == CONST:
            return n
        n = source
    return n


def _read_again(tape: Tape, root: int, nodes: list[int], dead: dict[int, int], consumers: dict[int, list[int]]) -> bool:
    """Whether the old values are computed with after the first and after the last but one lost update."""
    uses = [c for c in consumers[root] if c not in dead and tape.nodes[c].prim not in _COPIES]
    return any(c > nodes[-2] for c in uses) and any(c < nodes[0] for c in uses)


def _from_gradient(tape: Tape, root: int, n: int) -> bool:
    """Whether the step was computed from a forward pass that read the old values, and is not zero."""
    step = tape.nodes[n].inputs[1]
    return root in above(tape, [step]) and bool(np.any(tape.values[step]))


def _name(tape: Tape, node: int) -> str:
    """What the user called a value first."""
    for event in tape.events:
        if isinstance(event, Store) and event.node == node:
            return event.name
    return ""


MEASURE = Measurement("constants", constants)
