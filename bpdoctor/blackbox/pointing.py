"""Where a function stands in the user's source, so that a report can point at it."""

from __future__ import annotations

import inspect
import os
from typing import Any

from bpdoctor.model.report import Mark
from bpdoctor.model.source import Span


def mark_of(function: Any, label: str) -> Mark | None:
    """The first line of the function; None where there is no source."""
    function = inspect.unwrap(getattr(function, "__func__", function))
    try:
        lines, first = inspect.getsourcelines(function)
        file = inspect.getsourcefile(function) or ""
    except (OSError, TypeError):
        return None
    skipped = next((i for i, line in enumerate(lines) if not line.lstrip().startswith(("@", "#"))), 0)
    text = lines[skipped].rstrip("\n")
    start = len(text) - len(text.lstrip())
    return Mark(Span(shown_path(file), first + skipped, start + 1, first + skipped, len(text.rstrip()) + 1), label)


def shown_path(file: str) -> str:
    """Relative to where the user stands, when the file is below it."""
    here = os.getcwd() + os.sep
    return file[len(here) :] if file.startswith(here) else file


def name_of(function: Any) -> str:
    """What a person calls the function."""
    return (
        str(getattr(function, "__qualname__", None) or type(function).__name__).replace("<locals>.", "").split(".")[-1]
    )


def path_of(function: Any) -> str:
    """`net.py:loss`, or the name alone; from the code object, because reading the source takes milliseconds."""
    function = inspect.unwrap(getattr(function, "__func__", function))
    code = getattr(function, "__code__", None)
    name = name_of(function)
    return f"{shown_path(code.co_filename)}:{name}" if code is not None else name
