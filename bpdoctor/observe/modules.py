"""Where the user's program lives, and the modules beside it, which are instrumented like the program itself."""

from __future__ import annotations

import ast
import importlib.machinery
import importlib.util
import os
import sysconfig
import types
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Protocol

from bpdoctor.model.record import record
from bpdoctor.model.source import Source
from bpdoctor.observe.finder import Finder

Read = Callable[[str], Source]
_ROOT_SIGNS = ("pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", ".git")
_HIGHEST = 4
_OURS = __name__.partition(".")[0]


def as_written(path: str) -> Source:
    """A file of plain Python 3."""
    return Source(path, importlib.util.decode_source(Path(path).read_bytes()))


@record
class Home:
    """How a program is run: as a script, or as part of a package where it imports relatively.

    Attributes
    ----------
    package : str
        What goes into ``__package__``.
    first, last : tuple of str
        Folders at the beginning and at the end of the search path.
    """

    package: str
    first: tuple[str, ...]
    last: tuple[str, ...]


def home_of(path: str, text: str) -> Home:
    """Where the imports of a program are looked for."""
    folder = Path(path).resolve().parent
    if any(isinstance(node, ast.ImportFrom) and node.level for node in ast.walk(ast.parse(text))):
        levels = max(n.level for n in ast.walk(ast.parse(text)) if isinstance(n, ast.ImportFrom))
        names, root = [folder.name], folder.parent
        while (root / "__init__.py").exists() or len(names) < levels:
            names.insert(0, root.name)
            root = root.parent
        return Home(".".join(names), (str(root),), (str(folder),))
    return Home("", (str(folder),), tuple(map(str, _above(folder, _imported(text)))))


def _imported(text: str) -> set[tuple[str, str]]:
    """What a program imports from within packages: package and module."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    parts = (name.split(".") for name in names)
    return {(p[0], p[1]) for p in parts if len(p) > 1}


def _above(folder: Path, imported: set[tuple[str, str]]) -> list[Path]:
    """The folders above, as far as the project reaches: programs are often run from there.

    It reaches to the folder above one that the program imports from as a package.
    """
    above = list(folder.parents)[:_HIGHEST]
    here = Path(os.getcwd())
    tops = [i for i, p in enumerate(above) if p == here or any((p / sign).exists() for sign in _ROOT_SIGNS)]
    within = [(p / "__init__.py").exists() or _holds(p, imported) for p in [folder, *above]]
    tops += [i for i, package in enumerate(within) if package and i < len(above)]
    return above[: max(tops) + 1] if tops else []


def _holds(folder: Path, imported: set[tuple[str, str]]) -> bool:
    """Whether a folder is a package that a program imports something from which it has."""
    return any(
        top == folder.name and ((folder / f"{name}.py").exists() or (folder / name).is_dir()) for top, name in imported
    )


class Observing(Protocol):
    """What runs a file."""

    read: Read
    noted: list[str]

    def execute(self, path: str, source: Source, module: types.ModuleType) -> None: ...


@cache
def _installed() -> list[Path]:
    """Where Python's own modules and those of others are."""
    return [Path(sysconfig.get_paths()[name]).resolve() for name in ("stdlib", "purelib", "platlib")]


class UserModules(Finder):
    """Imports the user's other modules, instrumented."""

    def __init__(self, session: Observing, home: Home) -> None:
        self.session = session
        self.roots = [Path(folder).resolve() for folder in (*home.first, *home.last)]

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name.partition(".")[0] == _OURS:
            return None  # what we import while the program runs, which may stand in this very project
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is None or not spec.origin or not spec.origin.endswith(".py"):
            return None
        origin = Path(spec.origin).resolve()
        mine = any(root in origin.parents for root in self.roots)
        if not mine or "site-packages" in origin.parts or any(other in origin.parents for other in _installed()):
            return None
        spec.loader = self
        return spec

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType | None:
        return None

    def exec_module(self, module: types.ModuleType) -> None:
        assert module.__spec__ is not None and module.__spec__.origin is not None
        path = module.__spec__.origin
        source = self.session.read(path)
        name = os.path.basename(path)
        self.session.noted.extend(f"{name}: {note}" for note in source.notes)
        self.session.execute(path, source, module)
