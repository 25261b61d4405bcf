"""Which named fault a wrong value is: every rule's prediction against it, the closest exact one wins."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from bpdoctor.autodiff.mistakes import fused
from bpdoctor.diagnose.apart import through_units
from bpdoctor.diagnose.believed import Fault, believing, shaped
from bpdoctor.diagnose.caches import Cause
from bpdoctor.diagnose.links import structures_of
from bpdoctor.diagnose.place import local_of
from bpdoctor.diagnose.reach import descendants
from bpdoctor.diagnose.repeated import overwritten
from bpdoctor.model.evidence import Local, Prediction
from bpdoctor.model.record import record
from bpdoctor.model.rule import Rule

EXACT = 1e-8
_LEFT_OUT = "missing-activation-derivative"
_WITHOUT_FACTOR = (_LEFT_OUT, "loss-delta-mismatch")
Fitted = tuple[float, Rule, Prediction]
# Rules of activations: what looks like one behind the network's output is a part of the loss.
_OF_UNITS = frozenset({"upstream", "handed on", "factor", "formula"})
# In single precision: how far off a prediction may be, and by how much worse than the best one.
_SINGLE = 2e-4
_CLOSER = 20.0
_MOST_CELLS = 40
# Errors above an activation that are too small to divide by; how many are needed to see a function, and how
# much less it varies from entry to entry in the order of its argument than in another order.
_FAINT, _FEWEST, _SMOOTH = 1e-3, 30, 0.1
# Where predictions coincide the more specific cause is named: a rule earlier in this list wins.
PRECEDENCE = (
    "clipped-loss-gradient",
    "gate-derivative-missing",
    "double-activation-derivative",
    "activation-formula-on-preactivation",
    "activation-derivative-of-gradient",
    "missing-activation-derivative",
    "activation-slope-mismatch",
    "unneeded-output-derivative",
    "loss-delta-mismatch",
    "softmax-jacobian",
    "wrong-activation-derivative",
    "missing-upstream-gradient",
    "elementwise-for-matmul",
    "transposed-gradient",
    "reshape-for-transpose",
    "batchnorm-gradient",
    "attention-gradient",
    "dropout-mask",
    "pooling-gradient",
    "embedding-gradient",
    "im2col-gradient",
    "conv-gradient",
    "transposed-weights",
    "shared-weight-gradient-overwritten",
    "recurrent-gradient-not-carried",
    "residual-gradient-missing",
    "backpropagated-error-wrong",
    "bias-gradient-scale",
    "bias-gradient-axis",
    "bias-update",
    "regularisation-gradient-missing",
    "regularisation-gradient-sign",
    "regularisation-gradient-scale",
    "weight-gradient-wrong-input",
    "loss-derivative",
)


@record(eq=False)
class Named:
    """A rule that explains a fault, with the residual of its prediction over all steps.

    Where none does, `layer` is what kind of layer the wrong value belongs to. `cause` is the array that was read
    for another, where the formula is right but for that.
    """

    rule: Rule | None
    prediction: Prediction | None
    residual: float
    local: Local | None
    runner_up: float
    others: tuple[str, ...]
    layer: str = ""
    cause: Cause | None = None


def name(fault: Fault, rules: Sequence[Rule], units: Sequence[Any]) -> Named:
    """Compare every rule's prediction with the user's value, on all steps and all executions."""
    cells = _cells(fault, units)
    if not cells:
        return Named(None, None, np.inf, None, np.inf, ())
    found, exact, limit = _fitting(cells, rules, fault)
    if not exact and not after_network(fault) and (parts := through_units(cells)):
        found, exact, limit = _fitting(parts, [r for r in rules if r.unit], fault)
    if any(f[1].place in _OF_UNITS for f in exact) and _in_loss(fault):
        exact = [f for f in exact if f[1].place not in _OF_UNITS]
    near = min((r for r, _, _ in found if r > limit), default=np.inf)
    if not exact:
        layer = _layer(cells[0][0], fault)
        whole = overwritten(fault, rules)
        if whole is not None:
            # Of a layer with windows that is the layer's own mistake.
            return Named(None if layer else whole[0], whole[1], whole[2], cells[0][0], near, (), layer)
        layer = layer or ("activation" if _of_the_input(cells, fault) else "")
        return Named(None, None, min((r for r, _, _ in found), default=np.inf), cells[0][0], near, (), layer)
    if any(f[1].slug in _WITHOUT_FACTOR for f in exact) and not _factors(fault, lambda x: True):
        # Of an error near 0 every function is its value at 0, and of one sample a mask may be 1 throughout: where
        # no factor stands, none was taken at the error.
        exact = [f for f in exact if f[1].slug != "activation-derivative-of-gradient"]
    exact.sort(key=lambda f: (_rank(f[1].slug), f[1].code))
    residual, rule, prediction = exact[0]
    if rule.slug == _LEFT_OUT and _factors(fault, lambda x: bool(np.all(np.asarray(x) == 1))):
        rule = next((r for r in rules if r.slug == "wrong-activation-derivative"), rule)
        prediction = replace(prediction, note="∂L/∂a · 1, a factor that is 1 everywhere")
    return Named(rule, prediction, residual, cells[0][0], near, tuple(dict.fromkeys(f[1].slug for f in exact[1:])))


def _fitting(
    cells: Sequence[tuple[Local, Any]], rules: Sequence[Rule], fault: Fault
) -> tuple[list[Fitted], list[Fitted], float]:
    """All predictions with their misfits; those that are exact, and what counts as that."""
    # The first step may be one in which the fault makes no difference: a gain that is 1 still.
    told = sorted(cells, key=_same)
    found: list[Fitted] = []
    for rule in rules:
        if rule.predict is not None:
            found.extend((residual, rule, p) for residual, p in _compared(rule, told, max(EXACT, _rounding(fault))))
    least = min((r for r, _, _ in found), default=np.inf)
    limit = max(EXACT, min(_rounding(fault), _CLOSER * least))
    return found, [f for f in found if f[0] <= limit], limit


def _same(cell: tuple[Local, Any]) -> bool:
    true = np.asarray(cell[0].true)
    return np.size(cell[1]) == true.size and bool(np.allclose(np.ravel(cell[1]), np.ravel(true), rtol=1e-9, atol=0))


def _layer(local: Local, fault: Fault) -> str:
    """The layer that lies between a place and the right value above it; without one, where it leads first."""
    bounded = fault.upstream is not None
    # A square behind the network's end is a term of the loss, whatever it looks like.
    inside = local.role != "activation" or getattr(local.activation, "name", "") == "square"
    if after_network(fault) and (inside or _in_loss(fault) or (not bounded and fused(local))):
        return "output"
    found = [x.layer for x in local.links[: None if bounded else 1]]
    return next((layer for layer in found if layer not in ("", "skip", "time")), "")


def _in_loss(fault: Fault) -> bool:
    """Whether a place is computed from the network's output: a residual, and what is a kink there is the loss's."""
    trial = fault.assessment.trials[0]
    outputs = {o for o, _ in trial.candidate.pairs}
    places = {trial.view.by_key[forward] for _, forward in fault.pairs}
    after = descendants(trial.view.tape, list(outputs), set(trial.adjoints.values))
    return bool(outputs) and not outputs & places and places <= after


def _of_the_input(cells: Sequence[tuple[Local, Any]], fault: Fault) -> bool:
    """Whether the error below an activation is the one above it times some function of the activation's input."""
    if fault.upstream is None or any(local.role != "activation" or local.upstream is None for local, _ in cells):
        return False
    z, user, above = (
        np.concatenate([np.ravel(x) for x in column])
        for column in zip(*((local.value, value, local.upstream) for local, value in cells), strict=True)
    )
    if not z.size == user.size == above.size:
        return False
    known = np.abs(above) > _FAINT * np.abs(above).max()
    if known.sum() < _FEWEST or not np.isfinite(user).all():
        return False
    factor = (user[known] / above[known])[np.argsort(z[known], kind="stable")]
    shuffled = np.random.default_rng(0).permutation(factor)
    return bool(np.abs(np.diff(factor)).sum() < _SMOOTH * np.abs(np.diff(shuffled)).sum())


