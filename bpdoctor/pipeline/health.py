"""What the measurements say about a run as a whole, in numbers."""

from __future__ import annotations

import math
from typing import Any

from bpdoctor.model.examination import Examination


def health_of(examination: Examination) -> dict[str, Any]:
    """Return the loss at the first and at the last recorded step at which it is a number."""
    steps = [step for step in examination.measurements["descent"] if math.isfinite(step.before)]
    if not steps:
        return {}
    first, last = steps[0], steps[-1]
    return {"loss": {"first": first.before, "last": last.before, "iterations": last.iteration - first.iteration}}
