"""Which loss the program trains: every candidate is tried on every recorded step, the best is kept."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from bpdoctor.identify.dependence import ancestors
from bpdoctor.identify.fused import fused_losses
from bpdoctor.identify.loss import Candidate, computed_losses, implied_losses, summed_losses
from bpdoctor.identify.residuals import Residual, find_residuals
from bpdoctor.measure.assess import Assessment, Trial, assess
from bpdoctor.measure.fit import fit, precision
from bpdoctor.measure.several import added_up
from bpdoctor.measure.targets import with_targets
from bpdoctor.measure.view import View
from bpdoctor.measure.weights import weights_of

Label = tuple[str, object]
_MOST_TRIED = 7
_MEASURE = "absolute error"
_NONE = Candidate("", True, {}, None)


def candidates_of(view: View, node_of_site: Callable[[int], ast.AST]) -> dict[Label, Candidate]:
    """Loss candidates of one step by a label that is the same in every step."""
    out: dict[Label, Candidate] = {}
    residuals = find_residuals(view.tape, view.masks, view.claims, node_of_site)
    for candidate in computed_losses(view.tape, view.step, view.masks):
        assert candidate.node is not None
        out["computed", view.keys[candidate.node]] = replace(candidate, pairs=_pairs(view, candidate.node, residuals))
    for residual in residuals:
        for candidate in (*implied_losses(view.tape, residual), *fused_losses(view.tape, residual)):
            out[candidate.form, residual.site] = candidate
    return out


def _named(view: View, node: int | None, node_of_site: Callable[[int], ast.AST]) -> dict[Label, Candidate]:
    """The loss that the user points to, whatever else is computed from it."""
    if node is None:
        return {}
    residuals = find_residuals(view.tape, view.masks, view.claims, node_of_site)
    seeds = {node: np.ones(np.shape(view.tape.values[node]))}
    return {("computed", "named"): Candidate("computed", False, seeds, node, _pairs(view, node, residuals))}


def forward_nodes(view: View, node_of_site: Callable[[int], ast.AST]) -> set[int]:
    """What the outputs and the losses are computed from, whichever loss it is; everything where none is known."""
    seeds = {n for c in candidates_of(view, node_of_site).values() for n in (*c.seeds, *(o for o, _ in c.pairs))}
    return ancestors(view.tape, seeds, view.masks) if seeds else set(view.masks)


def _pairs(view: View, loss: int, residuals: Sequence[Residual]) -> tuple[tuple[int, Any], ...]:
    """Outputs and targets behind a computed loss."""
    above = ancestors(view.tape, [loss], view.masks)
    for residual in residuals:
        if all(o in above for o, _ in residual.pairs):
            return residual.pairs
    return ()


def declared_form(assessment: Assessment) -> str:
    """The standard loss that a computed scalar is, judged by its derivative at the outputs; else empty.

    A scalar that is merely printed (a mean absolute error, an accuracy) is no declaration.
    """
    return _declared(assessment)[0]


def of_signs(assessment: Assessment) -> bool:
    """Whether a computed scalar is a sum or mean of absolute errors, which is mostly there to be printed."""
    return not assessment.inferred and _standard(assessment)[0] == _MEASURE


def _declared(assessment: Assessment) -> tuple[str, float]:
    """The standard loss and how often it is taken: a negative number of times by a likelihood."""
    form, times = _standard(assessment)
    return (form, times) if form != _MEASURE else ("", 0.0)


def _standard(assessment: Assessment) -> tuple[str, float]:
    """The one standard loss, measures included, of whose derivative at the outputs a scalar has a multiple."""
    held: list[Any] = []
    wanted: dict[str, list[Any]] = {}
    tolerance = 1e-7
    for trial in assessment.trials:
        pairs = trial.candidate.pairs
        given = [trial.adjoints.get(o) for o, _ in pairs]
        if not pairs or any(g is None or not np.isfinite(g).all() for g in given):
            return "", 0.0
        held.extend(np.ravel(np.asarray(g)) for g in given)
        tolerance = max(tolerance, *(precision(trial.view.tape.values[o]) for o, _ in pairs))
        for standard in implied_losses(trial.view.tape, Residual(0, pairs, ())):
            wanted.setdefault(standard.form, []).extend(np.ravel(standard.seeds[o]) for o, _ in pairs)
    x = np.concatenate(held)
    sums = {form: np.concatenate(parts) for form, parts in wanted.items()}
    fits = {form: fit(x, y, tolerance) for form, y in sums.items() if x.size > 1 and y.size == x.size}
    forms = [(form, f.scale) for form, f in fits.items() if f.matches]
    return forms[0] if len(forms) == 1 else ("", 0.0)


def _tried(usable: Sequence[tuple[View, Candidate]], stated: Callable[[int], bool]) -> Assessment:
    """Under a loss; under the negative of the number that a statement computes where that is a likelihood."""
    views, candidates = [v for v, _ in usable], [c for _, c in usable]
    found = assess(views, candidates)
    if found.inferred or _declared(found)[1] >= 0 or not all(_is_whole(t, stated) for t in found.trials):
        return found
    return assess(views, [c.negated for c in candidates])


def _likely(view: View, table: dict[Label, Candidate]) -> list[Label]:
    """The candidates worth trying on every step: those that agree most on the first, in their order."""
    if len(table) <= _MOST_TRIED:
        return list(table)
    agreeing = {label: assess([view], [candidate]).agreeing for label, candidate in table.items()}
    kept = sorted(table, key=lambda label: -agreeing[label])[:_MOST_TRIED]
    return [label for label in table if label in kept]


def assessments(
    views: Sequence[View],
    node_of_site: Callable[[int], ast.AST],
    named: Callable[[View], int | None] | None = None,
    stated: Callable[[int], bool] = lambda site: False,
) -> list[Assessment]:
    """Every loss hypothesis that holds in all steps, computed ones first; only the one that is named, if any.

    `stated` tells of a site whether it is what a whole statement computes.
    """
    tables = [candidates_of(v, node_of_site) if named is None else _named(v, named(v), node_of_site) for v in views]
    if not any(tables):
        return []
    first = 0 if named is None else next(k for k, table in enumerate(tables) if table)
    least = min(2, len(views)) if named is None else 1
    known: dict[Label, Assessment | None] = {}

    def idle(usable: Sequence[tuple[View, Candidate]]) -> bool:
        """Whether this only leads to the loss of a whole statement, under which all gradients agree."""
        ends = [a for a in known.values() if a is not None and a.settled and len(a.trials) == len(usable)]
        return any(all(_on_the_way(t, *u, stated) for t, u in zip(a.trials, usable, strict=True)) for a in ends)

    def judged(labels: Sequence[Label]) -> list[Assessment]:
        for label in sorted(labels, key=lambda label: -(tables[first].get(label, _NONE).node or 0)):
            if label not in known:
                usable = [(view, table[label]) for view, table in zip(views, tables, strict=True) if label in table]
                enough = len(usable) >= least and not idle(usable)
                found = _tried(usable, stated) if enough else None
                known[label] = found if found is None or named is not None or not _is_output(found, stated) else None
        return [a for a in (known[label] for label in labels) if a is not None]

    computed = {label: c for label, c in tables[first].items() if not c.inferred}
    out = judged(_likely(views[first], computed))
    # Where a loss of the program's own explains every gradient, none needs to be inferred.
    if any(a.settled for a in out):
        return out
    given = with_targets(out)
    if any(a.settled for a in given):
        return given
    whole = _summed(views, node_of_site, stated, max((a.agreeing for a in out), default=0)) if named is None else []
    if any(a.settled for a in whole):
        return whole
    rest = judged(_likely(views[first], tables[first]))
    return [*given, *whole, *rest, *_late(rest, views, tables)] if out else [*_seldom(views, tables), *whole, *rest]


def _is_output(assessment: Assessment, stated: Callable[[int], bool]) -> bool:
    """Whether what is taken for a loss is a part of an expression that gradients are made of, and that they climb.

    An output moves up where its target is above it; whoever descends a loss that is climbed has at least written it
    down.
    """
    trial = assessment.trials[0]
    climbed = any(rate < 0 for t in assessment.trials for rate in t.rate.values())
    if trial.candidate.node is None or not climbed or _is_whole(trial, stated):
        return False
    view, made = trial.view, trial.view.tape.nodes[trial.candidate.node]
    # The same that is computed twice is taken from the first of both.
    alike = {n for n in view.masks if view.tape.nodes[n][:2] == made[:2]}
    return any(alike & view.backward(family) for family in view.families)


def _summed(
    views: Sequence[View], node_of_site: Callable[[int], ast.AST], stated: Callable[[int], bool], least: int
) -> list[Assessment]:
    """Sums of scalars under which as many gradients agree as under any of the scalars alone."""
    tables: list[dict[Label, Candidate]] = []
    for view in views:
        residuals = find_residuals(view.tape, view.masks, view.claims, node_of_site)
        found = summed_losses(view.tape, view.step, view.masks, stated)
        tables.append(
            {
                ("sum", tuple(sorted(view.keys[n] for n in c.seeds))): replace(
                    c, pairs=_pairs(view, c.node or 0, residuals)
                )
                for c in found
            }
        )
    out = []
    for label in tables[0] if tables else ():
        usable = [(view, table[label]) for view, table in zip(views, tables, strict=True) if label in table]
        if len(usable) < min(2, len(views)) or added_up(*usable[0], stated):
            continue
        assessment = assess([v for v, _ in usable], [c for _, c in usable])
        if not assessment.settled and (weighed := _weighed(usable)) is not None:
            assessment = weighed
        if assessment.agreeing >= max(least, 1):
            out.append(assessment)
    return out


def _weighed(usable: Sequence[tuple[View, Candidate]]) -> Assessment | None:
    """Under the sum with the weights that all gradients give its terms: what nobody adds up has no others."""
    views = [v for v, _ in usable]
    weights = weights_of(views, [[v.sweep({n: c.seeds[n]}) for n in c.scalars] for v, c in usable])
    if weights is None:
        return None
    made = [replace(c, seeds={n: c.seeds[n] * w for n, w in zip(c.scalars, weights, strict=True)}) for _, c in usable]
    found = assess(views, made)
    return found if found.settled else None


def _on_the_way(trial: Trial, view: View, candidate: Candidate, stated: Callable[[int], bool]) -> bool:
    """Whether a part of a statement is all that the scalar of a whole one is computed from."""
    node, last = candidate.node, trial.candidate.node
    if trial.view is not view or node is None or last is None:
        return False
    nodes, starts = view.tape.nodes, view.starts
    if not stated(nodes[last].site) or stated(nodes[node].site):
        return False
    while last > node and last not in starts:
        within = {s for s in nodes[last].inputs if s in view.forward}
        if len(within) != 1:
            return False
        last = within.pop()
    return last == node


def _is_whole(trial: Trial, stated: Callable[[int], bool]) -> bool:
    """Whether a scalar is what a whole statement computes; on the way to a loss stands its negative."""
    node = trial.candidate.node
    return node is not None and stated(trial.view.tape.nodes[node].site)


def _late(
    inferred: list[Assessment], views: Sequence[View], tables: Sequence[dict[Label, Candidate]]
) -> list[Assessment]:
    """What explains every gradient of a later step that has a loss, where the first has only what was evaluated before.

    A gradient check before training calls the loss, at other samples, and hides that it is printed now and then.
    """
    first = [c for c in tables[0].values() if not c.inferred]
    before = all(c.node is not None and c.node < views[0].step.start for c in first)
    if not before or any(a.settled for a in inferred):
        return []
    later = [k for k, v in enumerate(views) if v.step.start > views[0].step.start]
    found = [[a for a in _seldom([views[k]], [tables[k]]) if a.settled] for k in later if _computes(tables[k])]
    return found[0] if found and all(found) else []


def _computes(table: dict[Label, Candidate]) -> bool:
    return any(not c.inferred for c in table.values())


def _seldom(views: Sequence[View], tables: Sequence[dict[Label, Candidate]]) -> list[Assessment]:
    """Losses that the program computes now and then only, to print them: judged on the one step that has them."""
    for view, table in zip(views, tables, strict=True):
        if _computes(table):
            computed = {label: c for label, c in table.items() if not c.inferred}
            return [assess([view], [computed[label]]) for label in _likely(view, computed)]
    return []
