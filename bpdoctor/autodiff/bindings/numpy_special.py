"""NumPy's functions whose arguments need more than a signature: sequences, strings, in-place writes."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..calls import Binder, Call, Signature, unnest

Args = tuple[Any, ...]
Kwargs = dict[str, Any]


def _sequence(name: str, parameters: str) -> Binder:
    """Return a binder for a function of a sequence of arrays."""
    signature = Signature(name, parameters)

    def bind(func: Any, args: Args, kwargs: Kwargs) -> Call | None:
        call = signature(func, args, kwargs)
        if call is None:
            return None
        parts = call.operands[0]
        if isinstance(parts, np.ndarray):
            # iterating it would make new views: keep the user's object as the operand
            return Call("joined", call.operands, {"how": name, **call.static}, call.writes)
        if not isinstance(parts, (list, tuple)) or not parts:
            return None
        return Call(name, tuple(parts), call.static, call.writes)

    return bind


def _subscripted(name: str) -> Binder:
    """Return a binder for ``np.c_[x, y]``: the parts between the brackets are the arguments."""

    def bind(func: Any, args: Args, kwargs: Kwargs) -> Call | None:
        known = all(isinstance(part, (np.ndarray, np.generic, float, int)) for part in args)
        return Call(name, args, {}) if known else None

    return bind


def _array(func: Any, args: Args, kwargs: Kwargs) -> Call | None:
    call = ARRAY(func, args, kwargs)
    if call is None:
        return None
    value, static = call.operands[0], call.static
    dtype = static.get("dtype")
    if dtype is not None and not np.issubdtype(dtype, np.number):
        return None
    if isinstance(value, (list, tuple)):
        leaves, structure = unnest(value)
        return Call("array", leaves, {"structure": structure, **static})
    if static.get("ndmin"):
        return Call("array", (value,), {"structure": None, **static})
    if dtype is not None:
        return Call("astype", (value,), {"dtype": dtype})
    return Call("copy" if func is np.array else "asarray", (value,), {})


def _asarray(func: Any, args: Args, kwargs: Kwargs) -> Call | None:
    return _array(func, args, {("object" if key == "a" else key): value for key, value in kwargs.items()})


def _matrix(func: Any, args: Args, kwargs: Kwargs) -> Call | None:
    if not args or isinstance(args[0], str) or not set(kwargs) <= {"copy", "dtype"}:
        return None
    return Call("matrix", args[:1], {})


def _where(func: Any, args: Args, kwargs: Kwargs) -> Call | None:
    return Call("where", args, {}) if len(args) == 3 and not kwargs else None


def _select(func: Any, args: Args, kwargs: Kwargs) -> Call | None:
    call = SELECT(func, args, kwargs)
    if call is None:
        return None
    conditions, choices, *default = call.operands
    return Call("select", (*conditions, *choices, *(default or [0])), {"count": len(conditions)})


def _choose(func: Any, args: Args, kwargs: Kwargs) -> Call | None:
    call = CHOOSE(func, args, kwargs)
    if call is None or not isinstance(call.operands[1], (list, tuple)):
        return None
    return Call("choose", (call.operands[0], *call.operands[1]), call.static, call.writes)


def _einsum(func: Any, args: Args, kwargs: Kwargs) -> Call | None:
    if not set(kwargs) <= {"optimize", "out"} or not args:
        return None
    if isinstance(args[0], str):
        return Call("einsum", args[1:], {"subscripts": args[0]}, kwargs.get("out"))
    # np.einsum(a, [0, 1], b, [1, 2], [0, 2]): numbers are labels
    operands, labels = args[0 : len(args) // 2 * 2 : 2], args[1::2]
    terms = ",".join(_letters(part) for part in labels)
    result = f"->{_letters(args[-1])}" if len(args) % 2 else ""
    return Call("einsum", operands, {"subscripts": terms + result}, kwargs.get("out"))


def _letters(part: Any) -> str:
    return "".join("..." if label is Ellipsis else chr(ord("a") + int(label)) for label in part)


def _multi_dot(func: Any, args: Args, kwargs: Kwargs) -> Call | None:
    if len(args) != 1 or not isinstance(args[0], (list, tuple)):
        return None
    return Call("linalg.multi_dot", tuple(args[0]), {}, kwargs.get("out"))


def _average(func: Any, args: Args, kwargs: Kwargs) -> Call | None:
    call = AVERAGE(func, args, kwargs)
    if call is None or call.static.pop("returned", False):
        return None
    weights = call.static.pop("weights", None)
    if weights is None:
        return Call("mean", call.operands, call.static)
    return Call("average", (*call.operands, weights), call.static)


def _insert(func: Any, args: Args, kwargs: Kwargs) -> Call | None:
    call = INSERT(func, args, kwargs)
    return call if call is not None and len(call.operands) == 2 else None


def _full(func: Any, args: Args, kwargs: Kwargs) -> Call | None:
    call = FULL(func, args, kwargs)
    return call if call is None or "shape" in call.static else None


def _full_like(func: Any, args: Args, kwargs: Kwargs) -> Call | None:
    call = FULL_LIKE(func, args, kwargs)
    if call is None:
        return None
    like = call.static.pop("a", None)
    shape = call.static.get("shape")
    return Call("full", call.operands, {"shape": np.shape(like) if shape is None else shape})


def _percentile(func: Any, args: Args, kwargs: Kwargs) -> Call | None:
    call = PERCENTILE(func, args, kwargs)
    if call is None or "q" not in call.static:
        return None
    fraction = np.true_divide(call.static["q"], 100.0)
    return Call("quantile", call.operands, {**call.static, "q": fraction}, call.writes)


def _atleast(func: Any, args: Args, kwargs: Kwargs) -> Call | None:
    return Call(func.__name__, args, {}) if len(args) == 1 and not kwargs else None


def _block(func: Any, args: Args, kwargs: Kwargs) -> Call | None:
    if len(args) != 1 or not isinstance(args[0], (list, tuple)):
        return None
    leaves, structure = unnest(args[0])
    return Call("block", leaves, {"structure": structure})


def _written(name: str, parameters: str) -> Binder:
    """Return a binder for a function that overwrites its first operand."""
    signature = Signature(name, parameters)

    def bind(func: Any, args: Args, kwargs: Kwargs) -> Call | None:
        call = signature(func, args, kwargs)
        if call is None or len(call.operands) < 2:
            return None
        return Call(name, call.operands, call.static, call.operands[0])

    return bind


def _put_along_axis(func: Any, args: Args, kwargs: Kwargs) -> Call | None:
    call = PUT_ALONG(func, args, kwargs)
    return None if call is None else Call(call.name, call.operands, {"axis": None, **call.static}, call.operands[0])


def _nan_to_num(func: Any, args: Args, kwargs: Kwargs) -> Call | None:
    call = NAN_TO_NUM(func, args, kwargs)
    if call is None:
        return None
    in_place = call.static.pop("copy", True) is False
    return Call(call.name, call.operands, call.static, call.operands[0] if in_place else None)


def _clip(func: Any, args: Args, kwargs: Kwargs) -> Call | None:
    call = CLIP(func, args, kwargs)
    if call is None:
        return None
    bounds = [call.static.pop(key, None) for key in ("a_min", "a_max")]
    newer = [call.static.pop(key, None) for key in ("min", "max")]  # NumPy 2.1 and the method
    low, high = (a if a is not None else b for a, b in zip(bounds, newer, strict=True))
    return Call("clip", (*call.operands, low, high), {}, call.writes)


def _as_strided(func: Any, args: Args, kwargs: Kwargs) -> Call | None:
    call = AS_STRIDED(func, args, kwargs)
    if call is None or not isinstance(call.operands[0], np.ndarray):
        return None
    x = call.operands[0]
    shape, strides = (call.static.get(key) for key in ("shape", "strides"))
    static = {"shape": x.shape if shape is None else tuple(shape), "layout": x.strides}
    return Call("as_strided", (x,), {**static, "strides": x.strides if strides is None else tuple(strides)})


def _convolution(name: str) -> Binder:
    """Return a binder for np.convolve or np.correlate, whose "same" follows the longer operand."""
    signature = Signature(name, "*a *v mode")

    def bind(func: Any, args: Args, kwargs: Kwargs) -> Call | None:
        call = signature(func, args, kwargs)
        return None if call is None else Call(name, call.operands, {**call.static, "centre": "longer"})

    return bind


ARRAY = Signature("array", "*object dtype copy- order- subok- ndmin like- device-")
SELECT = Signature("select", "*condlist *choicelist *default")
CHOOSE = Signature("choose", "*a *choices out> mode")
AVERAGE = Signature("average", "*a axis weights returned keepdims")
INSERT = Signature("insert", "*arr obj *values axis")
FULL = Signature("full", "shape *fill_value dtype~ order- device- like-")
FULL_LIKE = Signature("full", "a *fill_value dtype~ order- subok- shape device-")
PERCENTILE = Signature("quantile", "*a q axis out> overwrite_input- method! keepdims weights! interpolation!")
PUT_ALONG = Signature("put_along_axis", "*arr indices *values axis mode-")
NAN_TO_NUM = Signature("nan_to_num", "*x copy nan posinf neginf")
AS_STRIDED = Signature("as_strided", "*x shape strides subok- writeable-")
CLIP = Signature("clip", "*a a_min a_max out> min max where! dtype~ casting- order- subok-")

SPECIAL: dict[str, Binder] = {
    "concatenate": _sequence("concatenate", "*arrays axis out> dtype~ casting-"),
    "concat": _sequence("concatenate", "*arrays axis out> dtype~ casting-"),
    "stack": _sequence("stack", "*arrays axis out> dtype~ casting-"),
    "vstack": _sequence("vstack", "*tup dtype~ casting-"),
    "row_stack": _sequence("vstack", "*tup dtype~ casting-"),
    "hstack": _sequence("hstack", "*tup dtype~ casting-"),
    "dstack": _sequence("dstack", "*tup"),
    "column_stack": _sequence("column_stack", "*tup"),
    "r_": _subscripted("r_"),
    "c_": _subscripted("c_"),
    "block": _block,
    "array": _array,
    "astype": lambda func, args, kwargs: _array(np.array, args[:1], {"dtype": args[1], **kwargs}),
    "asarray": _asarray,
    "asanyarray": _asarray,
    "matrix": _matrix,
    "asmatrix": _matrix,
    "where": _where,
    "select": _select,
    "choose": _choose,
    "einsum": _einsum,
    "linalg.multi_dot": _multi_dot,
    "average": _average,
    "insert": _insert,
    "full": _full,
    "full_like": _full_like,
    "percentile": _percentile,
    "atleast_1d": _atleast,
    "atleast_2d": _atleast,
    "atleast_3d": _atleast,
    "put": _written("put", "*a ind=indices *v mode"),
    "copyto": _written("copyto", "*dst *src casting- where"),
    "place": _written("place", "*arr mask *vals"),
    "putmask": _written("putmask", "*a mask *values"),
    "fill_diagonal": _written("fill_diagonal", "*a *val wrap"),
    "put_along_axis": _put_along_axis,
    "nan_to_num": _nan_to_num,
    "clip": _clip,
    "lib.stride_tricks.as_strided": _as_strided,
    "convolve": _convolution("convolve"),
    "correlate": _convolution("correlate"),
}


def special_binders() -> dict[Any, Binder]:
    """Return the binders of this file by function object."""
    table: dict[Any, Binder] = {}
    for spelled, binder in SPECIAL.items():
        found: Any = np
        for part in spelled.split("."):
            found = getattr(found, part, None)
        if found is not None:
            table[found] = binder
    return table
