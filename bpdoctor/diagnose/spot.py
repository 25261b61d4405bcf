"""Which expression to point at: the product that is wrong, or the factor in it that makes it so."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any

import numpy as np

from bpdoctor.diagnose.believed import Fault
from bpdoctor.diagnose.name import Named
from bpdoctor.model.tape import CONST, Handed, Store

# Faults of the factor f' by itself: for these the place where the factor is made is the place to mend.
AT_THE_CALL = frozenset({"double-activation-derivative", "activation-formula-on-preactivation"})
IN_THE_FORMULA = frozenset({"wrong-activation-derivative", "activation-slope-mismatch"})
LEFT_OUT = frozenset({"missing-activation-derivative", "gate-derivative-missing"})
_ALIAS = (ast.Name, ast.Attribute, ast.Subscript)
_SCALING = frozenset({"multiply", "divide", "negative", "copy", "positive"})


def spot(fault: Fault, named: Named, sites: Any) -> tuple[int, ast.AST]:
    """The expression at fault and a site in its file: the wrong value itself where nothing finer is known."""
    site = _site(fault, named, sites)
    slug = named.rule.slug if named.rule is not None else ""
    if slug in LEFT_OUT and fault.missing_step:
        element = _element(fault, sites)
        if element is not None:
            return element
    if (
        slug == "elementwise-for-matmul"
        and named.prediction is not None
        and named.prediction.label.startswith("forward")
    ):
        site = _entrywise(fault, site)
    statement, node = sites[site].statement, sites[site].node
    value = getattr(statement, "value", None)
    is_target = isinstance(statement, ast.Assign) and any(
        node is part for t in statement.targets for part in ast.walk(t)
    )
    return site, value if is_target and value is not None else node


def _site(fault: Fault, named: Named, sites: Any) -> int:
    view = fault.assessment.trials[0].view
    node, site = view.by_key[fault.pairs[0][0]], fault.pairs[0][0][0]
    slug = named.rule.slug if named.rule is not None else ""
    if slug in AT_THE_CALL | IN_THE_FORMULA:
        factor = _factor(view, node, named)
        if factor is not None and factor not in fault.assessment.trials[0].adjoints.values:
            return _made(view, factor, site, slug, sites)
    if slug in LEFT_OUT and fault.missing_step:
        origin = _unscaled(view, node)
        handed = _handed_on(view, origin, sites)
        return handed if handed is not None else int(view.tape.nodes[origin].site)
    if slug == "gradient-accumulation":
        return _taken_alone(view, node)
    if slug == "missing-upstream-gradient":
        handed = _handed_on(view, node, sites)
        return site if handed is None else handed
    return site


def _entrywise(fault: Fault, site: int) -> int:
    """The forward expression that multiplies a weight entry by entry."""
    view = fault.assessment.trials[0].view
    weight = view.by_key[fault.pairs[0][1]]
    reached = sorted(fault.assessment.trials[0].adjoints.values)
    nodes = view.tape.nodes
    return next(
        (int(nodes[n].site) for n in reached if nodes[n].prim == "multiply" and weight in nodes[n].inputs), site
    )


def _element(fault: Fault, sites: Any) -> tuple[int, ast.AST] | None:
    """The name under which a finished value becomes one part of an array, among parts that are computed there."""
    view = fault.assessment.trials[0].view
    node = view.by_key[fault.pairs[0][0]]
    for n in range(node + 1, view.step.stop):
        inputs, expression = view.tape.nodes[n].inputs, sites[view.tape.nodes[n].site].node
        if node in inputs and n in view.masks and isinstance(expression, ast.Call) and expression.args:
            parts = getattr(expression.args[0], "elts", ())
            if len(parts) == len(inputs) and isinstance(parts[inputs.index(node)], _ALIAS):
                return view.tape.nodes[n].site, parts[inputs.index(node)]
    return None


def _factor(view: Any, node: int, named: Named) -> int | None:
    """The operand of a product ``upstream * factor`` that is not the error from above."""
    entry, local = view.tape.nodes[node], named.local
    if entry.prim != "multiply" or local is None or local.upstream is None:
        return None
    for i in (0, 1):
        source, other = entry.inputs[i], entry.inputs[1 - i]
        if CONST not in (source, other) and _multiple(view.tape.values[other], local.upstream):
            return int(source)
    return None


def _multiple(x: Any, y: Any) -> bool:
    a, b = np.ravel(np.asarray(x, dtype=np.float64)), np.ravel(np.asarray(y, dtype=np.float64))
    size = float(np.dot(b, b))
    if a.size != b.size or a.size < 2 or not size:
        return False
    return bool(np.abs(a - np.dot(a, b) / size * b).max() <= 1e-8 * max(np.abs(a).max(), 1e-300))


def _made(view: Any, factor: int, site: int, slug: str, sites: Any) -> int:
    """Where the factor gets its value: in a helper's formula, in a statement of its own, or in the product."""
    own = view.tape.nodes[factor].site
    if slug in IN_THE_FORMULA:
        return int(own)
    stored = [e.site for e in view.tape.events if isinstance(e, Store) and e.node == factor]
    for s in stored:
        if sites[s].scope == sites[site].scope and sites[s].line != sites[site].line:
            return int(s)
    return site


def _unscaled(view: Any, node: int) -> int:
    """The value before constant factors: a rate taken in early, an averaging."""
    while view.tape.nodes[node].prim in _SCALING:
        inner = [s for s in view.tape.nodes[node].inputs if s in view.masks]
        if len(inner) != 1 or inner[0] not in view.keys:
            break
        node = inner[0]
    return node


def _taken_alone(view: Any, node: int) -> int:
    """The last value that is made for each sample again, though one of them is all that is used."""
    samples = len(view.by_site[view.tape.nodes[node].site])
    for n in range(node + 1, view.step.stop):
        entry = view.tape.nodes[n]
        often = n in view.keys and len(view.by_site[entry.site]) >= samples
        if node in entry.inputs and entry.prim in _SCALING and often:
            node = n
    return int(view.tape.nodes[node].site)


def _handed_on(view: Any, node: int, sites: Any) -> int | None:
    """Where a finished value is passed on as another: ``dz = da``, or the return of a function that does nothing.

    Notes
    -----
    A function in which nothing is computed is a step that was left empty. In a function that computes, a
    plain ``b = a`` counts where `a` was made there.
    """
    origin = sites[view.tape.nodes[node].site]
    busy = {sites[view.tape.nodes[n].site].scope for n in range(view.step.start, view.step.stop)}
    found = list(_aliases(view, node, sites))
    for site in found:
        if sites[site].scope not in busy:
            return site
    for site in found:
        same = sites[site].scope == origin.scope and sites[site].line != origin.line
        if same and isinstance(sites[site].node, ast.Name) and isinstance(sites[site].statement, ast.Assign):
            return site
    return None


def _aliases(view: Any, node: int, sites: Any) -> Iterable[int]:
    for event in view.tape.events:
        if isinstance(event, Store | Handed) and event.node == node and event.position <= view.step.stop:
            value = (
                sites[event.site].node
                if isinstance(event, Handed)
                else getattr(sites[event.site].statement, "value", None)
            )
            if isinstance(value, _ALIAS):
                yield event.site
