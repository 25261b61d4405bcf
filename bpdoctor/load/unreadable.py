"""The answer for a file that cannot be examined."""

from __future__ import annotations

from dataclasses import dataclass

from bpdoctor.model.source import Span


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why a file cannot be examined, and where."""

    reason: str
    span: Span | None = None
