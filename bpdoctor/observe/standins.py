"""Inert stand-ins: plots and windows that do nothing, and modules the training step does not need."""

from __future__ import annotations

import builtins
import dis
import importlib.machinery
import os
import sys
import sysconfig
import time
import types
from collections.abc import Iterator, Sequence
from typing import Any

from bpdoctor.observe.finder import Finder
from bpdoctor.observe.missing import MissingModule

# Modules for looking at training, never for computing it. They are replaced when they are missing;
# plotting is replaced always, because its import alone costs half a second.
DECORATION = frozenset(
    {"tqdm", "progressbar", "alive_progress", "rich", "termcolor", "colorama", "tabulate", "prettytable", "seaborn",
     "plotly", "tensorboardX", "wandb", "IPython", "ipdb", "memory_profiler", "line_profiler", "pyfiglet", "cv2",
     "pygame", "turtle", "tkinter", "imageio", "graphviz", "networkx", "pydot", "mlflow", "visdom", "celluloid"}
)  # fmt: skip
_OURS = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
# What runs a program, and catches whatever it raises.
_BOTTOM = "ended"
_ASKING = ("<frozen importlib.util>", os.path.join("importlib", "util.py"))
_STANDARD = sysconfig.get_paths()["stdlib"]
PLOTTING = frozenset({"matplotlib", "pylab", "mpl_toolkits"})


class NoInput(Exception):
    """The program asked for input and there is nobody to answer."""


class Inert:
    """Accepts every use and does nothing; as a wrapper of an iterable it is that iterable."""

    def __init__(self, name: str = "inert", *args: Any, **kwargs: Any) -> None:
        self.__name__ = name

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[type, ...]:
        # A class that derives from one beside a real class keeps the real one's metaclass.
        return (Inert,) if next(b for b in bases if isinstance(b, Inert)) is self else ()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if args and hasattr(args[0], "__iter__") and not isinstance(args[0], str):
            return args[0]
        return self

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return Inert(name)

    def __iter__(self) -> Iterator[Any]:
        return iter((self, self))

    def __getitem__(self, key: Any) -> Any:
        return self

    def __setitem__(self, key: Any, value: Any) -> None:
        pass

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *exc: Any) -> None:
        pass

    def __bool__(self) -> bool:
        return False

    def __len__(self) -> int:
        return 0


class InertModule(types.ModuleType):
    """A module all of whose names are inert."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        if name in ("tqdm", "trange", "tqdm_notebook"):
            return _tqdm if name != "trange" else _trange
        return Inert(name)


class _Bar:
    """A progress bar that shows nothing."""

    def __init__(self, iterable: Any = (), *args: Any, **kwargs: Any) -> None:
        self.iterable = iterable if hasattr(iterable, "__iter__") else range(int(kwargs.get("total") or 0))

    def __iter__(self) -> Iterator[Any]:
        return iter(self.iterable)

    def __len__(self) -> int:
        return len(self.iterable)

    def __getattr__(self, name: str) -> Any:
        return Inert(name)

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *exc: Any) -> None:
        pass


def _tqdm(iterable: Any = (), *args: Any, **kwargs: Any) -> _Bar:
    return _Bar(iterable, *args, **kwargs)


def _trange(*args: Any, **kwargs: Any) -> _Bar:
    return _Bar(range(*args))


def _tried() -> bool:
    """Whether an import may fail: it stands in a ``try``, or is made by what does, or one only asks for a module."""
    frame: types.FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_name != _BOTTOM:
        code = frame.f_code
        if code.co_filename.endswith(_ASKING):
            return True
        ours = "importlib" in code.co_filename or code.co_filename.startswith(_OURS)
        if not ours and any(
            e.start <= frame.f_lasti < e.end for e in getattr(dis.Bytecode(code), "exception_entries", ())
        ):
            return True
        frame = frame.f_back
    return False


def _for_library() -> bool:
    """Whether an installed library asks for a module: it goes without what is missing, and says so in its own way."""
    frame = sys._getframe(1)
    while frame.f_back is not None and (
        "importlib" in frame.f_code.co_filename or frame.f_code.co_filename == __file__
    ):
        frame = frame.f_back
    return "site-packages" in frame.f_code.co_filename or frame.f_code.co_filename.startswith(_STANDARD)


class StandIns(Finder):
    """Last finder on the path: supplies what is missing and not needed, and remembers what it did."""

    def __init__(self) -> None:
        self.supplied: list[str] = []
        self.unused: list[str] = []

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        package, _, inner = name.partition(".")
        for_nobody = package not in DECORATION and (_tried() or (inner and package not in self.unused))
        if for_nobody or _for_library():
            return None
        if not inner:
            (self.supplied if name in DECORATION else self.unused).append(name)
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        package = spec.name.partition(".")[0]
        return InertModule(spec.name) if package in DECORATION | PLOTTING else MissingModule(spec.name, self.unused)

    def exec_module(self, module: types.ModuleType) -> None:
        pass

    def quiet(self) -> None:
        """Plots, windows, sleeping and questions are made inert for this process."""
        for name in PLOTTING:
            if name not in sys.modules:
                sys.meta_path.insert(0, _Plots(self, name))
        builtins.input = self.ask
        time.sleep = lambda seconds: None

    def ask(self, prompt: object = "") -> str:
        raise NoInput("the program waits for input()")


class _Plots(StandIns):
    """Plotting is inert whether or not it is installed."""

    def __init__(self, owner: StandIns, name: str) -> None:
        super().__init__()
        self.owner = owner
        self.name = name

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name.partition(".")[0] != self.name:
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)
