"""Built-in functions, math and operator."""

from __future__ import annotations

import builtins
import math
import operator
from typing import Any

import numpy as np

from ..calls import Binder, Call, nested_shape, operation

Args = tuple[Any, ...]
Kwargs = dict[str, Any]

# spelled=primitive, or one word where they agree
UNARY = {
    math: "exp exp2 expm1 log2 log10 log1p sqrt cbrt sin cos tan sinh cosh tanh floor ceil trunc fabs "
    "erf erfc gamma isnan isfinite isinf asin=arcsin acos=arccos atan=arctan asinh=arcsinh acosh=arccosh "
    "atanh=arctanh lgamma=gammaln degrees=rad2deg radians=deg2rad",
    operator: "neg=negative pos=positive abs=absolute not_=logical_not invert",
    builtins: "abs=absolute",
}
BINARY = {
    math: "pow=power atan2=arctan2 fmod copysign",
    operator: "add sub=subtract mul=multiply truediv=divide floordiv=floor_divide mod=remainder pow=power "
    "matmul lt=less le=less_equal gt=greater ge=greater_equal eq=equal ne=not_equal and_=bitwise_and "
    "or_=bitwise_or xor=bitwise_xor",
    builtins: "pow=power",
}
IN_PLACE = (
    "iadd=add isub=subtract imul=multiply itruediv=divide ifloordiv=floor_divide imod=remainder ipow=power "
    "imatmul=matmul"
)


def _unary(name: str) -> Binder:
    return lambda func, args, kwargs: None if kwargs or len(args) != 1 else Call(name, args, {})


def _binary(name: str) -> Binder:
    return lambda func, args, kwargs: None if kwargs or len(args) != 2 else operation(name, *args)


def _in_place(name: str) -> Binder:
    def bind(func: Any, args: Args, kwargs: Kwargs) -> Call | None:
        if len(args) != 2:
            return None
        # a number is replaced, an array overwritten
        return operation(name, *args, writes=args[0] if isinstance(args[0], np.ndarray) else None)

    return bind


def _sum(func: Any, args: Args, kwargs: Kwargs) -> Call | None:
    start = args[1] if len(args) > 1 else kwargs.get("start", 0)
    terms = args[0]
    if not isinstance(terms, (list, tuple, np.ndarray)) or len(args) > 2:
        return None
    none = type(start) is int and start == 0
    if not isinstance(terms, np.ndarray) and nested_shape(terms) is None:
        # terms of unlike shapes make no array: they broadcast as they are added
        if any(isinstance(t, (list, tuple)) for t in terms):
            return None
        return Call("add-all", tuple(terms) if none else (*terms, start), {})
    return Call("array-sum", (terms,) if none else (terms, start), {})


def _extreme(name: str, pairwise: str) -> Binder:
    def bind(func: Any, args: Args, kwargs: Kwargs) -> Call | None:
        if kwargs or not args:
            return None
        if len(args) == 2:
            return Call(pairwise, args, {})
        values = args[0] if len(args) == 1 else args
        if isinstance(values, np.ndarray):
            return Call(name, (values,), {}) if values.ndim == 1 else None
        shape = nested_shape(values) if isinstance(values, (list, tuple)) else None
        # lists of lists compare by their first unlike element, which is no maximum of numbers
        return Call(name, (values,), {}) if shape is not None and len(shape) == 1 and shape[0] else None

    return bind


def _nested(name: str, count: int = 1) -> Binder:
    def bind(func: Any, args: Args, kwargs: Kwargs) -> Call | None:
        if kwargs or len(args) != count or not all(isinstance(a, (list, tuple, np.ndarray)) for a in args):
            return None
        return Call(name, args, {})

    return bind


def _log(func: Any, args: Args, kwargs: Kwargs) -> Call | None:
    return Call("log" if len(args) == 1 else "log-base", args, {}) if len(args) in (1, 2) and not kwargs else None


def _round(func: Any, args: Args, kwargs: Kwargs) -> Call | None:
    digits = args[1] if len(args) > 1 else kwargs.get("ndigits")
    return Call("round", args[:1], {"decimals": 0 if digits is None else digits})


def _cast(name: str) -> Binder:
    def bind(func: Any, args: Args, kwargs: Kwargs) -> Call | None:
        if len(args) != 1 or kwargs or isinstance(args[0], (str, bytes)):
            return None
        return Call(name, args, {})

    return bind


def _scalar_type(func: Any, args: Args, kwargs: Kwargs) -> Call | None:
    if len(args) != 1 or kwargs or isinstance(args[0], (str, bytes)):
        return None
    return Call("astype", args, {"dtype": func})


def _hypot(func: Any, args: Args, kwargs: Kwargs) -> Call | None:
    if kwargs or not args:
        return None
    return Call("hypot", args, {}) if len(args) == 2 else Call("linalg.norm", (args,), {})


def _getitem(func: Any, args: Args, kwargs: Kwargs) -> Call | None:
    if len(args) != 2 or not isinstance(args[0], (np.ndarray, np.generic)):
        return None  # of a list or a dict: no new number is made
    return Call("getitem", args[:1], {"key": args[1]})


def _setitem(func: Any, args: Args, kwargs: Kwargs) -> Call | None:
    if len(args) != 3 or not isinstance(args[0], np.ndarray):
        return None
    return Call("setitem", (args[0], args[2]), {"key": args[1]}, args[0])


def _rows(module: Any, words: str, make: Any) -> dict[Any, Binder]:
    table: dict[Any, Binder] = {}
    for word in words.split():
        spelled, _, name = word.partition("=")
        found = getattr(module, spelled, None)
        if found is not None:
            table[found] = make(name or spelled)
    return table


def python_binders() -> dict[Any, Binder]:
    """Return binders for built-ins, math and operator."""
    table: dict[Any, Binder] = {}
    for module, words in UNARY.items():
        table |= _rows(module, words, _unary)
    for module, words in BINARY.items():
        table |= _rows(module, words, _binary)
    table |= _rows(operator, IN_PLACE, _in_place)
    table |= {
        builtins.sum: _sum,
        math.fsum: _sum,
        builtins.max: _extreme("max", "maximum"),
        builtins.min: _extreme("min", "minimum"),
        builtins.round: _round,
        builtins.float: _cast("float"),
        builtins.int: _cast("int"),
        math.log: _log,
        math.prod: _nested("prod"),
        math.hypot: _hypot,
        math.dist: _nested("distance", 2),
        operator.getitem: _getitem,
        operator.setitem: _setitem,
    }
    if hasattr(math, "sumprod"):
        table[math.sumprod] = _nested("dot", 2)
    for kind in (np.float16, np.float32, np.float64, np.longdouble, np.int32, np.int64):
        table[kind] = _scalar_type
    return table
