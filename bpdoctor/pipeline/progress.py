"""How far training came, in numbers that two runs are compared by."""

from __future__ import annotations

import math

from bpdoctor.model.examination import Examination


def progress_of(examination: Examination) -> dict[str, float]:
    """Return the loss at the first and at the last recorded step at which it is a number."""
    steps = [step for step in examination.measurements["descent"] if math.isfinite(step.before)]
    if not steps:
        return {}
    first, last = steps[0], steps[-1]
    return {"first": first.before, "last": last.before, "iterations": last.iteration - first.iteration}
