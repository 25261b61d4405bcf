"""Names that NumPy, SciPy and the standard library had once and programs still use."""

from __future__ import annotations

import builtins
import collections
import collections.abc
import importlib
import importlib.machinery
import itertools
import math
import sys
import time
import types
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from bpdoctor.observe.finder import Finder

_SPELLED = {
    "float_": "float64", "complex_": "complex128", "unicode_": "str_", "string_": "bytes_", "row_stack": "vstack",
    "product": "prod", "cumproduct": "cumprod", "alltrue": "all", "sometrue": "any", "in1d": "isin",
    "trapz": "trapezoid", "mat": "asmatrix", "round_": "round", "NaN": "nan", "NAN": "nan", "Inf": "inf",
    "Infinity": "inf", "infty": "inf", "PINF": "inf",
}  # fmt: skip
_OTHERWISE: dict[str, Any] = {
    "int": int, "float": float, "bool": bool, "object": object, "str": str, "complex": complex, "long": int,
    "unicode": str, "NINF": -math.inf, "PZERO": 0.0, "NZERO": -0.0, "math": math, "rank": np.ndim,
    "asscalar": lambda a: a.item(), "alen": len, "msort": lambda a: np.sort(a, axis=0),
    "asfarray": lambda a, dtype=float: np.asarray(a, dtype=dtype),
}  # fmt: skip
# Other modules under names they no longer have, or had in Python 2.
_MOVED = {
    "sklearn.cross_validation": "sklearn.model_selection", "sklearn.grid_search": "sklearn.model_selection",
    "sklearn.externals.joblib": "joblib", "cPickle": "pickle", "Queue": "queue", "StringIO": "io",
    "cStringIO": "io", "urllib2": "urllib.request", "__builtin__": "builtins", "Tkinter": "tkinter",
}  # fmt: skip
# What itertools had in Python 2 and is built in now.
_LAZY: dict[str, Any] = {
    "izip": zip, "imap": map, "ifilter": filter, "izip_longest": itertools.zip_longest,
    "ifilterfalse": itertools.filterfalse,
}  # fmt: skip
_ABSENT = object()


class Removed(Finder):
    """Supplies what is asked for and gone, and remembers what it supplied."""

    def __init__(self) -> None:
        self.supplied: list[str] = []

    @contextmanager
    def at_hand(self) -> Iterator[None]:
        """Inside, the names are there again."""
        modules = (np, np.random, collections, time, itertools, *filter(None, [sys.modules.get("scipy")]))
        before = [module.__dict__.get("__getattr__") for module in modules]
        self.install()
        try:
            yield
        finally:
            for module, answer in zip(modules, before, strict=True):
                module.__dict__.pop("__getattr__", None)
                if answer is not None:
                    module.__dict__["__getattr__"] = answer
            del builtins.get_ipython, builtins.display  # type: ignore[attr-defined]

    def install(self) -> None:
        self.answer(np, "np", _numpy)
        self.answer(np.random, "np.random", {"random_integers": _random_integers}.get)
        if "scipy" in sys.modules:
            self.answer(sys.modules["scipy"], "scipy", _scipy)
        self.answer(collections, "collections", lambda name: getattr(collections.abc, name, _ABSENT))
        self.answer(time, "time", {"clock": time.perf_counter}.get)
        self.answer(itertools, "itertools", _LAZY.get)
        builtins.get_ipython = self.shell  # type: ignore[attr-defined]
        builtins.display = lambda *shown, **options: None  # type: ignore[attr-defined]

    def shell(self) -> Any:
        """What a notebook asks for by ``get_ipython()``."""
        self.note("get_ipython")
        return _Shell()

    def answer(self, module: types.ModuleType, prefix: str, find: Callable[[str], Any]) -> None:
        """Let a module answer for names it lacks."""
        before = module.__dict__.get("__getattr__")

        def look(name: str) -> Any:
            found = _ABSENT if name.startswith("__") else find(name)
            if found is not _ABSENT and found is not None:
                self.note(f"{prefix}.{name}")
                return found
            if before is not None:
                return before(name)
            raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}")

        module.__dict__["__getattr__"] = look

    def note(self, name: str) -> None:
        if name not in self.supplied:
            self.supplied.append(name)

    def told(self, name: str) -> str:
        """What was supplied under a name."""
        if name == "get_ipython":
            return "`get_ipython()` was answered by a shell that does nothing"
        return f"`{name}` no longer exists and was supplied"

    # ---- modules

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name not in _MOVED or not _installed(_MOVED[name].partition(".")[0]):
            return None
        self.note(name)
        return importlib.machinery.ModuleSpec(name, self)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType | None:
        return None

    def exec_module(self, module: types.ModuleType) -> None:
        now = importlib.import_module(_MOVED[module.__name__])
        module.__dict__.update({name: value for name, value in vars(now).items() if not name.startswith("__")})


def _installed(name: str) -> bool:
    """Whether a module is there, whatever may stand for one that is not."""
    return name in sys.builtin_module_names or importlib.machinery.PathFinder.find_spec(name) is not None


def _numpy(name: str) -> Any:
    if name in _SPELLED:
        return getattr(np, _SPELLED[name], _ABSENT)
    return _OTHERWISE.get(name, _ABSENT)


def _scipy(name: str) -> Any:
    """SciPy once had NumPy's functions too."""
    return getattr(np, name, _ABSENT) if name in np.__all__ else _ABSENT


def _random_integers(low: int, high: int | None = None, size: Any = None) -> Any:
    low, high = (1, low) if high is None else (low, high)
    return np.random.randint(low, high + 1, size)


class _Shell:
    """IPython's shell, of which nothing is wanted."""

    def __getattr__(self, name: str) -> Any:
        return lambda *args, **kwargs: None
