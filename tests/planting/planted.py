"""One planted fault and the draft an operator makes of it."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from tests.planting.edits import Edit
from tests.planting.markers import Network, Spec


@dataclass(frozen=True)
class Draft:
    """What an operator proposes: edits of the healthy text, a slug, and what it is not sure of."""

    slug: str
    operator: str
    edits: tuple[Edit, ...]
    spec: Spec
    lines: tuple[int, ...] = ()
    """Lines of the mutant that may be named; empty: those of the edits; (0,): none can be right."""
    uniform: bool = False
    """A constant common to all parameters: the catalogue calls it a warning."""
    text: str = ""
    """The mutated text, where edits alone do not make it (moved statements)."""


@dataclass(frozen=True)
class Planted:
    """A fault whose place and name are known by construction."""

    id: str
    network: str
    slug: str
    operator: str
    lines: tuple[int, ...]
    uniform: bool
    text: str
    healthy: str

    @property
    def line(self) -> int | None:
        """The guilty line; None where the fault is that a line is missing."""
        return self.lines[0] if self.lines else None

    @property
    def severity(self) -> str:
        """The least severity that counts as detection."""
        # A parameter that nothing in the text updates may be meant to stay as it is.
        frozen = self.slug == "parameter-never-updated" and not self.lines
        return "warning" if self.uniform or self.slug in WARNINGS or frozen else "error"

    def diff(self) -> str:
        """The planted change."""
        rows = difflib.unified_diff(
            self.healthy.splitlines(), self.text.splitlines(), "healthy", self.id, lineterm="", n=1
        )
        return "\n".join(rows)


WARNINGS = frozenset({"initialisation-scale", "learning-rate-too-high", "learning-rate-too-low", "saturation",
                      "dead-relu", "dropout-at-test", "batchnorm-eval",
        "loss-delta-mismatch", "missing-bias", "plateau", "stuck-output", "unscaled-inputs"})  # fmt: skip


def line_of(network: Network, offset: int) -> int:
    """The 1-based line of a character offset."""
    return network.text.count("\n", 0, offset) + 1
