"""Hooks for statements: bindings to names, attributes and items, and what is overwritten in place."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from bpdoctor.model.tape import CONST, Store, Write
from bpdoctor.observe.provenance import Provenance
from bpdoctor.observe.values import BINARY, attributes, frozen_key, held_by, is_number, item_key, named_leaves, peek

_STORE_LEAVES = 600


class Stores(Provenance):
    """The part of the recorder that notes what is stored where."""

    def store(self, site: int, value: Any, name: str) -> Any:
        if self.on:
            frame = sys._getframe(1)
            slot = ("name", frame.f_code, name)
            held = None if slot in self.named else held_by(frame, name, self.calls)
            self.named.add(slot)
            # What was not read since the tape began is carried over to nothing, and may go.
            self.bound(
                site, value, slot, name, held if not is_number(held) or id(held) in self.memory.entries else None
            )
        return value

    def store_attribute(self, site: int, value: Any, owner: Any, name: str) -> Any:
        if self.on and owner is not None:
            self.kept.append(owner)
            self.bound(site, value, ("attribute", id(owner), name), name, attributes(owner).get(name))
        return value

    def bound(self, site: int, value: Any, slot: tuple[Any, ...], name: str, held: Any = None) -> None:
        """Note that a slot, which held `held`, now holds `value` or each number in the container `value`.

        The first time on a tape a container tells by the one before it what its places held.
        """
        if is_number(value):
            before = self.node_of(held, site) if is_number(held) else CONST
            node = self.node_of(value, site)
            self.events.append(Store(len(self.nodes), site, slot, node, name, before))
            return
        places: dict[str, Any] = {}
        if held is not None and slot not in self.contained:
            self.contained.add(slot)
            places = dict(named_leaves(held, _STORE_LEAVES))
        for path, leaf in named_leaves(value, _STORE_LEAVES):
            old = places.get(path)
            before = self.node_of(old, site) if id(old) in self.memory.entries else CONST
            node = self.node_of(leaf, site)
            self.events.append(Store(len(self.nodes), site, (*slot, path), node, name + path, before))

    def setitem(self, site: int, value: Any, obj: Any, key: Any) -> None:
        if not self.on:
            obj[key] = value
            return
        if self.substitutes:
            value = self.substitute(value)
        if isinstance(obj, np.ndarray) and is_number(obj):
            self.overwrite(site, obj, key, value)
            return
        held = peek(obj, key)
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
