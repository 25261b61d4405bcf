"""Calls that return several arrays: one binding for each of them."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any

import numpy as np

from ..calls import Call, Signature

Args = tuple[Any, ...]
Kwargs = dict[str, Any]
Calls = list[tuple[Any, Call]]
Expander = Callable[[Any, Args, Kwargs, Any], Calls | None]


def _split(axis: int | None) -> Expander:
    """Return the expander of a splitting function; `axis` is None where the call tells it."""

    def expand(func: Any, args: Args, kwargs: Kwargs, result: Any) -> Calls | None:
        call = SPLIT(func, args, kwargs)
        if call is None:
            return None
        x = call.operands[0]
        along = call.static.get("axis", 0) if axis is None else axis
        if func is getattr(np, "hsplit", None) and np.ndim(x) == 1:
            along = 0
        along %= np.ndim(x)
        pieces, start = [], 0
        cuts = call.static["indices_or_sections"]
        sections = isinstance(cuts, (int, np.integer))
        for number, piece in enumerate(result):
            if not sections:  # cut points may overlap or lie outside: they say where, the pieces how much
                start = 0 if number == 0 else slice(cuts[number - 1], None).indices(np.shape(x)[along])[0]
            stop = start + np.shape(piece)[along]
            key = (slice(None),) * along + (slice(start, stop),)
            pieces.append((piece, Call("getitem", (x,), {"key": key})))
            start = stop
        return pieces

    return expand


def _unstack(func: Any, args: Args, kwargs: Kwargs, result: Any) -> Calls | None:
    call = UNSTACK(func, args, kwargs)
    if call is None:
        return None
    along = call.static.get("axis", 0) % np.ndim(call.operands[0])
    keys = [(slice(None),) * along + (i,) for i in range(len(result))]
    return [(piece, Call("getitem", call.operands, {"key": key})) for piece, key in zip(result, keys, strict=True)]


def _broadcast_arrays(func: Any, args: Args, kwargs: Kwargs, result: Any) -> Calls | None:
    return [
        (piece, Call("broadcast_to", (x,), {"shape": np.shape(piece)})) for x, piece in zip(args, result, strict=True)
    ]


def _meshgrid(func: Any, args: Args, kwargs: Kwargs, result: Any) -> Calls | None:
    places = list(range(len(args)))
    if kwargs.get("indexing", "xy") == "xy" and len(args) > 1:
        places[:2] = [1, 0]
    static = [{"place": p, "shape": np.shape(piece)} for p, piece in zip(places, result, strict=True)]
    return [(piece, Call("grid", (x,), s)) for x, piece, s in zip(args, result, static, strict=True)]


def _divmod(func: Any, args: Args, kwargs: Kwargs, result: Any) -> Calls | None:
    return [(result[0], Call("floor_divide", args, {})), (result[1], Call("remainder", args, {}))]


def _nonzero(func: Any, args: Args, kwargs: Kwargs, result: Any) -> Calls | None:
    if len(args) != 1 or not isinstance(result, tuple):
        return None
    return [(piece, Call("nonzero", args, {"axis": i})) for i, piece in enumerate(result)]


def _atleast(func: Any, args: Args, kwargs: Kwargs, result: Any) -> Calls | None:
    if len(args) < 2:
        return None
    return [(piece, Call(func.__name__, (x,), {})) for x, piece in zip(args, result, strict=True)]


def _tolist(func: Any, args: Args, kwargs: Kwargs, result: Any) -> Calls | None:
    x = func.__self__
    if x.dtype.kind != "f":
        return None
    if x.ndim == 0:
        return [(result, Call("item", (x,), {}))]
    leaves = []
    for place in np.ndindex(*x.shape):
        leaf = result
        for i in place:
            leaf = leaf[i]
        leaves.append((leaf, Call("item", (x,), {"index": place})))
    return leaves


SPLIT = Signature("getitem", "*ary indices_or_sections axis")
UNSTACK = Signature("getitem", "*x axis")


def expanders() -> dict[Any, Expander]:
    """Return the expanders by function object."""
    table: dict[Any, Expander] = {builtins.divmod: _divmod, np.divmod: _divmod}
    rows: dict[str, Expander] = {
        "split": _split(None),
        "array_split": _split(None),
        "hsplit": _split(1),
        "vsplit": _split(0),
        "dsplit": _split(2),
        "unstack": _unstack,
        "broadcast_arrays": _broadcast_arrays,
        "meshgrid": _meshgrid,
        "nonzero": _nonzero,
        "where": _nonzero,
        "atleast_1d": _atleast,
        "atleast_2d": _atleast,
        "atleast_3d": _atleast,
    }
    for name, expander in rows.items():
        if hasattr(np, name):
            table[getattr(np, name)] = expander
    return table


METHODS: dict[str, Expander] = {
    "tolist": _tolist,
    "nonzero": lambda func, args, kwargs, result: _nonzero(func, (func.__self__,), {}, result),
}
