"""What no gradient is, and what somebody may mean by it."""

from __future__ import annotations

from bpdoctor.model.record import record


@record
class Meant:
    """What is made at `site`, told as a note: `message`, `label` at the place, `evidence` and `why`.

    `other` are the families that are moved by something else than a gradient.
    """

    site: int
    message: str
    label: str
    evidence: str
    why: str
    other: tuple[int, ...] = ()
