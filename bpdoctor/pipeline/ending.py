"""Why a program ended before its time: one sentence, and the line of the user's own that it stopped at."""

from __future__ import annotations

import os
import traceback

from bpdoctor.model.report import Mark
from bpdoctor.model.source import Span
from bpdoctor.observe.program import Outcome, Session
from bpdoctor.observe.standins import NoInput


def explained(outcome: Outcome, session: Session, path: str) -> tuple[str, Mark | None]:
    """One sentence and the user's own line for a program that did not end by itself."""
    error = outcome.error
    if error is None:
        return outcome.ended, None
    at = place(error, session, path)
    if isinstance(error, NoInput):
        return "the program waits for input(); nothing was typed", at
    if isinstance(error, ModuleNotFoundError):
        return f"the program needs the module `{error.name}`, which is not installed", at
    return f"the program stops with {_told(error)[:300]}", at


def _told(error: BaseException) -> str:
    """The exception in one line; its own text may fail too."""
    try:
        return traceback.format_exception_only(error)[-1].strip()
    except Exception:
        return type(error).__name__


def place(error: BaseException, session: Session, path: str) -> Mark | None:
    """The innermost line of the user's own files in a traceback."""
    best: Mark | None = None
    for frame, line in traceback.walk_tb(error.__traceback__):
        file = frame.f_code.co_filename
        if file in session.files:
            text = [*session.files[file].lines, ""][line - 1]
            start = len(text) - len(text.lstrip()) + 1
            shown = as_typed(file, session.path, path)
            best = Mark(Span(shown, line, start, line, max(len(text.rstrip()) + 1, start + 1)), "here")
    return best


def as_typed(file: str, program: str, path: str) -> str:
    """A file of the program as the user would type it, who typed `path` for `program`."""
    if file == program:
        return path
    beside = os.path.relpath(file, os.path.dirname(program))
    return file if beside.startswith("..") else os.path.join(os.path.dirname(path), beside)
