"""A gradient that is the last term of a sum: over samples, or over the uses of a shared weight."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from bpdoctor.diagnose.localise import Fault
from bpdoctor.diagnose.name import Named
from bpdoctor.identify.dependence import ancestors, bit, dependence
from bpdoctor.measure.view import View
from bpdoctor.model.rule import Rule
from bpdoctor.observe.sites import Sites


def by_samples(fault: Fault, named: Named, rules: Sequence[Rule], sites: Sites) -> Named:
    """Only the last term of a sum: over samples, whose passes meet in the loss alone.

    Where the program overwrites no term and leaves none aside, what looks like that is another mistake.
    """
    if named.rule is None or not named.rule.samples:
        return named
    view = fault.assessment.trials[0].view
    weight = view.by_key[fault.pairs[0][1]]
    reached = fault.assessment.trials[0].adjoints.values
    uses = [n for n in sorted(view.forward) if weight in view.tape.nodes[n].inputs and n in reached]
    if len(uses) < 2 or any(_meet(view, a, b) for a, b in pairwise(uses)):
        return named
    if not _leaves_aside(view, sites):
        return replace(named, rule=None, prediction=None, residual=np.inf)
    return replace(named, rule=next(r for r in rules if r.slug == named.rule.samples))


def _leaves_aside(view: View, sites: Sites) -> bool:
    """Whether entries are assigned, or an expression was run again and only what it gave last went into a gradient."""
    nodes, step = view.tape.nodes, view.step
    terms = [t.node for c in step.parameters for u in c.updates for t in u.terms]
    used = ancestors(view.tape, terms, range(step.start, step.stop))
    if any(nodes[n].prim == "setitem" and isinstance(sites[nodes[n].site].node, ast.Assign) for n in used):
        return True
    runs: dict[int, list[int]] = defaultdict(list)
    for n in range(step.start, step.stop):
        runs[nodes[n].site].append(n)
    return any(run[-1] in used and not used.issuperset(run) for run in runs.values())


def _meet(view: View, first: int, second: int) -> bool:
    """Whether what is computed from two values comes together before the losses are added up."""
    tape, hi = view.tape, view.step.stop
    one, two = (dependence(tape, {n: bit(0)}, view.step.lo, hi) for n in (first, second))
    if second in one:
        return True
    common = min((n for n in one if n in two and n in view.forward), default=None)
    if common is None:
        return False
    return tape.nodes[common].prim not in ("add", "add-all", "sum", "array") or np.size(tape.values[common]) > 1
