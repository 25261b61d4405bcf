"""Rows of a parameter moved in place by numbers of which one occurs twice: only the last move of a row stays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from bpdoctor.identify.families import Family
from bpdoctor.identify.rows import numbers
from bpdoctor.measure.assess import Trial
from bpdoctor.model.report import Finding, Mark
from bpdoctor.model.rule import Rule
from bpdoctor.model.tape import Tape
from bpdoctor.observe.sites import Sites
from bpdoctor.pipeline.analysis import Analysis
from bpdoctor.pipeline.repairs import Proposal
from bpdoctor.report.wording import number

_SLUG = "embedding-gradient"
_SAME = 1e-7


def scattered(
    a: Analysis, names: Sequence[str], sites: Sites, rules: Mapping[str, Rule]
) -> Iterator[tuple[Finding, list[Proposal]]]:
    """Say of an update in place which rows it moves too little: with all moves added it would be a right one."""
    if a.rest is None or _SLUG not in rules:
        return
    explained = {k for fault, _ in a.faults for k in fault.families}
    for k, outcome in enumerate(a.rest.outcomes):
        if outcome.status != "wrong" or k in explained:
            continue
        gaps = [_gap(trial, k) for trial in a.rest.trials]
        if any(gap is None or gap > _SAME for gap in gaps):
            continue
        rule = rules[_SLUG]
        yield (
            Finding(
                rule.code,
                rule.slug,
                "error",
                f"gradient of `{names[k]}` is wrong: {rule.title}",
                Mark(sites[a.views[0].families[k].site].span, "the last move of a row replaces those before"),
                evidence=(
                    f"relative error {number(outcome.residual)} in the gradient of `{names[k]}`",
                    "with the moves of all occurrences added it is the gradient, to "
                    f"{number(max(gap or 0.0 for gap in gaps))} on {len(gaps)} of {len(gaps)} recorded steps",
                ),
                why=rule.why,
                residual=max(gap or 0.0 for gap in gaps),
                follows=(names[k],),
            ),
            [],
        )


def _gap(trial: Trial, k: int) -> float | None:
    """What the sum of all moves and the true gradient differ by, relative to it; None of another kind of update."""
    family, rate = trial.view.families[k], trial.rate[True]
    reference = trial.references[k]
    moves = _moves(trial, family)
    if reference is None or moves is None or not rate:
        return None
    size = float(np.abs(rate * reference).max(initial=0.0))
    return float(np.abs(moves + rate * np.ravel(reference)).max()) / size if size else None


def _moves(trial: Trial, family: Family) -> Any | None:
    """All that is added to the rows of one parameter, each occurrence counted."""
    if len(family.claims) != 1:
        return None
    tape, chain = trial.view.tape, trial.view.step.parameters[family.claims[0].parameter]
    out = np.zeros(np.shape(tape.values[chain.start]))
    for update in chain.updates:
        key = _key(tape, update.after)
        if key is None:
            return None
        for term in update.terms:
            np.add.at(out, key, term.sign * np.asarray(tape.values[term.node], dtype=np.float64))
    return np.ravel(out)


def _key(tape: Tape, n: int) -> Any | None:
    node = tape.nodes[n]
    key = node.static.get("key") if node.prim == "setitem" else None
    return None if numbers(key) is None else key
