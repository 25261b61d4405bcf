"""Where a factor or a sign comes into a gradient on its way from the loss to the update."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

import numpy as np

from bpdoctor.identify.clipped import unclipped
from bpdoctor.identify.dependence import ancestors
from bpdoctor.measure.matching import AdjointIndex
from bpdoctor.model.tape import CONST
from bpdoctor.observe.sites import Site, Sites

_NEAR = 1e-6
_PRODUCTS = frozenset({"multiply", "divide", "matmul", "dot"})


def turned_before(state: Any, wrong: Sequence[int], update: Site) -> bool:
    """Whether the sign is lost on the way to the update and not in it.

    Notes
    -----
    Where some parameters descend, the gradient of one that does not is compared with theirs. Where none does, a
    statement that subtracts is as textbooks have it, and one that adds is not; behind a velocity, a gradient of
    the loss's own sign is.
    """
    view = state.trials[0].view
    index = AdjointIndex(state.trials)
    known = ("ok", "scaled")
    right = [k for k in range(len(view.families)) if k not in wrong and state.outcomes[k].status in known]
    mine = _claim_scale(index, view, wrong[0])
    theirs = [s for k in right if (s := _claim_scale(index, view, k)) is not None]
    if mine is not None and theirs:
        return bool(np.sign(mine) != np.sign(theirs[0]))
    if mine is not None and not all(c.plain for c in view.families[wrong[0]].claims):
        return mine < 0
    return _descends(update)


def step_site(view: Any, family: Any) -> int:
    """Where a parameter and its step are put together: in a comprehension or a function, not where that is stored."""
    tape = view.tape
    for u in view.step.parameters[family.claims[0].parameter].updates:
        made = tape.nodes[u.after]
        if made.prim in ("add", "subtract") and u.before in made.inputs and made.site >= 0:
            return int(made.site)
    return int(family.site)


def added_site(view: Any, family: Any) -> int | None:
    """Where what is added to a parameter is computed."""
    terms = [t.node for u in view.step.parameters[family.claims[0].parameter].updates for t in u.terms]
    return next((int(view.tape.nodes[n].site) for n in terms if view.tape.nodes[n].site >= 0), None)


def turning_site(view: Any, family: Any, update: int) -> int:
    """Where a gradient gets the sign of a step: where it is added to a velocity that is then taken as it is.

    One that is subtracted there is a step down already, which the update itself turns.
    """
    nodes = view.tape.nodes
    for u in view.step.parameters[family.claims[0].parameter].updates:
        made = nodes[u.after]
        kept = [s for s in made.inputs if s not in (CONST, u.before)] if u.before in made.inputs else []
        if len(kept) == 1 and nodes[kept[0]].prim == "add" and nodes[kept[0]].site >= 0:
            return int(nodes[kept[0]].site)
    return update


def _descends(update: Site) -> bool:
    """Whether the statement itself subtracts, so that the sign must come from further up."""
    node = update.node
    if isinstance(node, ast.AugAssign | ast.BinOp):
        return isinstance(node.op, ast.Sub)
    value = getattr(update.statement, "value", None)
    return isinstance(value, ast.BinOp) and isinstance(value.op, ast.Sub)


def entry_of(state: Any, k: int, ratio: float, sites: Sites | None = None) -> int | None:
    """Site of the first backward value that carries a factor its upstream does not."""
    trial = state.trials[0]
    view = trial.view
    index = AdjointIndex(state.trials)
    rate = trial.rate[all(c.plain for c in view.families[k].claims)]
    passed: list[float] = []
    final = _claim_scale(index, view, k)
    for n in sorted(_course(view, view.families[k])):
        found = _upright(view, index.matches(view.keys[n])) if n in view.keys else []
        scales = {round(scale, 9) for scale in found}
        if ratio < 0:
            if scales and max(scales) < 0 and rate:
                return _renamed(view, index, n, sites)
            continue
        if len(scales) != 1:
            continue
        scale = found[0]
        if final is not None and abs(scale - final) < _NEAR * abs(final):
            return int(view.keys[n][0]) if passed else _claim_site(view, k)
        passed.append(scale)
    return _claim_site(view, k) if ratio > 0 else None


def _renamed(view: Any, index: AdjointIndex, n: int, sites: Sites | None) -> int:
    """The place of a backward value, or where a forward value got the name under which it is taken for one."""
    site = int(view.keys[n][0])
    if sites is not None:
        from bpdoctor.diagnose.handed import aliased
        from bpdoctor.diagnose.spot import named_for

        if n in view.forward:
            return next(aliased(view, n, sites), site)
        for taken in view.tape.nodes[n].inputs:
            if (
                taken in view.forward
                and taken in view.keys
                and any(m.scale < 0 for m in index.matches(view.keys[taken]))
            ):
                return int(named_for(view, taken, site, sites))
    return site


def _upright(view: Any, matches: list[Any]) -> list[float]:
    """By what a backward value is a multiple of true adjoints, each as if what has it were not turned round.

    ``-z`` inside a logistic function, ``-x @ w``, or ``y - out`` inside a square have the adjoint of what they are
    made from with the other sign.
    """
    nodes = view.tape.nodes
    scales = {n: -m.scale if _negated(nodes, n) else m.scale for m in matches for n in [view.by_key[m.forward]]}
    turned = {n for n, scale in scales.items() if any(scales.get(s, scale) * scale < 0 for s in nodes[n].inputs)}
    return [scale for n, scale in scales.items() if n not in turned]


def _negated(nodes: Any, n: int) -> bool:
    """Whether a value is the negative of another, or a product with one."""
    node = nodes[n]
    if node.prim == "negative":
        return True
    return node.prim in _PRODUCTS and sum(s != CONST and nodes[s].prim == "negative" for s in node.inputs) == 1


def own_site(state: Any, k: int, entry: int | None) -> int | None:
    """The place at fault, which right gradients do not pass: the last one of this gradient's own.

    Where one code serves all layers, the first of its own values that has the factor, as against what it shares
    with right gradients.
    """
    view = state.trials[0].view
    right = [f for f, o in zip(view.families, state.outcomes, strict=True) if o.status == "ok"]
    passed = set().union(*(_course(view, f) for f in right))
    shared = {view.tape.nodes[n].site for n in passed}
    if entry is None or entry not in shared:
        return entry
    within = _course(view, view.families[k]) - view.starts
    index, ratio = AdjointIndex(state.trials), state.outcomes[k].scale
    common = [s for n in sorted(within & passed) if (s := _one_scale(view, index, n))]
    for n in sorted(within - passed) if common else ():
        scale = _one_scale(view, index, n)
        if scale and abs(scale - common[-1] * ratio) < _NEAR * abs(scale):
            return int(view.keys[n][0])
    own = [n for n in within if n in view.keys and view.keys[n][0] not in shared]
    return int(view.keys[max(own)][0]) if own else entry


def shared_entry(state: Any, k: int, entry: int | None, others: Sequence[int]) -> int | None:
    """Where the same factor comes into other gradients, if this one is made of that and shows no place of its own."""
    view = state.trials[0].view
    if entry != _claim_site(view, k):
        return entry
    made = {view.keys[n][0] for n in _course(view, view.families[k]) if n in view.keys}
    same = (own_site(state, j, entry_of(state, j, state.outcomes[j].scale)) for j in others if j != k)
    return next((site for site in same if site is not None and site in made), entry)


def _course(view: Any, family: Any) -> set[int]:
    """What a gradient is made of, without the number by which all are clipped: that is made of all."""
    whole: set[int] = view.backward(family)
    claims = [c.node for c in family.claims if c.node in view.keys]
    roots = [view.by_key[unclipped(view, view.keys[n])] for n in claims]
    return whole if roots == claims else ancestors(view.tape, roots, dict.fromkeys(whole, 0))


def _one_scale(view: Any, index: AdjointIndex, n: int) -> float | None:
    """By what a backward value is a multiple of a true adjoint, where that is one number."""
    found = _upright(view, index.matches(view.keys[n])) if n in view.keys else []
    return found[0] if len({round(scale, 9) for scale in found}) == 1 else None


def _claim_scale(index: AdjointIndex, view: Any, k: int) -> float | None:
    """Factor of the claimed gradient itself, before the rate and before all are clipped."""
    node = view.families[k].claims[0].node
    matches = index.matches(unclipped(view, view.keys[node])) if node in view.keys else []
    return matches[0].scale if matches else None


def _claim_site(view: Any, k: int) -> int | None:
    """Where the claimed gradient is computed: a factor that is missing is missing there."""
    node = view.families[k].claims[0].node
    return None if node is None or node not in view.keys else int(view.keys[node][0])
