"""The right values that a wrong gradient is made from: the last of them, and what it is the derivative for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any


class LastRight:
    """What is right above a wrong value; `inner` are nodes inside of activations, `outputs` those of the network."""

    def __init__(self, view: Any, inner: Collection[int], outputs: Collection[int]) -> None:
        self.view, self.inner, self.outputs = view, inner, outputs

    def of(self, right: dict[int, Any]) -> int:
        """The last right value, but no mere negative of another one: its sign is not the error's.

        A parameter's gradient comes last: it stands there where an updated parameter is read, no error passes it.
        """
        nodes = self.view.tape.nodes
        found = {n: self.match(matches) for n, matches in right.items()}
        ends = {n for n, m in found.items() if self.view.by_key[m.forward] in self.view.starts}
        found = {n: m for n, m in found.items() if n not in ends} or found
        plain = {n: m for n, m in found.items() if nodes[n].prim != "negative"}
        same = {m.forward for m in plain.values()}
        return max(n for n, m in found.items() if n in plain or m.forward not in same)

    def match(self, matches: Sequence[Any]) -> Any:
        """The match to go by: no value inside an activation; not the residual where it is the output's as well.

        No mere negative either, through which what lies below gets the other sign.
        """
        by_key, outputs, nodes = self.view.by_key, self.outputs, self.view.tape.nodes

        def order(m: Any) -> tuple[bool, bool, bool, bool, bool]:
            n = by_key[m.forward]
            return n in self.inner, m.transposed, n not in outputs, nodes[n].prim == "negative", m.scale < 0

        return min(matches, key=order)
