"""Calls that leave the user's code: which are recorded as what, and how their arguments keep identity."""

from __future__ import annotations

import builtins
import collections.abc
import copy
import functools
import itertools
from collections.abc import Callable, Iterator
from types import BuiltinFunctionType, BuiltinMethodType, FunctionType, MethodType
from typing import Any

import numpy as np

from bpdoctor.autodiff.binding import Call, bind, expand, is_known_constant_maker
from bpdoctor.model.tape import CONST, Entered, Use
from bpdoctor.observe.descent import Descents, optimises
from bpdoctor.observe.dialect import Single
from bpdoctor.observe.instrument import HOOK
from bpdoctor.observe.recorder import Recorder
from bpdoctor.observe.values import attributes, is_complex, is_number

# Builtins that walk an iterable in C, where the rows of an array would pass unseen.
_WALKERS: tuple[Any, ...] = (
    zip, enumerate, list, tuple, map, filter, reversed, iter, sorted, itertools.chain, itertools.zip_longest,
    itertools.islice, itertools.cycle, itertools.accumulate, itertools.starmap, functools.reduce,
)  # fmt: skip
# Not `any` and `all`: they stop where the answer is known, and theirs is no number.
_REDUCERS: tuple[Any, ...] = (sum, max, min)
_USERS = frozenset({print, str, repr, format, round, bool, int})
_COPIERS: tuple[Any, ...] = (copy.copy, copy.deepcopy)
_OPAQUE_TYPES = (np.vectorize,)
_OPAQUE_FUNCTIONS: tuple[Any, ...] = (np.apply_along_axis, np.fromfunction, np.fromiter, np.piecewise)
_MOST_PARTS = 8
# Functions of these make no numbers, and some look at the frame that calls them, which must be the user's.
_AWARE = frozenset({"collections", "dataclasses", "inspect", "sys", "typing", "warnings"})


def _is_new(recorder: Recorder, value: Any) -> bool:
    """Whether a number was made by the call that returned it; what is counted has no derivative."""
    return is_number(value) and np.asarray(value).dtype.kind == "f" and id(value) not in recorder.memory.entries


def _part(function: Callable[..., Any], k: int, /, *args: Any, **kwargs: Any) -> Any:
    """One of several results of a function."""
    return function(*args, **kwargs)[k]


class Called:
    """Stands in the user's call for a function that is recorded; the user's frame makes the call."""

    __slots__ = ("calls", "function", "site")

    def __init__(self, calls: Calls, site: int, function: Any) -> None:
        self.calls = calls
        self.site = site
        self.function = function

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        return self.calls.call(self.site, self.function, args, kwargs)


