"""The first lie: the backward expression whose inputs are right and whose result is not.

Faults are found one after another from the loss downwards. Once found, the user's own value is believed
in place of the true adjoint, so that what follows from it agrees again and only independent faults remain.
"""

from __future__ import annotations

from typing import Any

from bpdoctor.diagnose.believed import Fault, believe
from bpdoctor.diagnose.search import Search, Tools

__all__ = ["Fault", "Tools", "localise"]
_MOST_FAULTS = 6


def localise(assessment: Any, tools: Tools) -> tuple[list[Fault], Any]:
    """Find the independent faults behind the wrong families.

    Returns
    -------
    tuple of (list of Fault, Assessment)
        The faults from the loss downwards, and what remains after all of them are believed.
    """
    faults: list[Fault] = []
    overrides: list[dict[int, Any]] = [{} for _ in assessment.trials]
    current = assessment
    while len(faults) < _MOST_FAULTS:
        misshapen = {k for f in faults if f.misshapen for k in f.families}
        wrong = [k for k, o in enumerate(current.outcomes) if o.status == "wrong" and k not in misshapen]
        if not wrong:
            break
        fault = Search(current, overrides, wrong, tools).best()
        if fault is None:
            break
        faults.append(fault)
        for trial, held in zip(current.trials, overrides, strict=True):
            held.update(believe(trial, fault.pairs, fault.scale) or {})
        trials = current.trials
        current = tools.assess([t.view for t in trials], [t.candidate for t in trials], overrides)
    return faults, current
