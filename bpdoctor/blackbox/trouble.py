"""What the black box can find, each kind with its public name."""

from __future__ import annotations

from typing import Literal

from bpdoctor.model.record import record
from bpdoctor.model.report import Severity

Kind = Literal[
    "wrong",
    "scale",
    "transposed",
    "bias",
    "penalty",
    "shape",
    "loss-shape",
    "dtype",
    "non-finite",
    "random",
    "accumulates",
    "mutation",
    "broadcast",
    "derivative",
]

KINDS: dict[Kind, tuple[str, str, Severity]] = {
    "wrong": ("BP299", "wrong-gradient", "error"),
    # Loss and gradient are both given here, so a factor between them is no matter of the learning rate.
    "scale": ("BP502", "gradient-scale", "error"),
    "transposed": ("BP202", "transposed-gradient", "error"),
    "bias": ("BP205", "bias-gradient-scale", "error"),
    "penalty": ("BP506", "regularisation-gradient-missing", "error"),
    "broadcast": ("BP106", "broadcast-loss", "error"),
    "derivative": ("BP304", "wrong-activation-derivative", "error"),
    "non-finite": ("BP703", "non-finite", "error"),
    "shape": ("", "gradient-shape", "error"),
    "loss-shape": ("", "loss-shape", "error"),
    "dtype": ("", "integer-dtype", "error"),
    "random": ("", "non-deterministic", "error"),
    "accumulates": ("", "not-idempotent", "warning"),
    "mutation": ("", "input-mutated", "error"),
}
"""Code (empty where no rule has a page of its own), slug and severity."""


@record
class Trouble:
    """One thing wrong, in words; `leaves` names the parameters, `side` the function to point at."""

    kind: Kind
    message: str
    evidence: tuple[str, ...] = ()
    why: str = ""
    leaves: tuple[str, ...] = ()
    side: Literal["loss", "grad"] = "grad"
    residual: float | None = None
    scale: float | None = None
    severity: Severity | None = None


class Stopped(Exception):
    """Nothing more can be examined because of this trouble."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.message)
        self.trouble = trouble
