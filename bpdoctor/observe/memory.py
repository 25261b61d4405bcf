"""Which node an object stands for: identity for provenance, shared memory for aliases.

Strong references are held while recording, so an `id` is never reused. A write through one array makes
a new version of every other array that shares its memory; the versions are made when next read.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from bpdoctor.model.tape import Tape, outline

# Bytes of copies of one array after which its versions in a loop that fills it are not kept any more.
_MOST_COPIED = 32_000_000


class Entry:
    """What is known of one object: its current node, the memory it lives in, when that was true."""

    __slots__ = ("node", "object", "root", "sequence")

    def __init__(self, obj: Any, node: int, root: int, sequence: int) -> None:
        self.object = obj
        self.node = node
        self.root = root
        self.sequence = sequence


class Memory:
    """Objects by identity, and the log of in-place writes by the memory they went to."""

    __slots__ = ("copied", "entries", "live", "sequence", "tape", "writes")

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self.entries: dict[int, Entry] = {}
        self.live: dict[int, list[tuple[int, Any]]] = {}
        self.writes: dict[int, list[tuple[int, Any, int]]] = {}
        self.copied: dict[int, int] = {}
        self.sequence = 0

    def register(self, obj: Any, node: int) -> None:
        """`obj` now stands for `node`."""
        if isinstance(obj, np.ndarray):
            root = root_of(obj)
            self.live.setdefault(root, []).append((node, obj))
        else:
            root = 0
        self.entries[id(obj)] = Entry(obj, node, root, self.sequence)

    def preserve(self, target: np.ndarray) -> None:
        """Before `target` is overwritten: give every node whose value lives there a copy of it."""
        root = root_of(target)
        kept = []
        for node, array in self.live.get(root, ()):
            if self.tape.values[node] is array and np.may_share_memory(array, target):
                self.tape.values[node] = self.copy(node, array, root)
            elif self.tape.values[node] is array:
                kept.append((node, array))
        self.live[root] = kept

    def copy(self, node: int, array: np.ndarray, root: int) -> np.ndarray:
        """What is kept of a node's value; of an array that a long loop fills, as it is in between, only the shape."""
        if self.copied.get(root, 0) > _MOST_COPIED and self.tape.nodes[node].prim == "setitem" and self.unread(node):
            self.tape.unkept.add(node)
            return outline(array.shape, array.dtype)
        self.copied[root] = self.copied.get(root, 0) + array.nbytes
        return array.copy()

    def unread(self, node: int) -> bool:
        """Whether nothing is computed from a version of an array, but the entries that are just being added to.

        A parameter that loops read entry by entry is a version that counts.
        """
        nodes = self.tape.nodes
        last = len(nodes) - 1
        return all(
            m == last and nodes[m].prim == "getitem" for m in range(node + 1, last + 1) if node in nodes[m].inputs
        )

    def wrote(self, target: np.ndarray, node: int) -> None:
        """`target` was overwritten and is now `node`; arrays sharing its memory become out of date."""
        self.sequence += 1
        root = root_of(target)
        self.writes.setdefault(root, []).append((self.sequence, target, node))
        self.register(target, node)

    def missed(self, entry: Entry) -> list[tuple[Any, int]]:
        """Writes by other arrays into the memory of `entry` since its node was current."""
        log = self.writes.get(entry.root)
        if not log or log[-1][0] <= entry.sequence:
            return []
        return [
            (array, node)
            for sequence, array, node in log
            if sequence > entry.sequence and array is not entry.object and np.may_share_memory(array, entry.object)
        ]


def root_of(array: np.ndarray) -> int:
    """Identity of the object that owns the memory of `array`."""
    base = array.base
    while isinstance(base, np.ndarray) and base.base is not None:
        base = base.base
    return id(array if base is None else base)


def addresses(array: np.ndarray) -> np.ndarray:
    """Byte address of every element, in the shape of `array`."""
    out = np.zeros(array.shape, dtype=np.int64)
    for axis, (length, stride) in enumerate(zip(array.shape, array.strides, strict=True)):
        steps = np.arange(length, dtype=np.int64) * stride
        out += steps.reshape([-1 if a == axis else 1 for a in range(array.ndim)])
    return out + int(array.__array_interface__["data"][0])


def overlay_index(target: np.ndarray, writer: np.ndarray) -> np.ndarray:
    """For each element of `target`, the flat index in `writer` of the same memory, or -1.

    Notes
    -----
    Equal addresses are equal elements; both arrays have one item size when they share memory, which
    holds for every view that NumPy makes without `view(dtype)`.
    """
    order = np.argsort(addresses(writer), axis=None)
    ours, theirs = addresses(target).ravel(), addresses(writer).ravel()[order]
    found = np.searchsorted(theirs, ours)
    found[found == len(theirs)] = 0
    hit = theirs[found] == ours if len(theirs) else np.zeros(len(ours), bool)
    return np.where(hit, order[found] if len(theirs) else 0, -1).reshape(target.shape)
