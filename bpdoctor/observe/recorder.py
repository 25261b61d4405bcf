"""The recorder: what instrumented code calls. It does what the user wrote and notes it on the tape."""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from bpdoctor.model.tape import CONST, Event, Node, Store, Tape, Use, Write
from bpdoctor.observe.memory import Entry, Memory, overlay_index
from bpdoctor.observe.sites import Sites

BINARY: dict[str, tuple[Callable[[Any, Any], Any], Callable[[Any, Any], Any], str]] = {
    "Add": (operator.add, operator.iadd, "add"),
    "Sub": (operator.sub, operator.isub, "subtract"),
    "Mult": (operator.mul, operator.imul, "multiply"),
    "Div": (operator.truediv, operator.itruediv, "divide"),
    "FloorDiv": (operator.floordiv, operator.ifloordiv, "floor_divide"),
    "Mod": (operator.mod, operator.imod, "remainder"),
    "Pow": (operator.pow, operator.ipow, "power"),
    "MatMult": (operator.matmul, operator.imatmul, "matmul"),
    "BitAnd": (operator.and_, operator.iand, "logical_and"),
    "BitOr": (operator.or_, operator.ior, "logical_or"),
    "BitXor": (operator.xor, operator.ixor, "logical_xor"),
    "LShift": (operator.lshift, operator.ilshift, "left_shift"),
    "RShift": (operator.rshift, operator.irshift, "right_shift"),
}
UNARY = {
    "USub": (operator.neg, "negative"),
    "UAdd": (operator.pos, "positive"),
    "Invert": (operator.invert, "logical_not"),
}
COMPARE = {
    "Gt": (operator.gt, "greater"),
    "Lt": (operator.lt, "less"),
    "GtE": (operator.ge, "greater_equal"),
    "LtE": (operator.le, "less_equal"),
    "Eq": (operator.eq, "equal"),
    "NotEq": (operator.ne, "not_equal"),
}
_NUMERIC_KINDS = frozenset("fiub")
# A nested list is read as numbers only up to this many; beyond it is data, not computation.
MOST_LEAVES = 20_000
_STORE_LEAVES = 600


def is_number(value: Any) -> bool:
    """Whether a value is recorded: float arrays and floats; integers only as arrays."""
    kind = type(value)
    if kind is float or kind is np.float64:
        return True
    if kind is np.ndarray or isinstance(value, np.ndarray):
        return value.dtype.kind in _NUMERIC_KINDS
    return isinstance(value, np.floating)


