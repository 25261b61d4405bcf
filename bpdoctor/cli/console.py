"""What the terminal can show: colours, width, characters. Decided here once, for every command."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from bpdoctor.report import Hints, Options

PLAIN_WIDTH = 100
"""Where there is no terminal the width is fixed, so that output can be compared."""


def options(
    stream: TextIO, *, color: str = "auto", hints: Hints = "fix", sources: Mapping[str, str] | None = None
) -> Options:
    """Return the options for rendering to `stream`."""
    from bpdoctor.report import Options

    width = _columns() if stream.isatty() else PLAIN_WIDTH
    return Options(
        color=wants_color(stream, color),
        width=max(width, 40),
        ascii=not can_show_unicode(stream),
        hints=hints,
        sources=sources or {},
    )


def _columns() -> int:
    import shutil

    return shutil.get_terminal_size((PLAIN_WIDTH, 24)).columns


def wants_color(stream: TextIO, color: str) -> bool:
    """Say whether to colour: `auto` means on a terminal that can, unless NO_COLOR is set."""
    if color != "auto":
        return color == "always"
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def can_show_unicode(stream: TextIO) -> bool:
    """Say whether the stream's encoding has all of Unicode."""
    encoding = (getattr(stream, "encoding", None) or "utf-8").lower().replace("_", "-")
    return encoding.startswith(("utf-8", "utf8", "utf-16", "utf-32"))


def close_quietly() -> None:
    """After a broken pipe (`| head`): nothing more can be written, and that is no fault."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
