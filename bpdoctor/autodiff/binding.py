"""From a call in the user's program to a row of the table.

``bind`` is asked about every call that is recorded, so it is one dictionary look-up by function
object and a precomputed plan for the spelling. It answers None for whatever it does not know; the
recorder then says so, and nothing is ever guessed.
"""

from __future__ import annotations

from types import BuiltinMethodType, MethodType, MethodWrapperType
from typing import Any

import numpy as np

from . import primitives  # noqa: F401  (ufuncs are bound only where they have a row)
from .bindings.constants import constant_makers, is_random
from .bindings.methods import bind_method
from .bindings.numpy_functions import numpy_binders
from .bindings.numpy_special import special_binders
from .bindings.python import python_binders
from .bindings.scipy_functions import scipy_binders
from .bindings.several import METHODS, expanders
from .bindings.ufuncs import bind_ufunc_method, ufunc_binders
from .calls import Binder, Call, unnest

__all__ = ["Call", "bind", "expand", "is_known_constant_maker", "register", "unnest"]

_BINDERS: dict[Any, Binder] = {**numpy_binders(), **ufunc_binders(), **python_binders(), **special_binders()}
_OURS: dict[Any, Binder] = {}
_EXPANDERS = expanders()
_CONSTANT = constant_makers()
_registered: set[str] = set()  # parts of SciPy whose functions are in _BINDERS


def bind(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call | None:
    """Say which primitive a call applies, to which operands.

    Parameters
    ----------
    func : callable
        A NumPy or SciPy function, ufunc or ufunc method, a function of math, operator or builtins,
        or a bound method of an array or a number.
    args, kwargs
        As the program passed them. Iterators must have been turned into lists.

    Returns
    -------
    Call or None
        None when the call is unknown or spelled in a way whose derivative is not known
        (``where=``, an integer ``dtype=``). It never raises.

    Examples
    --------
    >>> x = np.ones((2, 3))
    >>> call = bind(x.sum, (0,), {})
    >>> call.name, call.static, call.operands[0] is x
    ('sum', {'axis': 0}, True)
    """
    try:
        binder = _BINDERS.get(func)
        if binder is None:
            binder = _other(func)
        return None if binder is None else binder(func, args, kwargs)
    except Exception:  # odd arguments are the user's program's business, and it will raise by itself
        return None


def register(func: Any, binder: Binder) -> None:
    """Bind one more function, that no program can name."""
    _OURS[func] = binder


def _other(func: Any) -> Binder | None:
    """Return the binder of a bound method, of one of our own, or of a function of SciPy seen for the first time."""
    if func in _OURS:
        return _OURS[func]
    owner = getattr(func, "__self__", None)
    if isinstance(func, (BuiltinMethodType, MethodWrapperType)):
        if isinstance(owner, (np.ndarray, np.generic, float)):
            return bind_method
        if isinstance(owner, np.ufunc):
            return bind_ufunc_method
    if isinstance(func, MethodType) and type(owner) is np.matrix:
        return bind_method
    if isinstance(owner, (np.random.Generator, np.random.RandomState)):
        return _bind_random
    found = scipy_binders(_registered)
    _BINDERS.update(found)
    return found.get(func)


def _bind_random(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call | None:
    if not args or not isinstance(args[0], np.ndarray):
        return None
    axis = args[1] if len(args) > 1 else kwargs.get("axis", 0)
    if func.__name__ == "shuffle":
        return Call("shuffle", args[:1], {"axis": axis}, args[0])
    if func.__name__ == "permutation":
        return Call("shuffle", args[:1], {"axis": axis})
    return None


def is_known_constant_maker(func: Any) -> bool:
    """Tell whether a function's result depends on the value of no operand (zeros, ranges, random draws)."""
    try:
        return func in _CONSTANT or is_random(func)
    except TypeError:  # unhashable
        return False


def expand(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> list[tuple[Any, Call]] | None:
    """Bind a call that returned several arrays: one pair (array, call) for each, else None.

    Examples
    --------
    >>> x = np.arange(4.0)
    >>> [call.static["key"] for _, call in expand(np.split, (x, 2), {}, np.split(x, 2))]
    [(slice(0, 2, None),), (slice(2, 4, None),)]
    """
    try:
        expander = _EXPANDERS.get(func)
        if expander is None and isinstance(getattr(func, "__self__", None), np.ndarray):
            expander = METHODS.get(func.__name__)
        return None if expander is None else expander(func, args, kwargs, result)
    except Exception:  # as in bind
        return None
