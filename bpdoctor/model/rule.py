"""What a rule is: a public name, prose, examples that are run, and one pure function."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Literal

from bpdoctor.model.record import record
from bpdoctor.model.report import Severity

if TYPE_CHECKING:
    from bpdoctor.model.evidence import Evidence, Prediction


@record
class Rule:
    """A named fault.

    A rule with neither `predict` nor `evidence` names what is traced from wrong values
    (`bpdoctor.diagnose.caches`) or what is left without a name. `predict(forward)` receives the forward
    computation and its true adjoints, never the user's gradient, and yields the wrong adjoints its
    fault would produce. `evidence(examination)` is a predicate over measurements; beside predictions, of what
    no predicted value shows.
    `layers` are the kinds of layer (`Link.layer`, or "output" for what comes after the network) whose wrong
    gradients bear this name even where no prediction is exact. A fault of one `unit` is one of the factor f'
    that an error is multiplied by. `samples` names the same fault where the terms of a sum are samples.
    `invalid` examples are whole small programs with ``# <- slug`` at the end of the guilty line.

    `place` says which expression is to be mended: "value", the first wrong one; "output", one that stands for the
    error of an output; "factor", where f' is made; "formula", where it is computed, in a helper perhaps;
    "handed on", where a right value is passed on without the step that is missing; "upstream", where what is no
    error is taken for one; "kept", where the last of several terms is kept in place of their sum;
    "forward", where the forward pass is not what the backward pass was written for; "call", where a value is
    taken from a function that serves other calls as well; "error", the error from above in a delta whose f' is right.
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
    unit: bool = False
    place: Literal[
        "value", "output", "factor", "formula", "upstream", "handed on", "kept", "forward", "call", "error"
    ] = "value"
    samples: str = ""
