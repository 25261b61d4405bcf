"""The table of primitives: a name, a forward function, and its vector-Jacobian products."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpdoctor.model.record import record

__all__ = ["PRIMITIVES", "Domain", "Primitive", "Sample", "primitive", "unbroadcast", "vjp"]


@record
class Sample:
    """Operands and static arguments on which a row can be tried."""

    operands: tuple[Any, ...]
    static: dict[str, Any]


Domain = Callable[[np.random.Generator], list[Sample]]


@record
class Primitive:
    """One operation and its derivative.

    Attributes
    ----------
    name : str
        Canonical name, NumPy's where NumPy has one.
    function : callable
        ``function(*operands, **static)`` is the value.
    vjps : tuple of (callable or None)
        One for each operand: ``vjp(g, out, *operands, **static)``. `None` where the derivative is
        zero almost everywhere or the operand is not a number (a condition, an index).
    variadic : callable or None
        Instead of `vjps`, for any number of operands: ``variadic(argnum, g, out, *operands, **static)``.
    differentiable : bool
        False for steps and comparisons: the value depends on its operands, the derivative is zero.
    domain : callable or None
        ``domain(rng)`` lists samples on which the row is smooth.
    kink : callable or None
        ``kink(out, *operands, **static)`` is true where the derivative does not exist.
    """

    name: str
    function: Callable[..., Any]
    vjps: tuple[Callable[..., Any] | None, ...]
    variadic: Callable[..., Any] | None
    differentiable: bool
    domain: Domain | None
    kink: Callable[..., Any] | None


PRIMITIVES: dict[str, Primitive] = {}

# Rows of possibly a thousand operands, of which only the shapes matter: each operand is asked for in
# turn, so converting all of them every time would make the sweep quadratic.
STRUCTURAL = frozenset({"array", "stack", "concatenate"})


def primitive(
    name: str,
    function: Callable[..., Any],
    *vjps: Callable[..., Any] | None,
    variadic: Callable[..., Any] | None = None,
    differentiable: bool = True,
    domain: Domain | None = None,
    kink: Callable[..., Any] | None = None,
) -> None:
    """Add one row; a name is given once."""
    if name in PRIMITIVES:
        raise ValueError(f"primitive {name!r} is already in the table")
    PRIMITIVES[name] = Primitive(name, function, vjps, variadic, differentiable, domain, kink)


def vjp(name: str, argnum: int, g: Any, out: Any, operands: tuple[Any, ...], static: dict[str, Any]) -> Any:
    """Pull the cotangent of a primitive's value back to one of its operands.

    Parameters
    ----------
    name : str
        A key of `PRIMITIVES`.
    argnum : int
        Which operand.
    g : array or float
        Cotangent of the value, of the value's shape.
    out : array or float
        The value itself, as computed by the program.
    operands, static
        As given to the primitive. Nothing here is written to.

    Returns
    -------
    array or float or None
        A float64 cotangent of the operand's shape; `None` when it is zero. It may be a view of
        `g`, so add to it out of place.

    Notes
    -----
    Divisions by zero follow IEEE rules: sweep under ``np.errstate(all="ignore")``.
    """
    row = PRIMITIVES[name]
    if not row.differentiable:
        return None
    rule = row.variadic
    if rule is None:
        rule = row.vjps[argnum] if argnum < len(row.vjps) else None
        if rule is None:
            return None
    # a Python float would be a weak operand (float32 stays float32) and raise on division by zero
    g = np.float64(g) if type(g) is float or type(g) is int else _plain(g)
    if row.variadic is None:
        cotangent = rule(g, _plain(out), *[_plain(x) for x in operands], **static)
    elif name in STRUCTURAL:
        cotangent = rule(argnum, g, out, *operands, **static)
    else:
        cotangent = rule(argnum, g, _plain(out), *[_plain(x) for x in operands], **static)
    return None if cotangent is None else unbroadcast(cotangent, _shape(operands[argnum]))


def unbroadcast(g: Any, shape: tuple[int, ...]) -> Any:
    """Sum a cotangent over the axes along which its operand was stretched."""
    given = _shape(g)
    if given == shape:
        return g
    extra = len(given) - len(shape)
    if extra > 0:
        g = g.sum(axis=tuple(range(extra)))
    stretched = tuple(i for i, n in enumerate(shape) if n == 1 and g.shape[i] != 1) if extra >= 0 else ()
    if stretched:
        g = g.sum(axis=stretched, keepdims=True)
    # a rule may answer with less than the operand's shape: the same cotangent for every element
    return g if g.shape == shape else np.broadcast_to(g, shape)


def _shape(x: Any) -> tuple[int, ...]:
    try:
        shape: tuple[int, ...] = x.shape
    except AttributeError:
        return () if isinstance(x, (float, int)) or x is None else np.shape(x)
    return shape


def _plain(x: Any) -> Any:
    """Strip np.matrix (whose ``*`` is a matrix product) and lift narrow floats to float64."""
    kind = type(x)
    if kind is float or kind is int:
        return x
    if kind is np.ndarray or kind is np.float64:
        return x.astype(np.float64) if x.dtype.char in "efg" else x
    if isinstance(x, np.ndarray):
        return _plain(np.asarray(x))
    if isinstance(x, np.floating):
        return np.float64(x)
    if isinstance(x, (list, tuple)):
        return np.asarray(x)
    return x
