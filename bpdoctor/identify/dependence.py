"""Which recorded values depend on which parameters, and on values that this step already updated."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from heapq import heappop, heappush

from bpdoctor.model.tape import CONST, Tape

STATE = 1  # depends on what an optimiser keeps from step to step
POST = 2  # depends on a parameter's version after this step's update
FIRST_PARAMETER = 2  # bit number of parameter 0
_HANDING = frozenset(
    {"negative", "positive", "copy", "getitem", "float", "item", "transpose", "reshape", "ravel", "squeeze", "flatten"}
)


def bit(index: int) -> int:
    """Mask bit of the parameter with this index."""
    return 1 << (FIRST_PARAMETER + index)


PARAMETERS = ~(STATE | POST)


def dependence(tape: Tape, marks: Mapping[int, int], lo: int, hi: int, fixed: Container[int] = ()) -> dict[int, int]:
    """Mask of every node in ``[lo, hi)`` that depends on a marked node.

    Parameters
    ----------
    tape : Tape
    marks : mapping of node to mask
        Bits put on a node in addition to what its inputs bring. A node with a parameter bit is a start
        version: what came before it is not looked at.
    lo, hi : int
        Range of nodes; marked nodes before `lo` count as inputs.
    fixed : container of int
        Nodes that are taken as constants, whatever they were made of.
    """
    masks: dict[int, int] = dict(marks)
    for n in range(lo, hi):
        own = marks.get(n, 0)
        if own & (PARAMETERS | STATE) or n in fixed:
            continue
        mask = own
        for source in tape.nodes[n].inputs:
            if source != CONST:
                mask |= masks.get(source, 0)
        if mask:
            masks[n] = mask
    return masks


def readers_of(tape: Tape) -> dict[int, list[int]]:
    """The nodes that take each node in."""
    out: dict[int, list[int]] = {}
    for n, node in enumerate(tape.nodes):
        for s in node.inputs:
            if s != CONST:
                out.setdefault(s, []).append(n)
    return out


class Ascending:
    """What reads some nodes, and what reads that, in the order of the tape, each once."""

    def __init__(self, first: Iterable[int], readers: Mapping[int, Sequence[int]], within: range) -> None:
        self.readers, self.within = readers, within
        self.heap: list[int] = []
        self.seen: set[int] = set()
        for n in first:
            self.push(n)

    def push(self, n: int) -> None:
        for m in self.readers.get(n, ()):
            if m in self.within and m not in self.seen:
                self.seen.add(m)
                heappush(self.heap, m)

    def pop(self) -> int | None:
        return heappop(self.heap) if self.heap else None


def ancestors(tape: Tape, roots: Iterable[int], within: Container[int]) -> set[int]:
    """Nodes of `within` from which a root is computed, roots included."""
    nodes = tape.nodes
    pending = [r for r in roots if r in within]
    out = set(pending)
    while pending:
        for source in nodes[pending.pop()].inputs:
            if source not in out and source != CONST and source in within:
                out.add(source)
                pending.append(source)
    return out


def cuts(tape: Tape, sink: int, within: Mapping[int, int]) -> list[int]:
    """Nodes through which every dependence of `sink` on the marked nodes passes, in order.

    Notes
    -----
    Positions on the tape are a topological order. In the graph of ancestors, a node is passed by every
    path exactly when no edge jumps over its position.
    """
    nodes = sorted(ancestors(tape, [sink], within))
    reach: dict[int, int] = {}
    inner: list[int] = []
    for n in nodes:
        sources = [s for s in tape.nodes[n].inputs if s in within and s != CONST]
        reach.update(dict.fromkeys(sources, n))
        if sources:
            inner.append(n)
    out, furthest = [], -1
    marked = set(inner[1:])
    for n in nodes:
        if n in marked and furthest <= n:
            out.append(n)
        furthest = max(furthest, reach.get(n, -1))
    return out


def handed_on(tape: Tape, n: int, starts: Container[int]) -> bool:
    """Whether a number is an entry of a parameter, or its negative: nobody's loss."""
    while n not in starts and tape.nodes[n].prim in _HANDING and tape.nodes[n].inputs[0] != CONST:
        n = tape.nodes[n].inputs[0]
    return n in starts
