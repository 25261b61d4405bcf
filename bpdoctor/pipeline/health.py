"""What the measurements say about a run as a whole, in numbers."""

from __future__ import annotations

from typing import Any

from bpdoctor.model.examination import Examination


def health_of(examination: Examination) -> dict[str, Any]:
    """Return the loss of the first steps' samples before training and after it."""
    seen = examination.measurements["progress"]
    if seen is None:
        return {}
    return {"loss": {"first": seen.first, "last": seen.last, "iterations": seen.iterations}}
