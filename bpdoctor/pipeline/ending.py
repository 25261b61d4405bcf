"""Why a program ended before its time: one sentence, and the line of the user's own that it stopped at."""

from __future__ import annotations

import os
import sys
import traceback

from bpdoctor.model.record import record
from bpdoctor.model.report import Mark
from bpdoctor.model.source import Span
from bpdoctor.observe.arguments import WrongArguments
from bpdoctor.observe.program import Outcome, Session
from bpdoctor.observe.standins import NoInput

STOPS = "the program stops with"
_LONGEST = 300
_MAKE_UP = "; --data-stub goes on with synthetic data where the code tells its shape"
_NOT_PLAIN = "; the code does not tell what is in it: with no shape that was tried does the program run"


@record
class Ending:
    """How a program came to its end.

    Attributes
    ----------
    reason : str
        Why it ended before its time; empty where it did not.
    place : Mark or None
        The user's own line for that.
    said : str
        What is said of it beside a verdict.
    raised : (BaseException, Span) or None
        An exception of the program's own, and where.
    """

    reason: str
    place: Mark | None
    said: str
    raised: tuple[BaseException, Span] | None


def ending(outcome: Outcome, session: Session) -> Ending:
    """Tell why a program did not end by itself.

    What the rest of it makes of a loop that was left early is not its own fault.
    """
    error = outcome.error
    if error is None:
        return Ending(outcome.ended, None, outcome.ended, None)
    at = place(error, session)
    line = "" if at is None else session.files[at.span.file].lines[at.span.line - 1]
    reason = _sentence(error, line)
    if isinstance(error, FileNotFoundError) and "no such file" in reason:
        reason += _MAKE_UP if session.data is None else _NOT_PLAIN
    if session.loops.cut is not None:
        return Ending("", None, f"after that {reason}", None)
    return Ending(reason, at, reason, None if at is None else (error, at.span))


def _sentence(error: BaseException, line: str) -> str:
    """What stopped the program at a line, and what can be done about it where that is plain."""
    if isinstance(error, NoInput):
        return "the program waits for input(); nothing was typed"
    if isinstance(error, ModuleNotFoundError):
        return f"the program needs the module `{error.name}`, which is not installed"
    if isinstance(error, WrongArguments):
        return f"the program wants arguments on its command line ({error.told}); give them with --args"
    told = _told(error)[:_LONGEST]
    if isinstance(error, FileNotFoundError) and error.filename is not None:
        return f"the program reads `{os.fsdecode(error.filename)}`, and there is no such file"
    if isinstance(error, FileNotFoundError) and told.endswith(" not found."):  # NumPy's own
        return f"the program reads `{told.partition(': ')[2].removesuffix(' not found.')}`, and there is no such file"
    if isinstance(error, ConnectionError) or _not_reached(error):
        return f"the program downloads what it needs, and that failed: {told}"
    if isinstance(error, IndexError) and "argv" in line:
        return f"{STOPS} {told}: it reads sys.argv; give it arguments with --args"
    return f"{STOPS} {told}"


def _not_reached(error: BaseException) -> bool:
    """Whether an address cannot be opened; only a program that tries to has imported what says so."""
    urls = sys.modules.get("urllib.error")
    return urls is not None and isinstance(error, urls.URLError)


def _told(error: BaseException) -> str:
    """The exception in one line; its own text may fail too."""
    try:
        return traceback.format_exception_only(error)[-1].strip()
    except Exception:
        return type(error).__name__


def place(error: BaseException, session: Session) -> Mark | None:
    """The innermost line of the user's own files in a traceback."""
    best: Mark | None = None
    for frame, line in traceback.walk_tb(error.__traceback__):
        file = frame.f_code.co_filename
        if file in session.files:
            text = [*session.files[file].lines, ""][line - 1]
            start = len(text) - len(text.lstrip()) + 1
            best = Mark(Span(file, line, start, line, max(len(text.rstrip()) + 1, start + 1)), "here")
    return best
