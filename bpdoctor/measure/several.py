"""A loss that is a sum over several outputs, each with a target of its own, of which the program computes none."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations, islice, product

import numpy as np

from bpdoctor.identify.dependence import ancestors
from bpdoctor.identify.loss import Candidate, implied_losses
from bpdoctor.identify.residuals import find_residuals
from bpdoctor.measure.assess import Assessment, assess
from bpdoctor.measure.view import View
from bpdoctor.measure.weights import weights_of

Label = tuple[int, str]
_MOST_OUTPUTS, _MOST_SUMS = 3, 24


def of_several(views: Sequence[View], node_of_site: Callable[[int], ast.AST]) -> list[Assessment]:
    """The sums of standard losses of different outputs under which all gradients agree, whatever their weights."""
    tables = [_table(view, node_of_site) for view in views]
    common = {label for label in tables[0] if all(label in table for table in tables)}
    tables = [{label: c for label, c in table.items() if label in common} for table in tables]
    swept = [{label: view.sweep(c.seeds) for label, c in t.items()} for view, t in zip(views, tables, strict=True)]
    out = []
    for labels in list(_sums(tables[0]))[:_MOST_SUMS]:
        weights = weights_of(views, [[adjoints[label] for label in labels] for adjoints in swept])
        if weights is not None:
            found = assess(views, [_added([t[label] for label in labels], weights) for t in tables])
            out += [found] if found.settled else []
    return out


def added_up(view: View, candidate: Candidate, stated: Callable[[int], bool]) -> bool:
    """Whether a statement of the program adds up the terms of a loss, of which a parameter has more than one.

    That says what weights they have. What each trains for itself may be added up to be printed.
    """
    swept = [view.sweep({n: candidate.seeds[n]}) for n in candidate.scalars]
    shared = any(sum(bool(np.any(a.values.get(start, 0))) for a in swept) > 1 for start in view.starts)
    last = max(candidate.scalars)
    later = (n for n in sorted(view.forward) if n > last and np.size(view.tape.values[n]) == 1)
    sums = (n for n in later if stated(view.tape.nodes[n].site))
    within = set(candidate.scalars)
    return shared and any(within <= ancestors(view.tape, [n], view.masks) for n in islice(sums, _MOST_SUMS))


def _table(view: View, node_of_site: Callable[[int], ast.AST]) -> dict[Label, Candidate]:
    """Losses of each residual by its place and their form; nobody descends the signs of errors beside other errors."""
    residuals = find_residuals(view.tape, view.masks, view.claims, node_of_site)
    implied = ((r.site, c) for r in residuals for c in implied_losses(view.tape, r))
    return {(site, c.form): c for site, c in implied if c.form != "absolute error"}


def _sums(table: dict[Label, Candidate]) -> Iterator[tuple[Label, ...]]:
    """One loss for each of several places that set different outputs against targets."""
    places: dict[int, list[Label]] = {}
    for label in table:
        places.setdefault(label[0], []).append(label)
    for count in range(2, _MOST_OUTPUTS + 1):
        for sites in combinations(places, count):
            outputs = [o for site in sites for o in {o for o, _ in table[places[site][0]].pairs}]
            if len(outputs) == len(set(outputs)):
                yield from product(*(places[site] for site in sites))


def _added(terms: Sequence[Candidate], weights: Sequence[float]) -> Candidate:
    seeds = {o: w * np.asarray(seed) for c, w in zip(terms, weights, strict=True) for o, seed in c.seeds.items()}
    form = " and ".join(dict.fromkeys(c.form for c in terms))
    return replace(terms[0], form=form, seeds=seeds, pairs=tuple(p for c in terms for p in c.pairs))
