"""NumPy's ufuncs and their methods (reduce, accumulate, outer, at)."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..calls import Binder, Call, Signature
from ..registry import PRIMITIVES

OPTIONS = "out> where! dtype~ casting- order- subok- signature- extobj-"
ALIASES = {
    "conjugate": "real",
    "float_power": "power",
    "degrees": "rad2deg",
    "radians": "deg2rad",
    "true_divide": "divide",
}
REDUCED = {
    "add": "sum",
    "multiply": "prod",
    "maximum": "max",
    "minimum": "min",
    "logaddexp": "logsumexp",
    "logical_and": "all",
    "logical_or": "any",
}
ACCUMULATED = {"add": "cumsum", "multiply": "cumprod"}


def ufunc_binders() -> dict[Any, Binder]:
    """Return a binder for every ufunc of NumPy that has a row."""
    table: dict[Any, Binder] = {}
    for ufunc in list(vars(np).values()):  # not dir(np): that would import numpy.testing and its like
        if not isinstance(ufunc, np.ufunc):
            continue
        name = ALIASES.get(ufunc.__name__, ufunc.__name__)
        if name in PRIMITIVES and ufunc.nout == 1:
            table[ufunc] = _binder(name, ufunc)
    return table


def _binder(name: str, ufunc: np.ufunc) -> Binder:
    operands = " ".join(f"*x{i}" for i in range(ufunc.nin))
    return Signature(name, f"{operands} {OPTIONS}")


def bind_ufunc_method(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call | None:
    """Bind ``np.add.reduce`` and its kin."""
    rule = METHODS.get(func.__name__)
    return None if rule is None else rule(func.__self__.__name__, args, kwargs)


def _reduce(ufunc: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call | None:
    name = REDUCED.get(ufunc)
    call = REDUCE(None, args, kwargs) if name else None
    if call is None or name is None:
        return None
    # unlike np.sum, reduce goes over the first axis unless told otherwise
    return Call(name, call.operands, {"axis": 0, **call.static}, call.writes)


def _accumulate(ufunc: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call | None:
    name = ACCUMULATED.get(ufunc)
    call = ACCUMULATE(None, args, kwargs) if name else None
    if call is None or name is None:
        return None
    return Call(name, call.operands, {"axis": 0, **call.static}, call.writes)


def _outer(ufunc: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call | None:
    name = ALIASES.get(ufunc, ufunc)
    if len(args) != 2 or kwargs or name not in PRIMITIVES:
        return None
    return Call("ufunc-outer", args, {"name": name})


def _at(ufunc: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call | None:
    if len(args) != 3 or kwargs or not isinstance(args[0], np.ndarray):
        return None
    name = {"add": "add_at", "subtract": "subtract_at"}.get(ufunc)
    if name is None:
        return Call("ufunc-at", (args[0], args[2]), {"key": args[1], "name": ufunc}, args[0])
    return Call(name, (args[0], args[2]), {"key": args[1]}, args[0])


REDUCE = Signature("", "*array axis dtype~ out> keepdims initial! where!")
ACCUMULATE = Signature("", "*array axis dtype~ out>")
METHODS = {"reduce": _reduce, "accumulate": _accumulate, "outer": _outer, "at": _at}