class Recorder:
    """Hooks for instrumented code. While `on` is false they only do what the user wrote."""

    slice = slice

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

    def restart(self) -> None:
        """Begin an empty tape; what was known of objects is forgotten."""
        self.tape = Tape()
        self.nodes, self.values, self.events = self.tape.nodes, self.tape.values, self.tape.events
        self.memory = Memory(self.tape)
        self.kept = []
        self.bytes = 0

    # ---- provenance

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
        self.nodes.append(Node(prim, inputs, consts, static, site))
        self.values.append(value)
        if isinstance(value, np.ndarray):
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
        if is_number(x):
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
        if value.dtype.kind not in _NUMERIC_KINDS:
            return CONST
        inputs, consts = self.operands(tuple(leaves), site)
        return self.append("array", inputs, consts, {"structure": structure(items)}, site, value)

    def substitute(self, x: Any) -> Any:
        """A perturbed number in place of the user's, in runs that measure differences."""
        if isinstance(x, list | tuple) and type(x) in (list, tuple):
            return type(x)(self.substitute(e) for e in x)
        return self.substitutes.get(id(x), x)

    # ---- expressions

    def binop(self, site: int, op: str, a: Any, b: Any, literal: int) -> Any:
        if not self.on:
            return BINARY[op][0](a, b)
        if self.substitutes:
            a, b = self.substitute(a), self.substitute(b)
        function, _, prim = BINARY[op]
        out = function(a, b)
        if is_number(out):
            if prim == "multiply" and isinstance(out, np.matrix) and np.ndim(a) and np.ndim(b):
                prim = "matmul"
            self.emit(prim, (a, b), {}, site, out, literal)
        return out

    def unary(self, site: int, op: str, a: Any) -> Any:
        function, prim = UNARY[op]
        if self.on and self.substitutes:
            a = self.substitute(a)
        out = function(a)
        if self.on and is_number(out):
            self.emit(prim, (a,), {}, site, out)
        return out

    def compare(self, site: int, op: str, a: Any, b: Any) -> Any:
        function, prim = COMPARE[op]
        if not self.on:
            return function(a, b)
        if self.substitutes:
            a, b = self.substitute(a), self.substitute(b)
        out = function(a, b)
        if isinstance(out, np.ndarray):
            self.emit(prim, (a, b), {}, site, out)
        return out

    def literal(self, site: int, value: float) -> float:
        # A fresh object: multiplying by one keeps every bit, the sign of zero and NaN included.
        if not self.on:
            return value
        fresh = value * 1.0
        self.memory.register(fresh, self.append("made", (), (), {}, site, fresh))
        return fresh

    def attribute(self, site: int, obj: Any, name: str) -> Any:
        out = getattr(obj, name)
        if self.on and is_number(out) and is_number(obj):
            prim = {"T": "transpose", "mT": "swapaxes"}.get(name)
            if prim is None:
                self.emit("copy" if name in ("A", "real", "H") else name, (obj,), {}, site, out)
            else:
                self.emit(prim, (obj,), {} if name == "T" else {"axis1": -1, "axis2": -2}, site, out)
        return out

    def getitem(self, site: int, obj: Any, key: Any) -> Any:
        out = obj[key]
        if self.on and isinstance(obj, np.ndarray) and is_number(out) and is_number(obj):
            self.emit("getitem", (obj,), {"key": frozen_key(key)}, site, out)
        return out

    def rows(self, site: int, obj: Any) -> Any:
        """An iterable; the rows of an array are recorded as they are taken."""
        if self.on and isinstance(obj, np.ndarray) and obj.ndim and is_number(obj):
            return self.each_row(site, obj)
        return obj

    def each_row(self, site: int, array: np.ndarray) -> Iterator[Any]:
        for i, row in enumerate(array):
            if self.on and is_number(row):
                self.emit("getitem", (array,), {"key": i}, site, row)
            yield row

    def use(self, site: int, value: Any, argument: int = 0) -> Any:
        """A value leaves for code that is not recorded."""
        if self.on:
            entry = self.memory.entries.get(id(value))
            if entry is not None and isinstance(value, np.ndarray):
                self.events.append(Use(len(self.nodes), site, self.node_of(value, site), argument))
        return value

    # ---- stores

    def store(self, site: int, value: Any, name: str) -> Any:
        if self.on:
            self.bound(site, value, ("name", sys._getframe(1).f_code, name), name)
        return value

    def store_attribute(self, site: int, value: Any, owner: Any, name: str) -> Any:
        if self.on and owner is not None:
            self.kept.append(owner)
            held = getattr(owner, "__dict__", {}).get(name)
            self.bound(site, value, ("attribute", id(owner), name), name, held)
        return value

    def bound(self, site: int, value: Any, slot: tuple[Any, ...], name: str, held: Any = None) -> None:
        """Note that a slot, which held `held`, now holds `value` or each number in the container `value`."""
        if is_number(value):
            before = self.node_of(held, site) if is_number(held) else CONST
            node = self.node_of(value, site)
            self.events.append(Store(len(self.nodes), site, slot, node, name, before))
        elif type(value) in (list, tuple, dict):
            for path, leaf in named_leaves(value, _STORE_LEAVES):
                node = self.node_of(leaf, site)
                self.events.append(Store(len(self.nodes), site, (*slot, path), node, name + path))

    def setitem(self, site: int, value: Any, obj: Any, key: Any) -> None:
        if not self.on:
            obj[key] = value
            return
        if self.substitutes:
            value = self.substitute(value)
        if isinstance(obj, np.ndarray) and is_number(obj):
            self.overwrite(site, obj, key, value)
            return
        held = _peek(obj, key)
        obj[key] = value
        self.kept.append(obj)
        self.bound(site, value, ("item", id(obj), item_key(obj, key)), f"[{key!r}]", held)

    def overwrite(self, site: int, array: np.ndarray, key: Any, value: Any, *, operand: int | None = None) -> None:
        """``array[key] = value`` as a new version of `array`."""
        before = self.node_of(array, site)
        source = self.operand(value, site) if operand is None else operand
        self.memory.preserve(array)
        array[key] = value
        consts = (None, value if source == CONST else None)
        after = self.append("setitem", (before, source), consts, {"key": frozen_key(key)}, site, array)
        self.versioned(site, array, before, after)

    def versioned(self, site: int, array: np.ndarray, before: int, after: int) -> None:
        self.memory.wrote(array, after)
        self.events.append(Write(len(self.nodes), site, before, after))
        entry = self.memory.entries.get(id(array.base)) if array.base is not None else None
        if entry is not None and entry.object is not array:
            # A write through a view is a write to the array it shows: ``W[i][j] -= g`` updates W.
            old = entry.node
            self.refresh(entry, site)
            if entry.node != old:
                self.events.append(Write(len(self.nodes), site, old, entry.node))

    def augment(self, site: int, op: str, current: Any, value: Any, owner: Any, name: str) -> Any:
        """``name op= value`` for a name or an attribute."""
        _, function, prim = BINARY[op]
        if not self.on:
            return function(current, value)
        out = self.in_place(site, function, prim, current, value)
        slot = ("name", sys._getframe(1).f_code, name) if owner is None else ("attribute", id(owner), name)
        self.kept.append(owner)
        self.bound(site, out, slot, name, None if out is current else current)
        return out

    def in_place(self, site: int, function: Callable[[Any, Any], Any], prim: str, current: Any, value: Any) -> Any:
        """Run an augmented operator; on an array it makes a new version of the same object."""
        if self.substitutes:
            current, value = self.substitute(current), self.substitute(value)
        if not (isinstance(current, np.ndarray) and is_number(current)):
            out = function(current, value)
            if is_number(out):
                self.emit(prim, (current, value), {}, site, out)
            return out
        before = self.node_of(current, site)
        operand = self.operand(value, site)
        self.memory.preserve(current)
        out = function(current, value)
        if prim == "multiply" and isinstance(out, np.matrix) and np.ndim(value):
            prim = "matmul"
        after = self.append(prim, (before, operand), (None, value if operand == CONST else None), {}, site, out)
        if out is current:
            self.versioned(site, current, before, after)
        elif is_number(out):
            self.memory.register(out, after)
        return out

    def augment_read(self, site: int, obj: Any, key: Any) -> tuple[int, Any, Any, Any]:
        """First half of ``obj[key] op= value``: Python reads the old item before evaluating `value`."""
        return site, obj, key, obj[key]

    def augment_item(self, site: int, op: str, held: tuple[int, Any, Any, Any], value: Any) -> None:
        """Second half of ``obj[key] op= value``."""
        target, obj, key, current = held
        _, function, prim = BINARY[op]
        if not self.on:
            obj[key] = function(current, value)
            return
        if isinstance(obj, np.ndarray) and is_number(obj):
            self.augment_array(site, target, op, held, value)
            return
        out = self.in_place(site, function, prim, current, value)
        obj[key] = out
        self.kept.append(obj)
        held_before = None if out is current else current
        self.bound(site, out, ("item", id(obj), item_key(obj, key)), f"[{key!r}]", held_before)

    def augment_array(self, site: int, target: int, op: str, held: tuple[int, Any, Any, Any], value: Any) -> None:
        """``array[key] op= value``: the old entries, the new ones, and a new version of the array."""
        _, array, key, current = held
        _, function, prim = BINARY[op]
        if self.substitutes:
            value = self.substitute(value)
        before = self.node_of(array, site)
        operand = self.operand(value, site)
        static = {"key": frozen_key(key)}
        shared = isinstance(current, np.ndarray) and np.may_share_memory(current, array)
        taken = self.append("getitem", (before,), (None,), static, target, current.copy() if shared else current)
        self.memory.preserve(array)
        result = function(current, value)
        array[key] = result
        constant = (None, value if operand == CONST else None)
        entries = result.copy() if isinstance(result, np.ndarray) and result.size else result
        new = self.append(prim, (taken, operand), constant, {}, site, entries)
        after = self.append("setitem", (before, new), (None, None), static, site, array)
        self.versioned(site, array, before, after)


