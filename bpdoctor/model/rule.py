"""What a rule is: a public name, prose, examples that are run, and one pure function."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bpdoctor.model.report import Severity

if TYPE_CHECKING:
    from bpdoctor.model.evidence import Evidence, Prediction


@dataclass(frozen=True, slots=True)
class Rule:
    """A named fault.

    Exactly one of `predict` and `evidence` is given. `predict(forward)` receives the forward
    computation and its true adjoints, never the user's gradient, and yields the wrong adjoints its
    fault would produce. `evidence(examination)` is a predicate over measurements.
    `layers` are the kinds of layer (`Link.layer`) whose wrong gradients bear this name even where no
    prediction is exact. `invalid` examples are whole small programs with ``# <- slug`` at the end of the guilty line.
    """

    code: str
    slug: str
    title: str
    severity: Severity
    explanation: str
    why: str = ""
    predict: Callable[[Any], Iterable[Prediction]] | None = None
    evidence: Callable[[Any], Iterable[Evidence]] | None = None
    valid: tuple[str, ...] = ()
    invalid: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()