def after_network(fault: Fault) -> bool:
    """Whether no parameter comes between a place and the loss: what is wrong there is the loss's own derivative."""
    trial = fault.assessment.trials[0]
    nodes, by_key = trial.view.tape.nodes, trial.view.by_key
    places = [by_key[forward] for _, forward in fault.pairs]
    after = descendants(trial.view.tape, places, {n for n in trial.adjoints.values if n > min(places)})
    return not any(trial.view.starts & set(nodes[n].inputs) for n in after - set(places))


def _compared(rule: Rule, cells: list[tuple[Local, Any]], exact: float) -> Iterator[tuple[float, Prediction]]:
    """Each prediction of a rule with its misfit: over all cells where the first does not yet rule it out."""
    (first, user), rest = cells[0], cells[1:]
    alive: dict[str, Prediction] = {}
    for label, prediction in _predictions(rule, first, np.size(user)).items():
        residual = _residual([prediction], [user])
        if rest and (residual is None or residual <= exact or prediction.free):
            alive[label] = prediction
        elif residual is not None:
            yield residual, prediction
    for label, made in _followed(rule, alive, rest, exact).items():
        residual = _residual(made, [value for _, value in cells])
        if residual is not None:
            yield residual, alive[label]


def _followed(
    rule: Rule, alive: dict[str, Prediction], rest: list[tuple[Local, Any]], exact: float
) -> dict[str, list[Prediction]]:
    """Predictions of the same labels for the other cells, as long as they fit."""
    made = {label: [p] for label, p in alive.items()}
    for local, user in rest:
        if not made:
            break
        told = replace(local, links=tuple(x for x in local.links if x.label in made))
        table = _predictions(rule, told, np.size(user))
        for label in list(made):
            first = made[label][0]
            if label not in table and not first.elsewhere:
                del made[label]
                continue
            made[label].append(table[label] if label in table else replace(first, value=local.true))
            misfit = None if first.free else _residual(made[label][-1:], [user])
            if misfit is not None and misfit > exact * 100:
                del made[label]
    return made


