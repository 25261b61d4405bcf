"""Which of the losses that explain the updates is the one the program means."""

from __future__ import annotations

import ast
from collections.abc import Collection

import numpy as np

from bpdoctor.identify.dependence import PARAMETERS, STATE, ancestors
from bpdoctor.measure.assess import Assessment
from bpdoctor.measure.averages import averages
from bpdoctor.measure.beside import Beside, beside
from bpdoctor.measure.hypotheses import declared_form
from bpdoctor.measure.view import View
from bpdoctor.model.tape import CONST
from bpdoctor.observe.sites import Site, Sites

_NEAR = 1e-6


def ranked(tried: list[Assessment], sites: Sites) -> list[Assessment]:
    """Loss hypotheses, the likeliest first: most agreement, the sign of a descent, the direction of the updates."""
    return sorted(
        _unless_parts(_of_one_sign(tried, sites), sites),
        key=lambda a: (
            -_explained(a), rate_sign(a), a.form == "absolute error", a.inferred, -_terms(a), not declared_form(a),
            -_alikeness(a), _runs_on(a), tried.index(a),
        ),
    )  # fmt: skip


def _explained(assessment: Assessment) -> int:
    """How many families agree with a loss, or would if an averaging that it does itself were done once."""
    node = assessment.trials[0].candidate.node
    off = [abs(o.scale) for o in assessment.outcomes if o.status == "scaled"]
    held = averages(assessment.trials[0].view.tape, node) if node is not None and assessment.agreeing and off else ()
    return assessment.agreeing + sum(any(abs(max(s, 1 / s) / n - 1) < _NEAR for n in held) for s in off if s)


def declared(settled: list[Assessment], sites: Sites) -> Assessment:
    """The loss that the program names, among scalars whose gradients all agree with the claims.

    Notes
    -----
    On the way to the loss stand its negative and its parts, after it running means. The most downstream
    value of a whole statement has the loss's sign; the earliest such value of that sign is the loss. A loss
    that holds in all steps is preferred to one that only some of them compute.
    """
    most = max(len(a.trials) for a in settled)
    settled = [a for a in settled if len(a.trials) == most]
    computed = [a for a in settled if not a.inferred]
    first = min(map(_position, computed), default=0)
    computed = [a for a in computed if not _passed_back(a, first)] or computed
    if not computed:
        return min(settled, key=rate_sign)
    whole = [a for a in computed if _is_statement(a, sites)] or computed
    sign = rate_sign(max(whole, key=_position))
    return min((a for a in whole if rate_sign(a) == sign), key=_position)


def printed(settled: list[Assessment]) -> Assessment | None:
    """The loss that only some of the steps compute: what is printed, the last number that falls as they descend."""
    return max((a for a in settled if not a.inferred and not rate_sign(a)), key=_position, default=None)


def _passed_back(a: Assessment, loss: int) -> bool:
    """Whether the expression that makes the gradients made a number, from others that it made after the loss.

    An engine of scalars gives constants a gradient as well: that of the number of samples is the loss, times a
    constant.
    """
    tape, n = a.trials[0].view.tape, _position(a)
    site = tape.nodes[n].site
    if not any(c.node is not None and tape.nodes[c.node].site == site for c in a.trials[0].view.claims):
        return False
    made = ancestors(tape, [n], a.trials[0].view.masks)
    return any(loss < m < n and tape.nodes[m].site == site for m in made)


def _of_one_sign(tried: list[Assessment], sites: Sites) -> list[Assessment]:
    """Without the negatives of the loss that stand on the way to it, where the statement below tells the sign."""
    whole = [a for a in tried if not a.inferred and a.agreeing and _is_statement(a, sites)]
    if not whole:
        return tried
    last = max(whole, key=_position)

    def negative(a: Assessment) -> bool:
        alike = [x.status for x in a.outcomes] == [x.status for x in last.outcomes]
        return alike and not a.inferred and rate_sign(a) != rate_sign(last)

    return [a for a in tried if not negative(a)]


