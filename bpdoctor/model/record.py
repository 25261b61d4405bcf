"""Frozen, slotted dataclasses that cost little to define.

`dataclass` writes and compiles six methods for every frozen class; for as many classes as are imported here, that takes
as long as importing NumPy. Of a record only `__init__` is compiled; the others are the same functions for all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import FrozenInstanceError, dataclass, field
from typing import Any, TypeVar, dataclass_transform, overload

T = TypeVar("T")


@overload
def record(cls: type[T], /) -> type[T]: ...
@overload
def record(*, eq: bool) -> Callable[[type[T]], type[T]]: ...
@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(cls: type[Any] | None = None, /, *, eq: bool = True) -> Any:
    """Make a class a dataclass whose fields are written once; `eq` compares and hashes by the fields."""
    if cls is None:
        return lambda cls: _made(cls, eq)
    return _made(cls, eq)


def _made(cls: type[Any], eq: bool) -> type[Any]:
    shared = (_SHARED | _COMPARED) if eq else _SHARED
    for name, method in shared.items():
        if name not in cls.__dict__:
            setattr(cls, name, method)
    cls.__doc__ = cls.__doc__ or cls.__name__  # else the dataclass would look for a signature to put there
    return dataclass(slots=True, eq=False, repr=False)(cls)


def _write_once(self: Any, name: str, value: Any) -> None:
    if hasattr(self, name):
        raise FrozenInstanceError(f"cannot assign to field {name!r}")
    object.__setattr__(self, name, value)


def _keep(self: Any, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _written(self: Any) -> str:
    inside = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__dataclass_fields__)
    return f"{type(self).__qualname__}({inside})"


def _values(self: Any) -> tuple[Any, ...]:
    return tuple(getattr(self, name) for name in self.__dataclass_fields__)


def _equal(self: Any, other: object) -> bool:
    return _values(self) == _values(other) if type(other) is type(self) else NotImplemented


def _hashed(self: Any) -> int:
    return hash(_values(self))


_SHARED = {"__setattr__": _write_once, "__delattr__": _keep, "__repr__": _written}
_COMPARED = {"__eq__": _equal, "__hash__": _hashed}