def _rounding(fault: Fault) -> float:
    """What single precision leaves of an exact prediction; 0 for doubles."""
    view = fault.assessment.trials[0].view
    value = view.tape.values[view.by_key[fault.pairs[0][0]]]
    return _SINGLE if getattr(value, "dtype", None) == np.float32 else 0.0


def _factors(fault: Fault, fits: Callable[[Any], bool]) -> bool:
    """Whether such a factor stands where f' belongs: 1 throughout is ``a >= 0`` on the outputs of a ReLU."""
    for trial in fault.assessment.trials:
        view = trial.view
        node = view.tape.nodes[view.by_key[fault.pairs[0][0]]]
        shape = np.shape(view.tape.values[view.by_key[fault.pairs[0][0]]])
        factors = [view.tape.values[s] for s in node.inputs if s in view.masks] if node.prim == "multiply" else []
        if not any(np.shape(x) == shape and fits(x) for x in factors):
            return False
    return True


def _rank(slug: str) -> int:
    return PRECEDENCE.index(slug) if slug in PRECEDENCE else len(PRECEDENCE)


def _cells(fault: Fault, units: Sequence[Any]) -> list[tuple[Local, Any]]:
    """(what the rules see, the user's value at true scale) for each step and execution."""
    out = []
    for trial in fault.assessment.trials:
        structures_of(trial, units)  # recognised once, whatever is believed
        seen = believing(trial, fault)
        # The earliest value first: what is altered later acts on it, and it tells most.
        order = sorted(fault.pairs, key=lambda p: trial.view.by_key.get(p[1], -1))
        for user, forward in order[:_MOST_CELLS]:
            local = local_of(seen, forward, units, fault.upstream)
            u = trial.view.by_key.get(user)
            if local is None or u is None:
                continue
            raw = np.asarray(trial.view.tape.values[u], dtype=np.float64)
            if fault.misshapen and raw.shape == np.shape(local.value):
                continue  # the parameter has grown to the shape of what was added to it
            value = shaped(raw, np.shape(local.value))
            out.append((replace(local, scale=fault.scale), (raw if value is None else value) / fault.scale))
    return out


def _predictions(rule: Rule, local: Local, size: int) -> dict[str, Prediction]:
    assert rule.predict is not None
    out: dict[str, Prediction] = {}
    with np.errstate(all="ignore"):
        for p in rule.predict(local):
            if np.size(p.value) == size:
                out.setdefault(p.label, p)
    return out


def _residual(predictions: list[Prediction], values: list[Any]) -> float | None:
    """Largest misfit over all cells, relative to the largest entry; one common factor where that is free."""
    x = np.concatenate([np.ravel(v) for v in values])
    y = np.concatenate([np.ravel(np.asarray(p.value, dtype=np.float64)) for p in predictions])
    if x.size != y.size or not np.isfinite(y).all():
        return None
    if not x.any() or not y.any():
        return 1.0 if x.any() or y.any() else None
    if predictions[0].free:
        if x.size < 4 or np.ptp(y) <= EXACT * np.abs(y).max():
            return None  # of what is the same throughout, everything else is a multiple too
        y = y * (float(np.dot(x, y)) / float(np.dot(y, y)))
    return float(np.abs(x - y).max() / max(np.abs(x).max(), np.abs(y).max()))
