"""Methods of arrays and scalars, by name: the operand is the object before the dot."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..calls import Binder, Call, Signature, operation

Args = tuple[Any, ...]
Kwargs = dict[str, Any]

REDUCTION = "*a axis dtype~ out> keepdims initial! where!"

METHODS = f"""
sum        | {REDUCTION}
prod       | {REDUCTION}
mean       | *a axis dtype~ out> keepdims where!
var        | *a axis dtype~ out> ddof keepdims where! mean! correction=ddof
std        | *a axis dtype~ out> ddof keepdims where! mean! correction=ddof
max        | *a axis out> keepdims initial! where!
min        | *a axis out> keepdims initial! where!
ptp        | *a axis out> keepdims
argmax     | *a axis out> keepdims
argmin     | *a axis out> keepdims
argsort    | *a axis kind- order! stable-
all        | *a axis out> keepdims where!
any        | *a axis out> keepdims where!
cumsum     | *a axis dtype~ out>
cumprod    | *a axis dtype~ out>
round      | *a decimals out>
dot        | *a *b out>
trace      | *a offset axis1 axis2 dtype~ out>
diagonal   | *a offset axis1 axis2
swapaxes   | *a axis1 axis2
ravel      | *a order
flatten    | *a order
squeeze    | *a axis
repeat     | *a repeats axis
take       | *a indices axis out> mode
compress   | *a condition axis out>
copy       | *a order-
searchsorted | *a *v side sorter
"""


def _transpose(x: Any, args: Args, kwargs: Kwargs) -> Call | None:
    axes = args[0] if len(args) == 1 and not isinstance(args[0], (int, np.integer)) else args or None
    return None if kwargs else Call("transpose", (x,), {} if axes is None else {"axes": axes})


def _reshape(x: Any, args: Args, kwargs: Kwargs) -> Call | None:
    if not set(kwargs) <= {"order", "copy", "shape"}:
        return None
    given = args or (kwargs["shape"],)
    shape = given[0] if len(given) == 1 else given
    return Call("reshape", (x,), {"shape": shape, **({"order": kwargs["order"]} if "order" in kwargs else {})})


def _astype(x: Any, args: Args, kwargs: Kwargs) -> Call | None:
    dtype = args[0] if args else kwargs["dtype"]
    numeric = np.issubdtype(dtype, np.number) or np.issubdtype(dtype, np.bool_)
    return Call("astype", (x,), {"dtype": dtype}) if numeric else None


def _item(x: Any, args: Args, kwargs: Kwargs) -> Call | None:
    return None if kwargs else Call("item", (x,), {"index": args} if args else {})


def _fill(x: Any, args: Args, kwargs: Kwargs) -> Call | None:
    return Call("fill", (x, args[0] if args else kwargs["value"]), {}, x)


def _sort(x: Any, args: Args, kwargs: Kwargs) -> Call | None:
    call = SORT(None, (x, *args), kwargs)
    return None if call is None else Call("sort", call.operands, call.static, x)


def _partition(x: Any, args: Args, kwargs: Kwargs) -> Call | None:
    call = PARTITION(None, (x, *args), kwargs)
    return None if call is None else Call("partition", call.operands, call.static, x)


def _put(x: Any, args: Args, kwargs: Kwargs) -> Call | None:
    call = PUT(None, (x, *args), kwargs)
    return None if call is None else Call("put", call.operands, call.static, x)


def _clip(x: Any, args: Args, kwargs: Kwargs) -> Call | None:
    call = CLIP(None, (x, *args), kwargs)
    if call is None:
        return None
    return Call("clip", (x, call.static.get("min"), call.static.get("max")), {}, call.writes)


def _choose(x: Any, args: Args, kwargs: Kwargs) -> Call | None:
    call = CHOOSE(None, (x, *args), kwargs)
    if call is None or not isinstance(call.operands[1], (list, tuple)):
        return None
    return Call("choose", (x, *call.operands[1]), call.static, call.writes)


def _unary(name: str) -> Any:
    return lambda x, args, kwargs: None if args or kwargs else Call(name, (x,), {})


def _operator(name: str) -> Any:
    return lambda x, args, kwargs: operation(name, x, args[0]) if len(args) == 1 and not kwargs else None


def _reflected(name: str) -> Any:
    return lambda x, args, kwargs: operation(name, args[0], x) if len(args) == 1 and not kwargs else None


SORT = Signature("sort", "*a axis kind- order! stable-")
PARTITION = Signature("partition", "*a kth axis kind- order!")
PUT = Signature("put", "*a indices *values mode")
CLIP = Signature("clip", "*a min max out> where! dtype~ casting-")
CHOOSE = Signature("choose", "*a *choices out> mode")

# getA, getA1, getI and getT of np.matrix are the getters of its attributes, and named after them
SPECIAL: dict[str, Any] = {
    "transpose": _transpose,
    "reshape": _reshape,
    "astype": _astype,
    "item": _item,
    "fill": _fill,
    "sort": _sort,
    "partition": _partition,
    "put": _put,
    "clip": _clip,
    "choose": _choose,
    "conj": _unary("real"),
    "conjugate": _unary("real"),
    "__abs__": _unary("absolute"),
    "__neg__": _unary("negative"),
    "__pos__": _unary("positive"),
    "__float__": _unary("float"),
    "__copy__": _unary("copy"),
    "A": _unary("asarray"),
    "A1": _unary("ravel"),
    "I": _unary("linalg.pinv"),
    "T": _unary("transpose"),
    "__getitem__": lambda x, args, kwargs: Call("getitem", (x,), {"key": args[0]}),
    "__setitem__": lambda x, args, kwargs: Call("setitem", (x, args[1]), {"key": args[0]}, x),
}
OPERATORS = {
    "add": "add",
    "sub": "subtract",
    "mul": "multiply",
    "truediv": "divide",
    "floordiv": "floor_divide",
    "mod": "remainder",
    "pow": "power",
    "matmul": "matmul",
}
for _spelled, _name in OPERATORS.items():
    SPECIAL[f"__{_spelled}__"] = _operator(_name)
    SPECIAL[f"__r{_spelled}__"] = _reflected(_name)

SIGNATURES: dict[str, Binder] = {}
for _line in METHODS.strip().splitlines():
    _word, _parameters = (part.strip() for part in _line.split("|"))
    SIGNATURES[_word] = Signature(_word, _parameters)


def bind_method(func: Any, args: Args, kwargs: Kwargs) -> Call | None:
    """Bind a bound method of an ndarray, np.matrix, NumPy scalar or float."""
    x, name = func.__self__, func.__name__
    if name == "ravel" and type(x) is np.matrix:
        name = "flatten"  # a matrix stays one; only np.ravel makes a vector of it
    signature = SIGNATURES.get(name)
    if signature is not None:
        return signature(func, (x, *args), kwargs)
    special = SPECIAL.get(name)
    call: Call | None = None if special is None else special(x, args, kwargs)
    return call
