"""Modules that are not installed and may not be needed: importing one is no use of it yet."""

from __future__ import annotations

import dis
import sys
import types
from typing import Any


class MissingModule(types.ModuleType):
    """A module that is not installed: its names may be imported, and whoever uses one is told that it is missing.

    Parameters
    ----------
    name : str
    unused : list of str
        Packages of which nothing was used; this one is taken out where that is not so.
    """

    def __init__(self, name: str, unused: list[str]) -> None:
        super().__init__(name)
        self.__dict__["__bp_unused__"] = unused

    def __getattr__(self, name: str) -> Any:
        frame = sys._getframe(1)
        imported = "importlib" in frame.f_code.co_filename
        if imported and name.startswith("__") and name != "__all__":
            raise AttributeError(name)
        if name != "__all__" and (imported or dis.opname[frame.f_code.co_code[frame.f_lasti]] == "IMPORT_FROM"):
            return Missing(self)
        raise self.missing()

    def missing(self) -> ModuleNotFoundError:
        """The error that importing it would have raised."""
        package, unused = self.__name__.partition(".")[0], self.__dict__["__bp_unused__"]
        if package in unused:
            unused.remove(package)
        return ModuleNotFoundError(f"No module named {package!r}", name=package)


def _used(self: Any, *args: Any, **options: Any) -> Any:
    raise object.__getattribute__(self, "module").missing()


class Missing:
    """A name of a module that is not installed; every use of it says so."""

    def __init__(self, module: MissingModule) -> None:
        object.__setattr__(self, "module", module)

    def __getattribute__(self, name: str) -> Any:
        return object.__getattribute__(self, name) if name.startswith("__") else _used(self)

    __call__ = __getitem__ = __iter__ = __enter__ = __len__ = __bool__ = __mro_entries__ = __instancecheck__ = _used
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _used
    __matmul__ = __rmatmul__ = __pow__ = __rpow__ = __neg__ = __float__ = __int__ = __array__ = _used


def forget() -> None:
    """Take stand-ins for what is not installed out of the modules that were imported."""
    for name in [n for n, module in sys.modules.items() if isinstance(module, MissingModule)]:
        del sys.modules[name]
