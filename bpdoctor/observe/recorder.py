"""The recorder: what instrumented code calls. It does what the user wrote and notes it on the tape."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from bpdoctor.autodiff.binding import bind
from bpdoctor.model.tape import Handed, Use
from bpdoctor.observe.stores import Stores
from bpdoctor.observe.values import BINARY, COMPARE, UNARY, frozen_key, is_complex, is_number

# What is written with brackets and puts arrays together: ``np.c_[x, np.ones(n)]``.
JOINING = frozenset({type(np.c_), type(np.r_)})


class Recorder(Stores):
    """Hooks for instrumented code. While `on` is false they only do what the user wrote."""

    slice = slice
    # What decides about calls and about loops; the session sets them.
    callee: Callable[[int, Any], Any]
    each: Callable[[int, Iterable[Any]], Any]
    going: Callable[[int], Any]
    left: Callable[[Any], None]
    step: Callable[[int], Any]

    def binop(self, site: int, op: str, a: Any, b: Any, literal: int) -> Any:
        if not self.on:
            return BINARY[op][0](a, b)
        if self.substitutes:
            a, b = self.substitute(a), self.substitute(b)
        function, _, prim = BINARY[op]
        out = function(a, b)
        if is_number(out):
            self.emit(_product(prim, a, b, out), (a, b), {}, site, out, literal)
        elif is_complex(out):
            self.emit_complex((a, b), site, out)
        return out

    def negated(self, site: int, op: str, a: Any, b: Any, literal: int, inner: int) -> Any:
        """``-x @ w`` is recorded as ``-(x @ w)``, to the bit the same: what is negated is a value of its own.

        It stands for ``x @ w``, as the pre-activation does in ``1 / (1 + np.exp(-x @ w))``.
        """
        if self.on and self.substitutes:
            a, b = self.substitute(a), self.substitute(b)
        entry = self.memory.entries.get(id(a)) if self.on else None
        if entry is None or self.nodes[entry.node].prim != "negative" or not is_number(b):
            return self.binop(site, op, a, b, literal)
        function, _, prim = BINARY[op]
        out = function(a, b)
        if np.asarray(out).dtype.kind != "f":
            return self.binop(site, op, a, b, literal)
        whole = -out
        prim = "add" if prim == "subtract" else _product(prim, a, b, out)
        (other,), (const,) = self.operands((b,), site, literal >> 1)
        inputs = self.nodes[entry.node].inputs[0], other
        node = self.append(prim, inputs, (None, const), {}, inner, whole)
        self.tape.unwritten.add(node)
        self.memory.register(whole, node)
        whole = self.substitute(whole)
        out = -whole
        self.emit("negative", (whole,), {}, site, out)
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
        elif self.on and type(obj) in JOINING and is_number(out):
            call = bind(obj, key if isinstance(key, tuple) else (key,), {})
            if call is not None:
                self.emit(call.name, call.operands, call.static, site, out)
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

    def handed(self, site: int, value: Any) -> Any:
        """A function returns what it has under a name."""
        if self.on:
            entry = self.memory.entries.get(id(value))
            if entry is not None and isinstance(value, np.ndarray | float):
                self.events.append(Handed(len(self.nodes), site, self.node_of(value, site)))
        return value

    def use(self, site: int, value: Any, argument: int = 0) -> Any:
        """A value leaves for code that is not recorded."""
        if self.on:
            entry = self.memory.entries.get(id(value))
            if entry is not None and isinstance(value, np.ndarray):
                self.events.append(Use(len(self.nodes), site, self.node_of(value, site), argument))
        return value


def _product(prim: str, a: Any, b: Any, out: Any) -> str:
    """What ``*`` of two matrices is."""
    return "matmul" if prim == "multiply" and isinstance(out, np.matrix) and np.ndim(a) and np.ndim(b) else prim
