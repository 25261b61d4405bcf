"""The answer for a file that cannot be examined."""

from __future__ import annotations

from bpdoctor.model.record import record
from bpdoctor.model.source import Span


@record
class Unreadable:
    """Why a file cannot be examined, and where."""

    reason: str
    span: Span | None = None
