"""Parameters as people count them: an array is one, numbers updated by one statement are one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import numpy as np

from bpdoctor.identify.claims import Claim
from bpdoctor.identify.step import Step
from bpdoctor.model.record import record
from bpdoctor.model.tape import Tape


@record(eq=False)
class Family:
    """Claims that are compared as one vector. `site` is the update statement."""

    site: int
    ordinal: int
    claims: tuple[Claim, ...]
    shape: tuple[int, ...]

    @property
    def others(self) -> Iterator[Family]:
        """The same parameter with another gradient that its update may be made from."""
        for others in zip(*(c.others for c in self.claims), strict=False):
            yield Family(self.site, self.ordinal, others, self.shape)

    @property
    def change(self) -> Any:
        """Minus the step taken, concatenated: learning rate times claimed gradient."""
        return _joined([np.ravel(c.value) * c.factor for c in self.claims])

    def reference(self, step: Step, adjoints: Any) -> Any | None:
        """Adjoints of the start versions in the same order; None when one was not established."""
        parts = []
        for c in self.claims:
            start = step.parameters[c.parameter].start
            if start in adjoints.tainted:
                return None
            g = adjoints.get(start)
            parts.append(np.zeros(np.size(c.value)) if g is None else np.ravel(g))
        return _joined(parts)


def _joined(parts: list[Any]) -> Any:
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def find_families(tape: Tape, step: Step, claims: list[Claim]) -> list[Family]:
    """Group claims by update statement; arrays of the same statement stay apart."""
    out: list[Family] = []
    scalars: dict[int, list[Claim]] = defaultdict(list)
    count: dict[int, int] = defaultdict(int)
    for claim in claims:
        site = step.parameters[claim.parameter].updates[0].site
        if np.ndim(claim.value) == 0:
            scalars[site].append(claim)
        else:
            out.append(Family(site, count[site], (claim,), np.shape(claim.value)))
            count[site] += 1
    for site, members in scalars.items():
        shape = () if len(members) == 1 else (len(members),)
        out.append(Family(site, count[site], tuple(members), shape))
    first = {id(f): min(c.parameter for c in f.claims) for f in out}
    return sorted(out, key=lambda f: first[id(f)])
