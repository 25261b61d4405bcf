"""From files to Python that can be run: one file a kind of file, found by its LOADER."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import replace
from functools import cache
from pathlib import Path

from bpdoctor.load.loader import Loader
from bpdoctor.load.unreadable import Unreadable
from bpdoctor.model.source import Source, cells_of

__all__ = ["Loader", "Unreadable", "load", "parts", "reread", "save", "written"]


@cache
def _loaders() -> dict[str, Loader]:
    modules = (importlib.import_module(f"{__name__}.{info.name}") for info in pkgutil.iter_modules(__path__))
    found = [loader for module in modules if isinstance(loader := getattr(module, "LOADER", None), Loader)]
    return {loader.suffix: loader for loader in found}


def _loader(path: str) -> Loader:
    return _loaders().get(Path(path).suffix.lower(), _loaders()[""])


def load(path: str) -> Source | Unreadable:
    """Read a file, and translate what is not Python 3 as far as that can be done line by line."""
    file = Path(path)
    if not file.exists():
        return Unreadable(f"there is no file {path}")
    if file.is_dir():
        return Unreadable(f"{path} is a folder")
    loader = _loader(path)
    try:
        written, notes = loader.opened(file.read_bytes())
    except (OSError, ValueError, SyntaxError) as error:
        return Unreadable(f"{path} cannot be read: {error}")
    source = loader.translated(path, written)
    return source if isinstance(source, Unreadable) else replace(source, notes=(*notes, *source.notes))


def reread(source: Source, written: str) -> Source | Unreadable:
    """The same file with another text."""
    again = _loader(source.path).translated(source.path, written)
    return again if isinstance(again, Unreadable) else replace(again, notes=source.notes)


def save(source: Source) -> None:
    """Write the text back into its file, which keeps its encoding, line ends and whatever is not code."""
    file = Path(source.path)
    file.write_bytes(_loader(source.path).saved(file.read_bytes(), source.written))


def parts(source: Source) -> dict[str, str]:
    """What the user wrote, by the places that spans name: a file, or each cell of a notebook."""
    return _parts(source.path, source.written)


def written(path: str) -> dict[str, str]:
    """The same for a file on disk, whether or not it is valid Python; empty where it cannot be read."""
    try:
        return _parts(path, _loader(path).opened(Path(path).read_bytes())[0])
    except (OSError, ValueError, SyntaxError):
        return {}


def _parts(path: str, text: str) -> dict[str, str]:
    cells = cells_of(text) if path.endswith(".ipynb") else {}
    return {f"{path}:cell {number}": cell for number, cell in cells.items()} or {path: text}
