"""From the paths a person names to the files to check."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

SUFFIXES = (".py", ".ipynb")
SKIPPED_FOLDERS = frozenset(
    {"venv", "env", "site-packages", "node_modules", "__pycache__", "build", "dist", "test", "tests"}
)
SKIPPED_FILES = frozenset({"conftest.py", "setup.py"})


def targets(paths: Sequence[str]) -> list[str]:
    """Return the files to check, each once; a file that is named is taken whatever it is called.

    Raises
    ------
    click.UsageError
        When a path does not exist, or a folder has no Python to check.
    """
    found: list[str] = []
    for path in paths:
        if not os.path.isdir(path):
            if not os.path.exists(file_of(path)):
                raise click.UsageError(f"no such file or folder: {path}")
            found.append(path)
            continue
        inside = sorted(_python_below(Path(path)))
        if not inside:
            raise click.UsageError(f"no Python file to check in {path} (tests and virtual environments are left out)")
        found += inside
    return list(dict.fromkeys(found))


def file_of(path: str) -> str:
    """``net.py:Layer`` names a part of a file."""
    file, colon, name = path.rpartition(":")
    return file if colon and name.isidentifier() and file.endswith((".py", ".ipynb")) else path


def _python_below(folder: Path) -> Iterator[str]:
    for here, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not _skipped(Path(here), name))
        for name in files:
            if name.endswith(SUFFIXES) and name not in SKIPPED_FILES and not _is_test(name):
                yield str(Path(here) / name)


def _skipped(here: Path, name: str) -> bool:
    return (
        name.startswith(".")
        or name in SKIPPED_FOLDERS
        or name.endswith(".egg-info")
        or (here / name / "pyvenv.cfg").exists()
    )


def _is_test(name: str) -> bool:
    return name.startswith(("test_", ".")) or name.endswith("_test.py")
