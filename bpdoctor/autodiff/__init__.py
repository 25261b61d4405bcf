"""The derivative table: one row for each primitive, and how calls of a program map to rows."""

from . import primitives  # noqa: F401  (fills the table)
from .binding import Call, bind, expand, is_known_constant_maker, unnest
from .registry import PRIMITIVES, Primitive, Sample, vjp

__all__ = [
    "PRIMITIVES",
    "Call",
    "Primitive",
    "Sample",
    "bind",
    "expand",
    "is_known_constant_maker",
    "unnest",
    "vjp",
]
