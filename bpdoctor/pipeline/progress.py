"""How far training came, in numbers that two runs are compared by."""

from __future__ import annotations

from bpdoctor.model.examination import Examination


def progress_of(examination: Examination) -> dict[str, float]:
    """Return the loss of the first steps' samples before training and after it."""
    seen = examination.measurements["progress"]
    return {} if seen is None else {"first": seen.first, "last": seen.last, "iterations": seen.iterations}
