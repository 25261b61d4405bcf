"""Which expression to point at: the product that is wrong, or the factor in it that makes it so."""

from __future__ import annotations

import ast
from typing import Any

import numpy as np

from bpdoctor.diagnose.believed import Fault, Pair, believe
from bpdoctor.diagnose.factors import error_within
from bpdoctor.diagnose.handed import given_back, handed_on, returned
from bpdoctor.diagnose.keeping import SCALING, kept_at, overwriting, unscaled, within
from bpdoctor.diagnose.name import Named
from bpdoctor.diagnose.terms import Terms
from bpdoctor.model.tape import CONST, Store

_FILLED = frozenset({"setitem", "overlay"})
_JOINS = frozenset({"hstack", "vstack", "concatenate", "stack", "column_stack", "array"})
_MOST_LOOKED_AT = 6
_RIGHT = 1e-6


def spot(fault: Fault, named: Named, sites: Any) -> tuple[int, ast.AST]:
    """The expression at fault and a site in its file: the wrong value itself where nothing finer is known."""
    site = _made_at(fault, named, sites)
    if site is None and (joined := _joined(fault.first or fault, named, sites)):
        return joined
    if site is None and fault.first is not None:
        site = _passed_at(fault.first, named, sites)
    if site is None:
        site = _passed_at(fault, named, sites)
    site = _own_place(fault, named, sites) if site is None else site
    site = _called_at(fault, named, site, sites)
    statement, expression = sites[site].statement, sites[site].node
    value = getattr(statement, "value", None)
    is_target = isinstance(statement, ast.Assign) and any(
        expression is part for t in statement.targets for part in ast.walk(t)
    )
    return site, value if is_target and value is not None else expression


def _called_at(fault: Fault, named: Named, site: int, sites: Any) -> int:
    """The call at fault, where what a function computes is right when it is called from elsewhere in this step."""
    if site != fault.pairs[0][0][0] or (named.rule is not None and named.rule.place not in ("value", "call")):
        return site
    trial = fault.assessment.trials[0]
    view, scope = trial.view, sites[site].scope
    runs = [view.by_key[k] for k in view.by_site.get(site, ()) if view.step.start <= view.by_key[k] < view.step.stop]
    calls = {n: view.tape.call(n, scope) for n in runs}
    wrong = {view.by_key[user] for user, _ in fault.pairs}
    guilty = {c.site for n in wrong if (c := calls.get(n)) is not None}
    others = [n for n, c in calls.items() if c is not None and n not in wrong and c.site not in guilty]
    if len(guilty) != 1 or len(others) + len(wrong) != len(runs):
        return site
    # What an earlier fault had wrong is believed by now, and not right for that.
    others = [n for n in others if not any(_multiple(view.tape.values[n], g) for g in trial.overrides.values())]
    right = (n for n in others if any(_multiple(view.tape.values[n], g) for g in trial.adjoints.values.values()))
    return guilty.pop() if next(right, None) is not None else site


def _made_at(fault: Fault, named: Named, sites: Any) -> int | None:
    """The place that the name of a fault tells: that of a factor, of a parameter, or of what is kept of a sum."""
    view = fault.assessment.trials[0].view
    node, site = view.by_key[fault.pairs[0][0]], fault.pairs[0][0][0]
    # Without a name the factor beside an error that is right is at fault all the same.
    place = named.rule.place if named.rule is not None else "factor" if named.layer == "activation" else "value"
    if site < 0:  # a parameter is taken for its own gradient
        return int(view.families[fault.families[0]].site)
    if place in ("factor", "formula"):
        # What is known above belongs to one execution: of a place that is run at each time step, not to the first.
        users = (view.by_key[user] for user, _ in fault.pairs)
        factor = next((f for n in users if (f := _factor(view, n, named)) is not None), None)
        if factor is not None and factor not in fault.assessment.trials[0].adjoints.values:
            return _made(view, factor, site, place == "formula" and not _of_other_layer(named), sites)
        if factor is not None:
            return named_for(view, factor, site, sites)
    if named.prediction is not None and place == "forward" and named.prediction.label.startswith("forward"):
        return _entrywise(fault, site)
    if place == "kept":
        kept = kept_at(view, node, sites)
        adds = isinstance(sites[kept].statement, ast.AugAssign)
        return (overwriting(view, sites) if adds else None) or kept
    if place == "output" or named.layer == "output":
        filled = view.tape.nodes[unscaled(view, node)]
        return int(filled.site) if filled.prim in _FILLED else None  # ``d[rows, y] -= 1``, then ``d /= n``
    if place == "call":
        called = _called_at(fault, named, site, sites)
        return _taken(view, view.by_key[_first_wrong(fault)[0]], sites) if called == site else called
    if place == "upstream":
        handed = handed_on(view, node, sites)
        return returned(view, node, sites) if handed is None else handed
    return None