def _runs_on(assessment: Assessment) -> bool:
    """Whether a scalar is a sum that goes on from step to step, as ``total += loss`` and running means are."""
    trial = assessment.trials[0]
    node, masks = trial.candidate.node, trial.view.masks
    if node is None or trial.view.tape.nodes[node].prim != "add":
        return False
    ours = [s != CONST and bool(masks.get(s, 0) & PARAMETERS) for s in trial.view.tape.nodes[node].inputs]
    return any(ours) and not all(ours)


def _unless_parts(tried: list[Assessment], sites: Sites) -> list[Assessment]:
    """Without what only stands as a summand in the statement of another loss: nobody means that alone."""
    stated = (a for a in tried if not a.inferred and _is_statement(a, sites) and not _runs_on(a))
    whole = [a for a in stated if declared_form(a)]

    def part(a: Assessment) -> bool:
        given = [w.trials[0].adjoints.get(_position(a)) for w in whole if w is not a]
        return any(g is not None and np.all(g == 1) for g in given)

    return [a for a in tried if a.inferred or _is_statement(a, sites) or not part(a)]


def _terms(assessment: Assessment) -> int:
    return len(assessment.trials[0].candidate.scalars)


def _position(assessment: Assessment) -> int:
    return assessment.trials[0].candidate.node or 0


def is_stated(assessment: Assessment, sites: Sites) -> bool:
    """Whether a loss is a number that a statement of the program computes."""
    return not assessment.inferred and _is_statement(assessment, sites)


def _is_statement(assessment: Assessment, sites: Sites) -> bool:
    return is_statement(sites[assessment.trials[0].view.tape.nodes[_position(assessment)].site])


def _is_added(assessment: Assessment, sites: Sites) -> bool:
    """Whether a statement only adds a number to a total."""
    site = sites[assessment.trials[0].view.tape.nodes[_position(assessment)].site]
    return isinstance(site.statement, ast.AugAssign) and site.statement.value is site.node


def is_statement(site: Site) -> bool:
    """Whether an expression is all that a statement computes or appends, or one of several values side by side."""
    value = getattr(site.statement, "value", None)
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "append":
        return site.node in value.args
    values = value.elts if isinstance(value, ast.Tuple) else [value]
    values = [v.body if isinstance(v, ast.Lambda) else v for v in values]  # a function in one line returns it
    return site.statement is site.node or (site.node in values and isinstance(site.statement, ast.Assign | ast.Return))


def rate_sign(assessment: Assessment) -> int:
    return int(any(r < 0 for t in assessment.trials for r in t.rate.values()))


def _alikeness(assessment: Assessment) -> float:
    """How far the updates point along the reference, in tenths: the cosine over all entries and steps."""
    x, y = [], []
    for trial in assessment.trials:
        for family in trial.view.families:
            reference = family.reference(trial.view.step, trial.adjoints)
            if reference is not None and np.size(reference) == np.size(family.change):
                x.append(np.ravel(family.change))
                y.append(np.ravel(reference))
    if not x:
        return 0.0
    one, other = np.concatenate(x).astype(np.float64), np.concatenate(y).astype(np.float64)
    with np.errstate(all="ignore"):
        cosine = float(one @ other / (np.linalg.norm(one) * np.linalg.norm(other)))
    return round(cosine, 1) if np.isfinite(cosine) else 0.0


def other_loss(assessment: Assessment, settled: set[str]) -> bool:
    """Whether a computed scalar is another loss than those the gradient belongs to.

    A penalty makes another loss of it. Nobody means the absolute error who computes something else: there
    any computed loss counts.
    """
    form = declared_form(assessment)
    if form in settled:
        # The same loss of the outputs, and something of the parameters beside it.
        return any(o.status == "wrong" for o in assessment.outcomes)
    if form:
        return True
    named = settled == {"absolute error"} and bool(assessment.trials[0].candidate.pairs)
    return named and not _of_gradients(assessment)


