"""The sign of a penalty that is in no loss: the weights grow, and nothing that is descended asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bpdoctor.diagnose.growth import growth_of
from bpdoctor.diagnose.localise import Fault
from bpdoctor.diagnose.name import Named
from bpdoctor.diagnose.passes import EXACT
from bpdoctor.model.evidence import Prediction
from bpdoctor.model.rule import Rule

_SLUG = "regularisation-gradient-sign"


def by_growth(fault: Fault, named: Named, rules: Sequence[Rule]) -> Named:
    """The name of a decay of the wrong sign, for what has no other."""
    rule = next((r for r in rules if r.slug == _SLUG), None)
    k = growth_of(fault) if named.rule is None and rule is not None else None
    if k is None:
        return named
    note = f"the right gradient less {k:.6g} times the weights, which makes them grow"
    prediction = Prediction(None, _SLUG, note, f"that gradient plus {k:.6g} times the weights")
    return replace(named, rule=rule, prediction=prediction, residual=EXACT, runner_up=float("inf"))