def _of_other_layer(named: Named) -> bool:
    """Whether a factor is the right one of another layer: what is at fault is what it is taken of."""
    return named.prediction is not None and named.prediction.label.startswith("of the layer")


def _passed_at(fault: Fault, named: Named, sites: Any) -> int | None:
    """Where a right value is passed on as if a step had been made; else the first wrong value, or term of one."""
    trial = fault.assessment.trials[0]
    by_key, nodes = trial.view.by_key, trial.view.tape.nodes
    if _step_left_out(fault, named):
        origin = _origin(fault, sites)
        handed = handed_on(trial.view, origin, sites)
        return returned(trial.view, origin, sites) if handed is None else handed
    for user, forward in sorted(fault.pairs, key=lambda p: by_key[p[0]])[:_MOST_LOOKED_AT]:
        terms = Terms(trial, fault.scale, sites)
        guilty = terms.guilty(by_key[user], by_key[forward])
        if guilty is not None:
            handed = handed_on(trial.view, guilty, sites)
            if handed is None and terms.right(guilty):
                handed = given_back(trial.view, guilty, sites)
            return int(nodes[guilty].site) if handed is None else handed
    return _error_at(fault, named, sites)


def _error_at(fault: Fault, named: Named, sites: Any) -> int:
    """The error from above, where it is what is wrong and f' is right and stands in another statement."""
    view, (user, forward) = fault.assessment.trials[0].view, _first_wrong(fault)
    local = named.local
    if named.rule is None or named.rule.place != "error" or local is None or local.role != "activation":
        return user[0]
    error = error_within(view, view.by_key[user], view.by_key[forward], local.activation)
    made = user[0] if error is None else int(view.tape.nodes[error].site)
    return made if sites[made].statement is not sites[user[0]].statement else user[0]


def _own_place(fault: Fault, named: Named, sites: Any) -> int:
    """The value itself; of one that lacks a step, without the constants that it is multiplied by."""
    if not _step_left_out(fault, named):
        return fault.pairs[0][0][0]
    return int(fault.assessment.trials[0].view.tape.nodes[_origin(fault, sites)].site)


def _origin(fault: Fault, sites: Any) -> int:
    """The error that lacks a step, before a product with an input turns and scales it."""
    view = fault.assessment.trials[0].view
    return _scaled_on(view, unscaled(view, view.by_key[fault.pairs[0][0]]), sites)


def _step_left_out(fault: Fault, named: Named) -> bool:
    return fault.missing_step or (named.rule is not None and named.rule.place == "handed on")


def _joined(fault: Fault, named: Named, sites: Any) -> tuple[int, ast.AST] | None:
    """The place of a value in a list of values that are put together, where that is all it is used for."""
    if not _step_left_out(fault, named):
        return None
    view = fault.assessment.trials[0].view
    node = view.by_key[fault.pairs[0][0]]
    readers = [n for n in range(node + 1, view.step.stop) if node in view.tape.nodes[n].inputs]
    if len(readers) != 1 or view.tape.nodes[readers[0]].prim not in _JOINS:
        return None
    adjoints = fault.assessment.trials[0].adjoints.values.values()
    if not any(_multiple(view.tape.values[node], g) for g in adjoints):
        return None  # what is no error of anything was made wrongly, and not handed on too early
    entry = view.tape.nodes[readers[0]]
    parts = getattr(sites[entry.site].node, "args", [None])[0]
    elements = getattr(parts, "elts", [])
    return (int(entry.site), elements[entry.inputs.index(node)]) if len(elements) == len(entry.inputs) else None