def of_its_own(tried: list[Assessment], settled: set[str], sites: Sites) -> tuple[list[Assessment], list[Assessment]]:
    """Computed scalars of no standard form that are losses all the same; and those that may be one.

    Only what a whole statement computes: on the way to it stand all sorts of numbers. What an optimiser keeps (the
    square of a single bias's gradient) is none of them.
    """
    found: dict[Beside, list[Assessment]] = {"loss": [], "unlike": []}
    for a in tried:
        said = not a.inferred and (_is_statement(a, sites) or _is_added(a, sites))
        if said and not _of_gradients(a) and not declared_form(a):
            found.setdefault(beside(a, settled), []).append(a)
    return found["loss"], found["unlike"]


def _of_gradients(a: Assessment) -> bool:
    """Whether a number is made of a gradient, or of what was kept of those before, in this step or the next."""
    view = a.trials[0].view
    if _position(a) >= view.step.stop:
        return True
    made = ancestors(view.tape, [_position(a)], view.masks)
    return bool(view.masks.get(_position(a), 0) & STATE) or any(c.node in made for c in view.claims)


def wholes(tried: list[Assessment], settled: list[Assessment], sites: Sites) -> list[Assessment]:
    """Losses of whole statements that do not explain the updates, where only a term of them does.

    ``loss = data + penalty`` of which `data` alone is descended. A running mean of the loss has it as a term
    too, with another factor than 1. Where the rest of an update was taken for a decay, any loss counts that has
    what is descended as a part: its penalty is that rest.
    """
    parts = {_position(a) for a in settled if not a.inferred}
    apart = all(a.indirect for a in settled)
    out = []
    for a in tried:
        if a.inferred or a.settled or not (_is_statement(a, sites) or _is_added(a, sites)):
            continue
        if descended_term(a, settled) is not None:
            out.append(a)
        elif apart or declared_form(a) or _penalised(a, parts):
            adjoints = a.trials[0].adjoints
            given = [adjoints.get(part) for part in parts]
            if any(g is not None and (np.any(g) if apart else np.all(g == 1)) for g in given):
                out.append(a)
    return out


def descended_term(whole: Assessment, settled: list[Assessment]) -> Assessment | None:
    """Of a sum the one summand that is descended, where the others are made of the same forward pass."""
    view = whole.trials[0].view
    parts = [a for a in settled if not a.inferred and a.trials[0].view is view and _position(a) != _position(whole)]
    given = [(part, whole.trials[0].adjoints.get(_position(part))) for part in parts if not _runs_on(whole)]
    terms = [part for part, g in given if g is not None and np.all(np.abs(g) == 1)]
    if not any(_of_activations(view, whole, part) for part in terms):
        return None
    # The last that falls is the whole summand, with its factor.
    return max((a for a in parts if not rate_sign(a)), key=_position, default=terms[0])


def _of_activations(view: View, whole: Assessment, part: Assessment) -> bool:
    """Whether what is added is made of something of the part's forward pass, the parameters themselves aside."""
    own = ancestors(view.tape, [_position(part)], view.masks)
    rest = ancestors(view.tape, [_position(whole)], view.masks) - own
    shared = {s for n in rest for s in view.tape.nodes[n].inputs if s in own and view.masks.get(s, 0) & PARAMETERS}
    return bool(shared - {c.start for c in view.step.parameters} - {_position(part)})


def _penalised(assessment: Assessment, parts: Collection[int]) -> bool:
    """Whether a scalar is one of the parts and something made of the parameters alone, whatever outputs it has.

    A loss may have a forward pass of its own, of which no output is known.
    """
    view = assessment.trials[0].view
    node = view.tape.nodes[_position(assessment)]
    rest = [s for s in node.inputs if s != CONST and s not in parts]
    if node.prim != "add" or len(rest) != 1 or rest[0] not in view.forward:
        return False
    made = ancestors(view.tape, rest, view.masks)
    read = (s for n in made - view.starts for s in view.tape.nodes[n].inputs if s != CONST and s not in made)
    return all(np.size(view.tape.values[s]) == 1 for s in read)
