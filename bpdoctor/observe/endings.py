"""Why a program did not end by itself, in one sentence."""

from __future__ import annotations

import os
import traceback
import urllib.error

from bpdoctor.observe.arguments import WrongArguments
from bpdoctor.observe.standins import NoInput

_LONGEST = 300


def explained(error: BaseException | None, ended: str, line: str) -> str:
    """What stopped the program at a line of the user's, and what can be done about it where that is plain."""
    if error is None:
        return ended
    if isinstance(error, NoInput):
        return "the program waits for input(); nothing was typed"
    if isinstance(error, ModuleNotFoundError):
        return f"the program needs the module `{error.name}`, which is not installed"
    if isinstance(error, WrongArguments):
        return f"the program wants arguments on its command line ({error.told}); give them with --args"
    if isinstance(error, FileNotFoundError) and error.filename is not None:
        return f"the program reads `{os.fsdecode(error.filename)}`, and there is no such file"
    if isinstance(error, FileNotFoundError) and str(error).endswith(" not found."):  # NumPy's own
        return f"the program reads `{str(error).removesuffix(' not found.')}`, and there is no such file"
    if isinstance(error, urllib.error.URLError | ConnectionError):
        return f"the program downloads what it needs, and that failed: {str(error)[:_LONGEST]}"
    text = traceback.format_exception_only(error)[-1].strip()
    if isinstance(error, IndexError) and "argv" in line:
        return f"the program stops with {text}: it reads sys.argv; give it arguments with --args"
    return f"the program stops with {text[:_LONGEST]}"
