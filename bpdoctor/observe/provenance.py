"""Where numbers come from: the tape being written, and the node that each live object stands for."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from bpdoctor.model.tape import COMPLEX, CONST, Event, Node, Tape
from bpdoctor.observe.memory import Entry, Memory, overlay_index
from bpdoctor.observe.sites import Sites
from bpdoctor.observe.values import NUMERIC_KINDS, flatten, is_number, running, structure


class Provenance:
    """A tape, and the memory that binds the program's objects to its nodes."""

    def __init__(self, sites: Sites) -> None:
        self.sites = sites
        self.on = False
        self.events: list[Event] = []
        self.substitutes: dict[int, Any] = {}
        self.kept: list[Any] = []
        self.stop_at = sys.maxsize
        self.on_stop: Callable[[], None] = lambda: None
        self.bytes = 0
        self.restart()
        self.calls: frozenset[int] = frozenset()  # nothing was there before the first tape

    def restart(self) -> None:
        """Begin an empty tape; what was known of objects is forgotten."""
        self.tape = Tape()
        self.nodes, self.values, self.events = self.tape.nodes, self.tape.values, self.tape.events
        self.memory = Memory(self.tape)
        self.kept = []
        self.bytes = 0
        self.complex: set[int] = set()
        # Names, and slots of containers, that were bound on this tape: what they held before is on it.
        self.named: set[tuple[Any, ...]] = set()
        self.contained: set[tuple[Any, ...]] = set()
        # Calls that were under way when a later tape began: their names held something then.
        self.calls = running()

    def node_of(self, x: Any, site: int) -> int:
        """The node that `x` stands for now, made if it was never seen."""
        entry = self.memory.entries.get(id(x))
        if entry is None:
            return self.leaf(x, site)
        if entry.root and entry.root in self.memory.writes:
            self.refresh(entry, site)
        return entry.node

    def refresh(self, entry: Entry, site: int) -> None:
        """Bring an array up to date with writes that went through other views of its memory."""
        missed = self.memory.missed(entry)
        entry.sequence = self.memory.sequence
        for array, writer in missed:
            index = overlay_index(entry.object, array)
            if (index >= 0).any():
                inputs, static = (entry.node, writer), {"index": index}
                entry.node = self.append("overlay", inputs, (None, None), static, site, entry.object)
                self.memory.live.setdefault(entry.root, []).append((entry.node, entry.object))

    def leaf(self, x: Any, site: int) -> int:
        """First sight of an object: a view of known memory, or a value from outside."""
        base = x.base if isinstance(x, np.ndarray) else None
        if isinstance(base, np.ndarray) and base.dtype == x.dtype and id(base) in self.memory.entries:
            source = self.node_of(base, site)
            index = overlay_index(x, base)
            node = self.append("view", (source,), (None,), {"index": index}, site, x)
        else:
            node = self.append("leaf", (), (), {}, site, x)
        self.memory.register(x, node)
        return node

    def append(
        self, prim: str, inputs: tuple[int, ...], consts: tuple[Any, ...], static: dict[str, Any], site: int, value: Any
    ) -> int:
        """Put a node on the tape without binding its value's identity."""
        node = len(self.nodes)
        if self.complex and not self.complex.isdisjoint(inputs):
            prim = COMPLEX
        self.nodes.append(Node(prim, inputs, consts, static, site))
        self.values.append(value)
        if isinstance(value, np.ndarray) and value.base is None:
            self.bytes += value.nbytes
        if node >= self.stop_at:
            self.on_stop()
        return node

    def emit(
        self, prim: str, operands: tuple[Any, ...], static: dict[str, Any], site: int, value: Any, literal: int = 0
    ) -> int:
        """Record ``value = prim(*operands)`` unless the value is already known or has no recorded operand."""
        if id(value) in self.memory.entries:
            return self.node_of(value, site)
        inputs, consts = self.operands(operands, site, literal)
        node = self.append(prim, inputs, consts, static, site, value)
        self.memory.register(value, node)
        return node

    def emit_complex(self, operands: tuple[Any, ...], site: int, value: Any) -> None:
        """Record that complex numbers depend on recorded ones; their real part stands for them."""
        inputs, consts = self.operands(operands, site)
        if any(i != CONST for i in inputs):
            node = self.append(COMPLEX, inputs, consts, {}, site, value.real.copy())
            self.complex.add(node)
            self.memory.register(value, node)

    def operands(
        self, operands: tuple[Any, ...], site: int, literal: int = 0
    ) -> tuple[tuple[int, ...], tuple[Any, ...]]:
        inputs, consts = [], []
        for i, x in enumerate(operands):
            node = CONST if literal >> i & 1 else self.operand(x, site)
            inputs.append(node)
            consts.append(x if node == CONST else None)
        return tuple(inputs), tuple(consts)

    def operand(self, x: Any, site: int) -> int:
        """Node of an operand; a list of recorded numbers becomes an `array` node; CONST otherwise."""
        if is_number(x) or (self.complex and id(x) in self.memory.entries):
            return self.node_of(x, site)
        if isinstance(x, list | tuple):
            return self.array_of(x, site)
        return CONST

    def array_of(self, items: list[Any] | tuple[Any, ...], site: int) -> int:
        """Node of ``np.array(items)`` when any number in it is recorded."""
        leaves: list[Any] = []
        if not flatten(items, leaves) or not any(is_number(leaf) for leaf in leaves):
            return CONST
        try:
            value = np.array(items)
        except ValueError:
            return CONST
        if value.dtype.kind not in NUMERIC_KINDS:
            return CONST
        inputs, consts = self.operands(tuple(leaves), site)
        return self.append("array", inputs, consts, {"structure": structure(items)}, site, value)

    def substitute(self, x: Any) -> Any:
        """A perturbed number in place of the user's, in runs that measure differences.

        A list stays the list that it is: what is called may change it, as ``random.shuffle(rows)`` does.
        """
        if type(x) is list:
            for i, e in enumerate(x):
                if (other := self.substitute(e)) is not e:
                    x[i] = other
            return x
        if type(x) is tuple:
            others = tuple(self.substitute(e) for e in x)
            return others if any(a is not b for a, b in zip(others, x, strict=True)) else x
        return self.substitutes.get(id(x), x)