def _entrywise(fault: Fault, site: int) -> int:
    """The forward expression that multiplies a weight entry by entry."""
    view = fault.assessment.trials[0].view
    weight = view.by_key[fault.pairs[0][1]]
    reached = sorted(fault.assessment.trials[0].adjoints.values)
    found = (view.tape.nodes[n] for n in reached if weight in view.tape.nodes[n].inputs)
    return next((int(node.site) for node in found if node.prim == "multiply"), site)


def _factor(view: Any, node: int, named: Named) -> int | None:
    """The operand of a product ``upstream * factor`` that is not the error from above, or that is a mask."""
    entry, local = view.tape.nodes[node], named.local
    if entry.prim != "multiply" or local is None:
        return None
    if local.upstream is None:
        masks = [s for s in entry.inputs if s != CONST and np.isin(view.tape.values[s], (0, 1)).all()]
        wrong = named.prediction is not None and named.prediction.label.startswith("masked")
        return int(masks[0]) if wrong and len(masks) == 1 else None
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


def _made(view: Any, factor: int, site: int, inside: bool, sites: Any) -> int:
    """Where the factor gets its value: in a helper's formula, in a statement of its own, or in the product."""
    own = view.tape.nodes[factor].site
    if inside:
        return int(own)
    stored = [e.site for e in view.tape.events if isinstance(e, Store) and e.node == factor]
    for s in stored:
        if sites[s].scope == sites[site].scope and sites[s].line != sites[site].line:
            return int(s)
    return site


def named_for(view: Any, factor: int, site: int, sites: Any) -> int:
    """Where a value of the forward pass gets the name under which it stands in a product: ``slope = h``."""
    operands = {part.id for part in ast.walk(sites[site].node) if isinstance(part, ast.Name)}
    stored = (e for e in view.tape.events if isinstance(e, Store) and e.node == factor and e.name in operands)
    own = sites[site]
    found = (e.site for e in stored if sites[e.site].scope == own.scope and sites[e.site].line != own.line)
    backward = (s for s in found if isinstance(getattr(sites[s].statement, "value", None), ast.Name | ast.Attribute))
    return int(next(backward, site))


def _scaled_on(view: Any, node: int, sites: Any) -> int:
    """The value under the next name, where all that is done with a value is to multiply it by a constant."""
    nodes = view.tape.nodes
    readers = [n for n in range(node + 1, view.step.stop) if node in nodes[n].inputs]
    if len(readers) != 1 or nodes[readers[0]].prim not in SCALING:
        return node
    other = [s for s in nodes[readers[0]].inputs if s != node]
    constant = all(s == CONST or np.ndim(view.tape.values[s]) == 0 for s in other)
    same = sites[nodes[readers[0]].site].scope == sites[nodes[node].site].scope
    return readers[0] if constant and same else node


def _first_wrong(fault: Fault) -> Pair:
    """The first of the fault's values that is not the true derivative: a line that runs often may be right at first."""
    trial = fault.assessment.trials[0]
    for user, forward in sorted(fault.pairs, key=lambda p: trial.view.by_key[p[0]]):
        true = trial.adjoints.get(trial.view.by_key[forward])
        believed = (believe(trial, [(user, forward)], fault.scale) or {}).get(trial.view.by_key[forward])
        if (
            true is None
            or believed is None
            or not np.allclose(believed, true, rtol=_RIGHT, atol=_RIGHT * np.abs(true).max())
        ):
            return user, forward
    return fault.pairs[0]


def _taken(view: Any, node: int, sites: Any) -> int | None:
    """Where a value is taken from a function whose formula serves other calls as well: it is not at fault."""
    home = sites[view.tape.nodes[node].site]
    made = sum(view.tape.nodes[n].site == home.index for n in range(view.step.start, view.step.stop))
    stored = [e.site for e in view.tape.events if isinstance(e, Store) and e.node == node]
    taken = next((s for s in stored if sites[s].scope != home.scope), None)
    if taken is None:
        return None
    often = sum(isinstance(e, Store) and e.site == taken and within(view, e) for e in view.tape.events)
    return int(taken) if often < made else None
