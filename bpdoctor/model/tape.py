"""The Wengert list of a run: every number the program made, what from, and where in the text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

_DECORATORS = 3  # lines by which a function's first may stand above its `def`
CONST = -1  # stands in `Node.inputs` for an operand that is no recorded number
COMPLEX = "complex"  # the primitive of values made through complex numbers: no derivative is known of them


class Node(NamedTuple):
    """One recorded value: `prim` applied to `inputs` (node numbers, or CONST with the operand in `consts`)."""

    prim: str
    inputs: tuple[int, ...]
    consts: tuple[Any, ...]
    static: dict[str, Any]
    site: int


class Store(NamedTuple):
    """A value was bound to a slot (a name, an attribute, a list or dict item).

    `before` is what the slot held, where that is known.
    """

    position: int
    site: int
    slot: tuple[Any, ...]
    node: int
    name: str
    before: int = CONST


class Write(NamedTuple):
    """An array was overwritten in place: version `before` became version `after`."""

    position: int
    site: int
    before: int
    after: int


class Use(NamedTuple):
    """A recorded value was handed to code that is not recorded (printing, comparing, converting)."""

    position: int
    site: int
    node: int
    argument: int


class Handed(NamedTuple):
    """A function returns a recorded value as it is, under a name that it has there."""

    position: int
    site: int
    node: int


class Entered(NamedTuple):
    """A call of one of the program's own functions: its name and the line where its definition begins."""

    position: int
    site: int
    function: str
    line: int


class Mark(NamedTuple):
    """An iteration of a loop begins (`iteration` >= 0) or the loop is left (`iteration` == -1)."""

    position: int
    loop: int
    activation: int
    iteration: int
    depth: int


Event = Store | Write | Use | Handed | Entered | Mark


def outline(shape: tuple[int, ...], dtype: Any) -> np.ndarray:
    """Zeros of any size, without their memory."""
    return np.broadcast_to(np.zeros((), dtype), shape)


@dataclass(slots=True)
class Tape:
    """Nodes in the order of execution with their values, and the events between them.

    Values are the arrays as they were when the node was made: the recorder replaces a live array by a
    copy just before the program overwrites it. `unwritten` are the nodes that no expression of the program
    gives: ``x @ w`` of ``-x @ w``. Of `unkept` only shape and type are known: an array that is filled in a long loop,
    as it was in between. They are made again from what was written, by `filled`.
    """

    nodes: list[Node] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    unwritten: set[int] = field(default_factory=set)
    unkept: set[int] = field(default_factory=set)

    def __len__(self) -> int:
        return len(self.nodes)

    def filled(self, n: int) -> Any:
        """The value of a node, also of one that was not kept."""
        missing = []
        while n in self.unkept:
            missing.append(n)
            n = self.nodes[n].inputs[0]
        if not missing:
            return self.values[n]
        out = np.array(self.values[n])
        for m in reversed(missing):
            node = self.nodes[m]
            source = node.inputs[1]
            out[node.static["key"]] = node.consts[1] if source == CONST else self.values[source]
        return out

    def call(self, node: int, scope: str) -> Entered | None:
        """The call that a node was made in, by the scope of its expression (``"….name:line"``); None at the top."""
        name, _, line = scope.rpartition(".")[2].partition(":")
        begun = int(line or 0)
        for event in reversed(self.events):
            if not isinstance(event, Entered) or event.position > node or event.function != name:
                continue
            if abs(event.line - begun) <= _DECORATORS:
                return event
        return None
