"""A wrong gradient whose formula is right but for the array it reads bears the name of how that array came there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bpdoctor.diagnose.caches import Cause, cause_of
from bpdoctor.diagnose.localise import Fault
from bpdoctor.diagnose.name import Named
from bpdoctor.diagnose.passes import EXACT
from bpdoctor.model.evidence import Prediction
from bpdoctor.model.report import Mark
from bpdoctor.model.rule import Rule
from bpdoctor.observe.sites import Sites


def by_causes(named: Sequence[tuple[Fault, Named]], rules: Sequence[Rule], sites: Sites) -> list[tuple[Fault, Named]]:
    """The names of the causes where they are proved by exchanging arrays, else those that the values had."""
    first = [(fault, _by_cause(name, rules, cause_of(fault, sites))) for fault, name in named]
    known = {name.cause.origin for _, name in first if name.cause is not None}
    if not known or all(name.cause is not None for _, name in first):
        return first
    return [(f, n if n.cause is not None else _by_cause(n, rules, cause_of(f, sites, known))) for f, n in first]


def origins(named: Sequence[tuple[Fault, Named]]) -> int:
    """How many events the causes of faults come down to."""
    return len({name.cause.origin for _, name in named if name.cause is not None})


def _by_cause(named: Named, rules: Sequence[Rule], cause: Cause | None) -> Named:
    rule = next((r for r in rules if cause is not None and r.slug == cause.slug), None)
    if cause is None or rule is None:
        return named
    prediction = Prediction(None, cause.slug, cause.note, cause.should)
    return replace(named, rule=rule, prediction=prediction, residual=EXACT, runner_up=float("inf"), cause=cause)


def marks_of(named: Named, sites: Sites) -> tuple[Mark, tuple[Mark, ...]] | None:
    """Where the wrong array came to be where it is read, and where it is read."""
    if named.cause is None:
        return None
    site, read = sites[named.cause.site], sites[named.cause.read]
    written = named.cause.slug == "cache-mutated-before-backward"
    label = "overwritten here, in place" if written else "this is what the backward pass finds"
    other = () if site.line == read.line else (Mark(read.span, "and read here for what it held before"),)
    return Mark(site.span, label), other