def flatten(items: Any, into: list[Any]) -> bool:
    """Collect the leaves of nested lists and tuples; false when there are too many or not numbers."""
    for item in items:
        if isinstance(item, list | tuple):
            if not flatten(item, into):
                return False
        elif isinstance(item, int | float | np.number | np.ndarray):
            into.append(item)
        else:
            return False
        if len(into) > MOST_LEAVES:
            return False
    return True


def structure(items: Any) -> Any:
    """The nesting of `items`: a count of leaves, a tuple of structures, None for a leaf."""
    if not isinstance(items, list | tuple):
        return None
    inner = tuple(structure(i) for i in items)
    return len(inner) if all(i is None for i in inner) else inner


def named_leaves(value: Any, most: int, path: str = "") -> Iterator[tuple[str, Any]]:
    """Numbers inside nested containers with the subscripts that reach them."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    if len(value) > most:
        return
    for key, item in pairs:
        if is_number(item):
            yield f"{path}[{key!r}]", item
        elif type(item) in (list, tuple, dict):
            yield from named_leaves(item, most, f"{path}[{key!r}]")


def frozen_key(key: Any) -> Any:
    """A subscript that later changes to its arrays cannot reach."""
    if isinstance(key, np.ndarray):
        return key.copy()
    if isinstance(key, tuple):
        return tuple(frozen_key(k) for k in key)
    return list(key) if isinstance(key, list) else key


def _peek(obj: Any, key: Any) -> Any:
    """What an item holds before it is stored to; only plain lists and dicts are asked."""
    try:
        return obj[key] if type(obj) in (list, dict) else None
    except (KeyError, IndexError, TypeError):
        return None


def item_key(obj: Any, key: Any) -> Any:
    """A hashable name of an item; negative list indices name the item they reach."""
    if isinstance(obj, list) and isinstance(key, int) and key < 0:
        return key + len(obj)
    return key if isinstance(key, int | str | float | tuple) else repr(key)