class Calls:
    """Decides per callee, and records."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        # By identity: what is called need not have a hash, nor compare with anything.
        self.walkers, self.reducers = {id(f) for f in _WALKERS}, {id(f) for f in _REDUCERS}
        self.copiers, self.users = {id(f) for f in _COPIERS}, {id(f) for f in _USERS}
        self.opaques = {id(f) for f in _OPAQUE_FUNCTIONS}
        self.descents = Descents(recorder)

    def callee(self, site: int, function: Any) -> Any:
        """The user's own functions go unchanged; what is foreign comes back wrapped."""
        if not self.recorder.on:
            return function
        kind = type(function)
        if kind is FunctionType:
            own = self.entered(site, function, function) or (function if function.__module__ in _AWARE else None)
            return own or Called(self, site, function)
        if kind is MethodType:
            return self.entered(site, function, function.__func__) or Called(self, site, function)
        if kind in (BuiltinFunctionType, BuiltinMethodType):
            owner = function.__self__
            if isinstance(owner, list | dict | set | str | bytes | collections.abc.Iterator):
                return function
            if function.__module__ in _AWARE:
                return function
            return Called(self, site, function) if self.foreign(function) else function
        if isinstance(function, type):
            known = (
                id(function) in self.walkers
                or function in (float, np.ndarray, np.matrix, Single)
                or (isinstance(function, type) and issubclass(function, np.generic | np.matrix))
            )
            return Called(self, site, function) if known or function in _USERS else function
        if isinstance(function, functools.partial | Called):
            return function
        return self.entered(site, function, type(function).__call__) or Called(self, site, function)

    def entered(self, site: int, function: Any, inner: Any) -> Any:
        """The function itself where what it runs is the user's own: its call is noted, and not made here."""
        if not isinstance(inner, FunctionType) or HOOK not in inner.__globals__:
            return None
        code = inner.__code__
        self.recorder.events.append(Entered(len(self.recorder.nodes), site, code.co_name, code.co_firstlineno))
        return function

    @staticmethod
    def foreign(function: Any) -> bool:
        owner = function.__self__
        if owner is builtins:
            return function in _REDUCERS or function in (
                abs,
                pow,
                round,
                print,
                iter,
                sorted,
                divmod,
                format,
                repr,
                setattr,
            )
        return True

    # ---- the call itself

    def call(self, site: int, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        recorder = self.recorder
        if not recorder.on:
            return function(*args, **kwargs)
        key = id(function)
        if key in self.walkers:
            return function(*self.walked(site, function, args), **kwargs)
        if function is setattr and len(args) == 3:
            setattr(args[0], args[1], recorder.store_attribute(site, args[2], args[0], args[1]))
            return None
        if getattr(function, "__name__", "") == "resize" and isinstance(
            getattr(function, "__self__", None), np.ndarray
        ):
            return self.resized(site, function, args, kwargs)
        if optimises(function):
            self.descents.descend(site, function, args, kwargs)
            return self.opaque(site, function, args, kwargs)
        if key in self.copiers:
            return self.copied(site, function, args, kwargs)
        if key in self.reducers:
            args = self.materialised(args)
        if recorder.substitutes:
            args = tuple(recorder.substitute(a) for a in args)
            kwargs = {k: recorder.substitute(v) for k, v in kwargs.items()}
        if key in self.users:
            self.used(site, args)
        if isinstance(function, _OPAQUE_TYPES) or key in self.opaques:
            return self.opaque(site, function, args, kwargs)
        return self.bound_call(site, function, args, kwargs)

    def bound_call(self, site: int, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """A call with a row in the derivative table, or else an opaque one."""
        recorder = self.recorder
        call = bind(function, args, kwargs)
        target = call.writes if call is not None else None
        if target is not None and is_number(target):
            return self.overwriting(site, function, args, kwargs, call)
        out = function(*args, **kwargs)
        if not recorder.on:
            return out
        if call is not None:
            if is_number(out):
                recorder.emit(call.name, call.operands, call.static, site, out)
            elif is_complex(out):
                recorder.emit_complex(call.operands, site, out)
        elif not is_known_constant_maker(function):
            self.foreign_result(site, function, args, kwargs, out)
        elif is_number(out) and id(out) not in recorder.memory.entries:
            recorder.memory.register(out, recorder.append("made", (), (), {}, site, out))
        return out

    def foreign_result(self, site: int, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any], out: Any) -> None:
        """Several arrays of known origin, or one number of unknown origin."""
        recorder = self.recorder
        if isinstance(out, list | tuple):
            parts = expand(function, args, kwargs, out)
            for value, part in parts or ():
                if is_number(value):
                    recorder.emit(part.name, part.operands, part.static, site, value)
            if parts is None and len(out) <= _MOST_PARTS:
                for k, value in ((k, v) for k, v in enumerate(out) if _is_new(recorder, v)):
                    self.record_opaque(site, functools.partial(_part, function, k), args, kwargs, value)
        elif is_number(out) and id(out) not in recorder.memory.entries:
            self.record_opaque(site, function, args, kwargs, out)
        elif is_complex(out):
            recorder.emit_complex((*args, *kwargs.values()), site, out)

    def overwriting(
        self, site: int, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any], call: Call | None
    ) -> Any:
        """``out=``, ``np.add.at`` and their like: a new version of the array that is written."""
        assert call is not None
        recorder, target = self.recorder, call.writes
        before = recorder.node_of(target, site)
        inputs, consts = recorder.operands(call.operands, site)
        recorder.memory.preserve(target)
        out = function(*args, **kwargs)
        after = recorder.append(call.name, inputs, consts, call.static, site, target)
        recorder.versioned(site, target, before, after)
        return out

    def resized(self, site: int, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """``a.resize(...)`` in place: that the record holds the array too is no reason to refuse."""
        array = function.__self__
        before, size = self.recorder.node_of(array, site), array.size
        self.recorder.memory.preserve(array)
        function(*args, **{**kwargs, "refcheck": False})
        shape = array.shape

        def again(old: np.ndarray) -> np.ndarray:
            new = np.array(old)
            new.resize(shape, refcheck=False)
            return new

        prim = "reshape" if array.size == size else "opaque"
        static = {"shape": shape} if array.size == size else {"function": again, "positional": 1, "names": ()}
        after = self.recorder.append(prim, (before,), (None,), static, site, array)
        self.recorder.versioned(site, array, before, after)

    def record_opaque(self, site: int, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any], out: Any) -> None:
        """A result whose derivative is not in the table: dependence is kept, the derivative is numerical or none."""
        operands = (*args, *kwargs.values())
        inputs, consts = self.recorder.operands(operands, site)
        if all(i == CONST for i in inputs):
            return
        static = {"function": function, "positional": len(args), "names": tuple(kwargs)}
        node = self.recorder.append("opaque", inputs, consts, static, site, out)
        self.recorder.memory.register(out, node)

    def opaque(self, site: int, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """A call that runs the user's function once an element: recorded as one operation."""
        recorder = self.recorder
        recorder.on = False
        try:
            out = function(*args, **kwargs)
        finally:
            recorder.on = True
        if is_number(out):
            self.record_opaque(site, function, args, kwargs, out)
        return out

    # ---- arguments

    def walked(self, site: int, function: Any, args: tuple[Any, ...]) -> list[Any]:
        """Arrays as rows that are recorded, foreign functions as recorded ones."""
        out = []
        for i, arg in enumerate(args):
            if isinstance(arg, np.ndarray) and arg.ndim and not (function is functools.reduce and i > 1):
                # The third argument of `reduce` is what it starts with, and is not walked.
                rows = self.recorder.rows(site, arg)
                out.append(list(rows) if function is reversed else rows)
            elif i == 0 and function in (map, filter, functools.reduce, itertools.starmap) and callable(arg):
                out.append(self.callee(site, arg))
            else:
                out.append(arg)
        return out

    @staticmethod
    def materialised(args: tuple[Any, ...]) -> tuple[Any, ...]:
        """An iterator can be read once, so read it into a list before the call and the record of it."""
        return tuple(list(a) if isinstance(a, Iterator) else a for a in args)

    def used(self, site: int, args: tuple[Any, ...]) -> None:
        for i, arg in enumerate(args):
            entry = self.recorder.memory.entries.get(id(arg))
            if entry is not None and isinstance(arg, np.ndarray):
                event = Use(len(self.recorder.nodes), site, self.recorder.node_of(arg, site), i)
                self.recorder.events.append(event)

    def copied(self, site: int, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """`copy.copy` and `copy.deepcopy`: each array inside is a copy of its counterpart."""
        out = function(*args, **kwargs)
        self.pair(site, args[0] if args else kwargs.get("x"), out)
        return out

    def pair(self, site: int, old: Any, new: Any, depth: int = 0) -> None:
        if depth > 4 or old is new:
            return
        if isinstance(old, np.ndarray) and is_number(old):
            self.recorder.emit("copy", (old,), {}, site, new)
        elif type(old) is not type(new):
            return  # the class of the old one says itself how it is copied
        elif type(old) in (list, tuple):
            for a, b in zip(old, new, strict=False):
                self.pair(site, a, b, depth + 1)
        elif type(old) is dict:
            for key in old:
                self.pair(site, old[key], new.get(key), depth + 1)
        else:
            self.pair(site, attributes(old), attributes(new), depth + 1)
