"""What a report says of its own reach: how far the reference was confirmed, and what was not examined."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from bpdoctor import __version__
from bpdoctor.measure.confirm import Slope
from bpdoctor.observe.sites import Sites
from bpdoctor.pipeline.analysis import Analysis


def confirmation(a: Analysis, slopes: Sequence[Slope] | None) -> list[str]:
    """How far the reference was held against the program itself."""
    if a.assessment is None:
        return []
    if not slopes:
        return ["the reference was not confirmed by running the program again at other parameters"]
    gap = max(abs(s.swept - s.measured) / max(abs(s.measured), 1e-300) for s in slopes)
    return [
        f"the reference agrees with {len(slopes)} directional derivatives of the program itself,"
        f" measured by running it again (largest difference {gap:.0e})"
    ]


def unexamined(a: Analysis, sites: Sites) -> list[str]:
    """What no derivative is known for."""
    if a.assessment is None:
        return ["no loss was found to compare the gradients with"]
    trial = a.assessment.trials[0]
    out = []
    for at in dict.fromkeys(trial.adjoints.tainted.values()):
        site = sites[trial.view.tape.nodes[at].site]
        out.append(f"line {site.line}: no derivative is known for `{' '.join(site.text.split())[:60]}`")
    return out[:8]


def doubtful(slopes: Sequence[Slope] | None) -> str:
    """Why the reference cannot be trusted: the program, run again, has other slopes than were swept."""
    off = [s for s in slopes or () if not s.agrees]
    if not off or len(off) < len(slopes or ()):
        return ""
    return (
        "the gradient could not be established: along a random direction the program's loss has slope "
        f"{off[0].measured:.6g} by differences, {off[0].swept:.6g} by the chain rule"
    )


def environment(seed: int) -> dict[str, Any]:
    """What the figures depend on, besides the program."""
    python = ".".join(map(str, sys.version_info[:3]))
    return {"python": python, "numpy": np.__version__, "bpdoctor": __version__, "seed": seed}
