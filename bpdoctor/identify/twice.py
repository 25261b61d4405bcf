"""What one expression computes twice: ``np.where(X @ W > 0, X @ W, 0.01 * (X @ W))`` has one pre-activation."""

from __future__ import annotations

from bpdoctor.model.tape import CONST, Entered, Handed, Node, Store, Tape

_PURE = frozenset(
    {"add", "subtract", "multiply", "divide", "negative", "matmul", "dot", "transpose", "exp", "tanh", "maximum", "sum"}
)


def share(tape: Tape, lo: int, hi: int) -> None:
    """Let everything that reads a value's second computation read the first; statements are not looked across.

    Notes
    -----
    A unit is found between its z and its a. Where z is written out for each of its branches it would be several
    values, and its weight would seem to be used several times.
    """
    ends = (Store, Handed, Entered)  # of statements, or of what a function of its own computes
    stored = {e.position for e in tape.events if isinstance(e, ends) and lo <= e.position <= hi}
    first: dict[int, int] = {}
    known: dict[tuple[str, tuple[int, ...]], list[int]] = {}
    for n in range(lo, hi):
        if n in stored:
            first.clear()
            known.clear()
        node = tape.nodes[n]
        inputs = tuple(first.get(s, s) for s in node.inputs)
        if inputs != node.inputs:
            node = tape.nodes[n] = node._replace(inputs=inputs)
        if node.prim in _PURE and any(s != CONST for s in inputs):
            alike = known.setdefault((node.prim, inputs), [])
            same = next((m for m in alike if _same(tape.nodes[m], node)), None)
            if same is None:
                alike.append(n)
            else:
                first[n] = same


def _same(one: Node, other: Node) -> bool:
    """Whether two nodes have the same constants: numbers, words and none."""
    given = (*one.consts, *other.consts, *one.static.values(), *other.static.values())
    simple = all(isinstance(c, int | float | str | None) for c in given)
    return simple and one.consts == other.consts and one.static == other.static
