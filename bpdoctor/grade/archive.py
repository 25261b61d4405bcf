"""Read zips and folders that others packed: odd names, links, bombs and paths that lead elsewhere."""

from __future__ import annotations

import os
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path, PurePosixPath

FILE_LIMIT = 4 << 20
TOTAL_LIMIT = 16 << 20
COUNT_LIMIT = 400
CLASS_LIMIT = 2 << 30
_IGNORED = {"__MACOSX", "__pycache__", ".git", ".ipynb_checkpoints", "node_modules", ".venv", "venv"}


@dataclass(slots=True)
class Contents:
    """Files by their path, and what was left out."""

    files: dict[str, bytes] = field(default_factory=dict)
    flags: list[str] = field(default_factory=list)
    total: int = 0
    most: int = TOTAL_LIMIT
    count: int = COUNT_LIMIT
    file: int = FILE_LIMIT

    def add(self, name: str, content: bytes) -> None:
        """Keep a file, unless there is too much already."""
        if any(p in self.files for p in _above(name)):
            self.leave(name, "its folder is a file")
            return
        if len(content) > self.file or self.total + len(content) > self.most or len(self.files) >= self.count:
            self.leave(name, "too large")
            return
        self.files[name] = content
        self.total += len(content)

    def leave(self, name: str, why: str) -> None:
        """Note that a file was left out."""
        if len(self.flags) < 5:
            self.flags.append(f"left out `{name[:80]}`: {why}")


def safe(name: str) -> str | None:
    """Return a relative path without steps up, or None where the name leads elsewhere."""
    name = name.replace("\\", "/")
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\0" in name or (len(name) > 1 and name[1] == ":"):
        return None
    parts = [part for part in path.parts if part != "."]
    short = len(name) < 400 and all(len(p.encode("utf-8", "surrogatepass")) < 200 for p in parts)
    # A name that is no text (bytes of another system's) could not be written again.
    return "/".join(parts) if parts and short and not any("\ud800" <= c <= "\udfff" for c in name) else None


def _above(name: str) -> Iterator[str]:
    parts = name.split("/")
    return ("/".join(parts[:i]) for i in range(1, len(parts)))


def ignored(name: str) -> bool:
    """Say whether a file is of no interest."""
    parts = name.split("/")
    return bool(_IGNORED & set(parts)) or parts[-1].startswith(".") or parts[-1].endswith((".pyc", ".so", ".pyd"))


def folder(path: Path) -> Contents:
    """Read a folder. Links are not followed: they could lead to other submissions or to the rubric."""
    found = Contents()
    for where, folders, names in os.walk(path, followlinks=False):
        folders[:] = sorted(f for f in folders if f not in _IGNORED and not Path(where, f).is_symlink())
        for name in sorted(names):
            file = Path(where, name)
            told = safe(file.relative_to(path).as_posix())
            if told is None or not ignored(told):
                _read(found, file, told)
    return found


def _read(found: Contents, file: Path, told: str | None) -> None:
    """Add one file of a folder."""
    try:
        status = file.lstat()
        if told is None:
            found.leave(file.name, "its name cannot be written")
        elif not stat.S_ISREG(status.st_mode):
            found.leave(told, "a link or no regular file")
        elif status.st_size > FILE_LIMIT:
            found.leave(told, "too large")
        else:
            found.add(told, file.read_bytes())
    except OSError as problem:
        found.leave(told or file.name, f"cannot be read: {problem.strerror}")


def unzip(content: bytes | Path, *, whole_class: bool = False) -> Contents:
    """Read a zip without writing anything; one of a whole class may hold as much as a class does.

    Raises
    ------
    ValueError
        When it is no zip, or damaged.
    """
    found = Contents(most=CLASS_LIMIT, count=1 << 20, file=TOTAL_LIMIT) if whole_class else Contents()
    try:
        with zipfile.ZipFile(BytesIO(content) if isinstance(content, bytes) else content) as archive:
            if len(archive.infolist()) > 50_000 and not whole_class:
                raise ValueError("a zip of more than 50,000 files")
            for info in _members(archive, found):
                name = safe(info.filename)
                if name is None:
                    found.leave(info.filename, "its path leads out of the folder")
                elif not ignored(name):
                    with archive.open(info) as stream:
                        # The size that the directory tells may be a lie; what is read is bounded.
                        found.add(name, stream.read(found.file + 1))
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError, UnicodeError) as problem:
        raise ValueError(f"a zip that cannot be read: {problem}") from None
    except Exception as problem:  # zlib, lzma and struct have errors of their own
        raise ValueError(f"a zip that cannot be read: {problem}") from None
    return found


def _members(archive: zipfile.ZipFile, found: Contents) -> Iterator[zipfile.ZipInfo]:
    for info in sorted(archive.infolist(), key=lambda i: i.filename):
        mode = info.external_attr >> 16
        if info.is_dir():
            continue
        if mode and not stat.S_ISREG(mode) and stat.S_IFMT(mode):
            found.leave(info.filename, "a link or no regular file")
        elif info.file_size > found.file:
            found.leave(info.filename, "too large")
        else:
            yield info
