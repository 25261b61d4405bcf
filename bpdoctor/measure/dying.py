"""Rectified layers that answered at first and are silent from some step on."""

from __future__ import annotations

import numpy as np

from bpdoctor.model.examination import Examination, Measurement
from bpdoctor.model.record import record

# Nearly all units silent for every sample, where at least half of them were not.
_GONE, _ALIVE = 0.9, 0.5


@record
class Died:
    """The layer at `site` was last seen alive at step `alive`; from `since` on, `share` of its units are silent."""

    site: int
    alive: int
    since: int
    share: float


def died(examination: Examination) -> list[Died]:
    """Every hidden layer that was lost in the course of the run and did not come back."""
    out = []
    for k, group in enumerate(examination.groups):
        seen = [(s.iteration, s.layers[k]) for s in examination.samples]
        if not group.hidden or len(seen) < 2 or any(x is None or x.silent is None for _, x in seen):
            continue
        shares = [(i, float(np.mean(x.silent))) for i, x in seen]
        last = max((j for j, (_, share) in enumerate(shares) if share < _GONE), default=-1)
        if shares[0][1] <= _ALIVE and last < len(shares) - 1:
            out.append(Died(group.site, shares[last][0], shares[last + 1][0], shares[-1][1]))
    return out


MEASURE = Measurement("dying", died)
